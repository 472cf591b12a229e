"""The verdict page of an audit: verdict first, then what to expect, what would mend it, and each finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bert4text.auditing.excerpts import Excerpt
from bert4text.auditing.expectation import CHECK as EXPECTED
from bert4text.auditing.remedies import as_toml, proposed
from bert4text.auditing.wording import COSTS, TITLES
from bert4text.core.config import toml_value
from bert4text.core.corpus import Corpus
from bert4text.core.evaluation import Metric
from bert4text.core.issue import Evidence, FailOn, Issue, blocking
from bert4text.core.messages import N_, Translator
from bert4text.core.page import render
from bert4text.evaluation.forest import Row, interval_plot

SEVERITIES = {"error": N_("errors"), "warning": N_("warnings"), "info": N_("notes")}
SECTIONS = "sections-alone"


@dataclass(frozen=True, repr=False)  # excerpts hold text
class Finding:
    """One finding as the page tells it; every string is in the language of the page."""

    severity: str
    title: str
    sentence: str
    cost: str
    accepted: bool
    blocks: bool
    check: str
    head: list[str]
    rows: list[list[str]]
    sources: str
    remedy: list[str]
    excerpts: Sequence[Excerpt]


def audit_page(
    corpus: Corpus,
    issues: Sequence[Issue],
    *,
    fail_on: FailOn,
    translator: Translator,
    excerpts: Mapping[int, Sequence[Excerpt]] | None = None,
    name: str = "corpus.parquet",
) -> str:
    """Write what the audit found as HTML.

    Args:
        corpus: what was examined.
        issues: what was found, the gravest first.
        fail_on: what stops the training.
        translator: the language of the page.
        excerpts: pieces of reports by position of the finding, where the user asked to see text.
        name: of the corpus's file, for the commands to type.

    Returns:
        One page without script or outside address; without ``excerpts`` it holds no report text.
    """
    _ = translator
    stopping = blocking(issues, fail_on=fail_on)
    findings = [
        _finding(issue, (excerpts or {}).get(place, ()), stops=issue in stopping, translator=_)
        for place, issue in enumerate(issues)
        if issue.check != EXPECTED
    ]
    remedies = proposed(issues)
    values = {
        "verdict": _verdict(issues, stopping, translator=_),
        "facts": _facts(corpus, translator=_),
        "expected": _expected(issues, translator=_),
        "figure": _figure(issues, translator=_),
        "counts": [
            (severity, _(word), sum(one.severity == severity for one in findings))
            for severity, word in SEVERITIES.items()
        ],
        "findings": findings,
        "remedies": as_toml(remedies),
        "settings": _settings(issues),
        "name": name,
        "shows_text": bool(excerpts),
        "synthetic": corpus.synthetic,
        "total": len(corpus),
        "fingerprint": corpus.fingerprint[:16],
    }
    return render("bert4text.auditing", "audit.html", values, translator=translator)


def _verdict(
    issues: Sequence[Issue], stopping: Sequence[Issue], *, translator: Translator
) -> tuple[str, str]:
    """Tone and sentence."""
    _ = translator
    if stopping:
        titles = list(dict.fromkeys(_(TITLES.get(issue.check, issue.check)) for issue in stopping))
        return "bad", _(
            "No model should be trained on this corpus as it is. What stands against it: {titles}.",
            titles="; ".join(titles),
        )
    if any(issue.severity == "error" for issue in issues):
        return "warn", _("Errors were found and let through by name: what is trained here must say so.")
    if any(issue.severity == "warning" for issue in issues):
        return "warn", _("Nothing blocks the training, but there are warnings worth reading first.")
    return "good", _("Nothing was found that blocks the training or deserves a warning.")


def _facts(corpus: Corpus, *, translator: Translator) -> list[tuple[str, str]]:
    _ = translator
    summary = corpus.summary()

    def counts(values: Mapping[str, int]) -> str:
        return ", ".join(f"{name} {_.integer(count)}" for name, count in values.items()) or "–"

    return [
        (_("reports"), _.integer(summary["reports"])),
        (_("patients"), _("not known") if summary["patients"] is None else _.integer(summary["patients"])),
        (_("labels"), counts(summary["labels"])),
        (_("splits"), counts(summary["splits"])),
        (_("language"), str(summary["language"] or "?")),
    ]


def _expected(issues: Sequence[Issue], *, translator: Translator) -> list[str]:
    """What an honest reader can expect, and the ceiling that doubtful labels set."""
    wanted = [issue for issue in issues if issue.check == EXPECTED or issue.code == "doubted-labels"]
    return [_sentence(translator.issue(issue)) for issue in wanted]


def _figure(issues: Sequence[Issue], *, translator: Translator) -> str | None:
    """The score of a simple reader: whole reports, without what is to be dropped, each section alone."""
    _ = translator
    score = next((issue for issue in issues if issue.check == EXPECTED), None)
    if score is None:
        return None
    rows = []
    if score.values.get("before") is not None:
        rows.append(Row(_("as it is"), {"tfidf": _metric(score.values["before"], None, None)}))
        rows.append(Row(_("with the remedies"), {"tfidf": _metric_of(score.values)}))
    else:
        rows.append(Row(_("whole report"), {"tfidf": _metric_of(score.values)}))
    alone = next((issue for issue in issues if issue.code == SECTIONS), None)
    for one in alone.evidence if alone is not None else ():
        shown = _("only {section}", section=one.term)
        rows.append(Row(shown, {"tfidf": _metric(one.precision, one.low, one.high)}))
    return interval_plot(
        rows,
        ["tfidf"],
        names={"tfidf": _("simple reader (TF-IDF), with 95% interval")},
        axis=_("macro F1 on reports it has not seen (n = {reports})", reports=_.integer(score.reports)),
        translator=_,
        name="expected",
        title=_("Score of a simple reader"),
    )


def _metric_of(values: Mapping[str, Any]) -> Metric:
    return _metric(values.get("value"), values.get("low"), values.get("high"))


def _metric(value: float | None, low: float | None, high: float | None) -> Metric:
    return Metric(system="tfidf", name="macro_f1", value=value, low=low, high=high, n=0)


def _settings(issues: Sequence[Issue]) -> list[str]:
    """Remedies that are settings of the project, not changes of the corpus."""
    lines = {
        f"{key} = {toml_value(value)}"
        for issue in issues
        for key, value in (issue.remedy or {}).items()
        if not key.startswith("prepare.") and not issue.accepted
    }
    return sorted(lines)


def _finding(issue: Issue, pieces: Sequence[Excerpt], *, stops: bool, translator: Translator) -> Finding:
    _ = translator
    head, rows = _evidence(issue, translator=_)
    sources = ", ".join(_.integer(row) for row in issue.rows)
    more = issue.reports is not None and issue.rows and issue.reports > len(issue.rows)
    return Finding(
        severity=issue.severity,
        title=_(TITLES.get(issue.check, issue.check)),
        sentence=_sentence(_.issue(issue)),
        cost=_(COSTS[issue.check]) if issue.check in COSTS and issue.severity != "info" else "",
        accepted=issue.accepted,
        blocks=stops,
        check=issue.check,
        head=head,
        rows=rows,
        sources=sources + (" …" if more else ""),
        remedy=[f"{key} = {toml_value(value)}" for key, value in (issue.remedy or {}).items()],
        excerpts=pieces,
    )


def _evidence(issue: Issue, *, translator: Translator) -> tuple[list[str], list[list[str]]]:
    _ = translator
    if not issue.evidence:
        return [], []
    kinds = {one.kind for one in issue.evidence}
    if kinds == {"section"}:
        head = [_("section"), _("macro F1"), _("from"), _("to")]
        return head, [[one.term, *_interval(one, _, share=False)] for one in issue.evidence]
    if kinds == {"doubted"}:
        head = [_("label"), _("the reader says"), _("reports"), _("share of the label"), _("from"), _("to")]
    elif all((one.kind or "").startswith("beyond-") for one in issue.evidence):
        head = [_("label"), _("reports"), _("share of the label"), _("from"), _("to")]
        return head, [[one.term, _.integer(one.reports), *_interval(one, _)] for one in issue.evidence]
    else:
        head = [_("word or sign"), _("label"), _("reports"), _("right"), _("from"), _("to")]
    rows = [
        [one.term, one.label or "–", _.integer(one.reports), *_interval(one, _)] for one in issue.evidence
    ]
    return head, rows


def _interval(one: Evidence, translator: Translator, *, share: bool = True) -> list[str]:
    shown = translator.percent if share else translator.number
    return [shown(value) for value in (one.precision, one.low, one.high)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
