"""What an honest reader can expect of a corpus: a score out of sample, before and after the remedies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bert4text.auditing.checks import Context
from bert4text.auditing.crossfit import Sample
from bert4text.core.evaluation import Metric
from bert4text.core.issue import Issue
from bert4text.core.messages import N_
from bert4text.core.sections import without_sections

CHECK = "honest-score"


def expected(found: Sequence[Issue], context: Context) -> Iterator[Issue]:
    """Tell what a simple reader scores out of sample, and what is left without the sections to be dropped.

    Args:
        found: what the checks found; their remedies are tried.
        context: of the audit.
    """
    sample = context.sample
    if not sample.usable:
        return
    sections = sorted(_sections(found))
    answers = {"as it is": sample.unseen}
    if sections:
        answers["remedied"] = sample.answers([without_sections(text, set(sections)) for text in sample.texts])
    figures, _ = sample.compared(answers)
    before = figures["as it is"]
    if not sections:
        yield _issue(before, sample, code="honest-score", message=_PLAIN, sections=[])
        return
    after = figures["remedied"]
    yield _issue(
        after, sample, code="honest-score-remedied", message=_REMEDIED, sections=sections, before=before
    )


_PLAIN = N_(
    "a simple reader (TF-IDF) reaches a macro-F1 of {value} on reports it has not seen "
    "(from {low} to {high}): a model should do better"
)
_REMEDIED = N_(
    "without {sections} a simple reader (TF-IDF) reaches a macro-F1 of {value} on reports it has not seen "
    "(from {low} to {high}); with them {before}: the difference was no reading"
)


def _sections(found: Iterable[Issue]) -> set[str]:
    """The sections that the remedies drop."""
    return {
        str(name)
        for issue in found
        if issue.severity == "error"
        for name in (issue.remedy or {}).get("prepare.sections.drop", ())
    }


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
