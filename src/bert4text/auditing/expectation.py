"""What an honest reader can expect of a corpus: a score out of sample, before and after the remedies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bert4text.auditing.checks import Context
from bert4text.auditing.crossfit import Sample
from bert4text.core.evaluation import Metric
from bert4text.core.issue import Issue
from bert4text.core.messages import N_
from bert4text.data.config import PrepareConfig
from bert4text.data.visible import visible_text

CHECK = "honest-score"


def expected(found: Sequence[Issue], context: Context) -> Iterator[Issue]:
    """Tell what a simple reader scores out of sample, and what is left without what is to be dropped.

    Args:
        found: what the checks found; their remedies are tried.
        context: of the audit.
    """
    sample = context.sample
    if not sample.usable:
        return
    sections, sentences = (_dropped(found, f"prepare.{name}.drop") for name in ("sections", "sentences"))
    answers = {"as it is": sample.unseen}
    if sections or sentences:
        config = PrepareConfig.parse(
            {"sections": {"drop": sections}, "sentences": {"drop": sentences}}, section="prepare"
        )
        answers["remedied"] = sample.answers(
            [visible_text(text, config, labels=sample.names) for text in sample.texts]
        )
    figures, _ = sample.compared(answers)
    before = figures["as it is"]
    if "remedied" not in answers:
        yield _issue(before, sample, code="honest-score", message=_PLAIN, sections=[])
        return
    message = _REMEDIED if not sentences else _BOTH if sections else _SENTENCES
    yield _issue(
        figures["remedied"],
        sample,
        code="honest-score-remedied",
        message=message,
        sections=sections,
        before=before,
    )


_PLAIN = N_(
    "a simple reader (TF-IDF) reaches a macro-F1 of {value} on reports it has not seen "
    "(from {low} to {high}): a model should do better"
)
_REMEDIED = N_(
    "without {sections} a simple reader (TF-IDF) reaches a macro-F1 of {value} on reports it has not seen "
    "(from {low} to {high}); with them {before}: the difference was no reading"
)

_SENTENCES = N_(
    "without the sentences that say it a simple reader (TF-IDF) reaches a macro-F1 of {value} on reports it "
    "has not seen (from {low} to {high}); with them {before}: the difference was no reading"
)
_BOTH = N_(
    "without {sections} and the sentences that say it a simple reader (TF-IDF) reaches a macro-F1 of {value} "
    "on reports it has not seen (from {low} to {high}); with them {before}: the difference was no reading"
)


def _dropped(found: Iterable[Issue], key: str) -> list[str]:
    """What the remedies of errors drop under a key."""
    errors = (issue for issue in found if issue.severity == "error")
    return sorted({str(name) for issue in errors for name in (issue.remedy or {}).get(key, ())})


def _issue(
    figure: Metric,
    sample: Sample,
    *,
    code: str,
    message: str,
    sections: list[str],
    before: Metric | None = None,
) -> Issue:
    return Issue(
        check=CHECK,
        severity="info",
        code=code,
        message=message,
        values={
            "value": figure.value,
            "low": figure.low,
            "high": figure.high,
            "total": len(sample),
            "sections": sections,
            **({} if before is None else {"before": before.value}),
        },
        reports=len(sample),
    )
