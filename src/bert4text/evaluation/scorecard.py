"""Scorecard: an evaluation as one self-contained page that a physician can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bert4text.core.evaluation import Evaluation
from bert4text.core.issue import Issue
from bert4text.core.messages import Translator
from bert4text.core.page import render
from bert4text.evaluation import (
    against,
    attacked,
    explained,
    fairness_figure,
    managed,
    relied,
    sentences,
    tables,
)
from bert4text.evaluation.compare import leading
from bert4text.evaluation.determinate import determinate_said
from bert4text.evaluation.figures import figures
from bert4text.evaluation.summary import meanings, rows
from bert4text.evaluation.wording import (
    REFERENCES,
    USES,
    language_name,
    metric_name,
    named,
    split_name,
    system_names,
)

MOST_SENTENCES = 4
"""Labels up to which a sentence says what was found of each; a table does of more."""


def scorecard(evaluation: Evaluation, *, translator: Translator, context: Mapping[str, Any]) -> str:
    """Write an evaluation as HTML: the verdict first in words, then figures, then tables.

    Args:
        evaluation: what was measured.
        translator: the language of the page.
        context: what else is known; every key may be missing: ``title``; ``names`` (``{system: what it is
            called}``); ``encoder``, ``encoder_languages`` and ``language`` (of the reports), which together
            warn of a vocabulary of another language; ``split_used`` (``{split: what for}``) and
            ``train_reports`` (``{split: reports}``); ``calibrated`` (reports it was calibrated on later);
            ``overrides`` (findings accepted by name);
            ``delivered`` (the system that answers new reports); ``warnings`` (more Issues).

    Returns:
        One page under 1 MB without script or outside address; it holds no report text.
    """
    _ = translator
    names = system_names(evaluation, translator=_, given=context.get("names"))
    lead = leading(evaluation.systems)
    values = {
        "evaluation": evaluation,
        "title": context.get("title") or _("How well does it read the reports?"),
        "encoder": None if context.get("encoder") == "tfidf" else context.get("encoder"),
        "made": _made(evaluation, translator=_),
        "part": split_name(evaluation.split, translator=_),
        "delivered": names.get(str(context.get("delivered"))),
        "uses": _uses(evaluation, context, translator=_),
        "overrides": list(context.get("overrides") or ()),
        "warnings": _warnings(
            [*_vocabulary(context, translator=_), *context.get("warnings", ()), *evaluation.issues],
            names,
            translator=_,
        ),
        "names": names,
        "lead": lead,
        "references": [
            sentences.reference_said(evaluation, name, name=names[name], translator=_)
            for name in REFERENCES
            if name in names
        ],
        "verdicts": _verdicts(evaluation, names, translator=_),
        "found": _found(evaluation, lead, translator=_),
        "found_table": tables.found(evaluation, lead, translator=_),
        "determinate": determinate_said(evaluation, system=lead, translator=_),
        "managed": managed.shown(evaluation, names, translator=_),
        "membership": attacked.shown(evaluation, translator=_),
        "fairness": fairness_figure.shown(evaluation, names, translator=_),
        "explanations": explained.shown(evaluation, translator=_),
        "relied": relied.shown(evaluation, translator=_),
        "against": against.shown(evaluation, names, translator=_),
        "figures": list(figures(evaluation, names=names, translator=_)),
        "head": [_("metric"), *names.values()],
        "table_rows": rows(evaluation, translator=_, everything=True),
        "by_label": tables.by_label(evaluation, lead, translator=_),
        "by_group": tables.by_group(evaluation, lead, translator=_),
        "comparisons": [tables.compared(one, names, translator=_) for one in evaluation.comparisons],
        "curves": tables.curves(evaluation, names, translator=_),
        "learning": tables.learning(evaluation, translator=_),
        "meanings": meanings(evaluation, translator=_),
        "notes": _notes(evaluation, names, translator=_),
        "by_patient": evaluation.patients is not None,
        "primary": metric_name(sentences.primary_metric(evaluation), translator=_),
    }
    return render("bert4text.evaluation", "scorecard.html", values, translator=translator)


def _uses(evaluation: Evaluation, context: Mapping[str, Any], *, translator: Translator) -> list[str]:
    """What each part of the corpus served for, in words."""
    _ = translator
    counts = {**(context.get("train_reports") or {}), evaluation.split: evaluation.reports}
    uses = {**(context.get("split_used") or {}), evaluation.split: "measure"}
    anew = context.get("calibrated")
    later = [] if anew is None else [_("calibrated anew later, on {count} reports", count=_.integer(anew))]
    said = [
        _(
            "{part} ({reports} reports): {use}",
            part=split_name(part, translator=_),
            reports=_.integer(counts.get(part)),
            use=_(USES.get(use, use)),
        )
        for part, use in uses.items()
    ]
    return [*later, *said, *([context["copies"]] if context.get("copies") else [])]


def _made(evaluation: Evaluation, *, translator: Translator) -> str | None:
    """When it was measured, as a date."""
    if evaluation.manifest is None:
        return None
    return translator.date(datetime.fromisoformat(evaluation.manifest.created))


def _found(evaluation: Evaluation, lead: str, *, translator: Translator) -> list[tuple[str, str]]:
    """What was found of each label, in sentences; of many labels a table is read more easily."""
    found = sentences.found_by_label(evaluation, system=lead)
    if len(found) > MOST_SENTENCES:
        return []
    return [
        (
            sentences.found_said(row, translator=translator),
            sentences.share_found_said(row, translator=translator),
        )
        for row in found
    ]


def _vocabulary(context: Mapping[str, Any], *, translator: Translator) -> list[Issue]:
    """Warn when the encoder learned from texts of other languages than the reports'."""
    known = {str(name).split("-")[0].casefold() for name in context.get("encoder_languages") or ()}
    language = context.get("language")
    if not known or not language or {"mul", str(language).split("-")[0].casefold()} & known:
        return []
    return [
        Issue(
            check="encoder",
            severity="warning",
            code="vocabulary-language",
            message=(
                "the encoder {encoder} learned from texts in {languages}, and the reports are in {language}: "
                "it reads them in pieces, and an encoder of their language may do better"
            ),
            values={
                "encoder": context.get("encoder") or "?",
                "languages": [language_name(code, translator=translator) for code in sorted(known)],
                "language": language_name(str(language), translator=translator),
            },
        )
    ]


def _warnings(
    issues: Iterable[Issue], names: Mapping[str, str], *, translator: Translator
) -> list[tuple[str, str]]:
    """Severity and sentence of each issue; what the banner already says is left out."""
    said: list[tuple[str, str]] = []
    for issue in issues:
        if issue.code == "synthetic-reports":
            continue
        sentence = translator.issue(named(issue, names=names, translator=translator))
        end = "" if sentence.endswith((".", "?", "!")) else "."
        said.append((issue.severity, sentence[:1].upper() + sentence[1:] + end))
    return said


def _verdicts(
    evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator
) -> list[sentences.Said]:
    """The lead system against each other one, on the metric that gives the verdict."""
    _ = translator
    metric, lead = sentences.primary_metric(evaluation), leading(evaluation.systems)
    found = [
        c for c in evaluation.comparisons if c.metric == metric and c.a == lead and c.b not in REFERENCES
    ]
    called = metric_name(metric, translator=_)
    return [sentences.comparison_said(c, names=names, metric=called, translator=_) for c in found]


def _notes(evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator) -> list[str]:
    said = (sentences.discordant_said(c, names=names, translator=translator) for c in evaluation.comparisons)
    return [sentence for sentence in said if sentence]
