"""Scorecard: an evaluation as one self-contained page that a physician can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bert4text.core.evaluation import Comparison, Evaluation, Metric
from bert4text.core.issue import Issue
from bert4text.core.messages import Translator
from bert4text.core.page import render
from bert4text.evaluation import sentences
from bert4text.evaluation.figures import figures, lead_system
from bert4text.evaluation.summary import meanings, rows
from bert4text.evaluation.wording import REFERENCES, USES, metric_name, system_names


def scorecard(evaluation: Evaluation, *, translator: Translator, context: Mapping[str, Any]) -> str:
    """Write an evaluation as HTML: the verdict first in words, then figures, then tables.

    Args:
        evaluation: what was measured.
        translator: the language of the page.
        context: what else is known; every key may be missing: ``title``; ``names`` (``{system: what it is
            called}``); ``encoder``, ``encoder_languages`` and ``language`` (of the reports), which together
            warn of a vocabulary of another language; ``split_used`` (``{split: what for}``) and
            ``train_reports`` (``{split: reports}``); ``overrides`` (findings accepted by name);
            ``delivered`` (the system that answers new reports); ``warnings`` (more Issues).

    Returns:
        One page under 1 MB without script or outside address; it holds no report text.
    """
    _ = translator
    names = system_names(evaluation, translator=_, given=context.get("names"))
    lead = lead_system(evaluation)
    values = {
        "evaluation": evaluation,
        "title": context.get("title") or _("How well does it read the reports?"),
        "encoder": context.get("encoder"),
        "made": evaluation.manifest.created if evaluation.manifest is not None else None,
        "delivered": names.get(str(context.get("delivered"))),
        "uses": _uses(evaluation, context, translator=_),
        "overrides": list(context.get("overrides") or ()),
        "warnings": _warnings(
            [*_vocabulary(context), *context.get("warnings", ()), *evaluation.issues], names, translator=_
        ),
        "names": names,
        "lead": lead,
        "references": [
            sentences.reference_said(evaluation, name, name=names[name], translator=_)
            for name in REFERENCES
            if name in names
        ],
        "verdicts": _verdicts(evaluation, names, translator=_),
        "found": [
            (sentences.found_said(row, translator=_), sentences.share_found_said(row, translator=_))
            for row in sentences.found_by_label(evaluation, system=lead)
        ],
        "figures": list(figures(evaluation, names=names, translator=_)),
        "head": [_("metric"), *names.values()],
        "table_rows": rows(evaluation, translator=_, everything=True),
        "by_label": _by_label(evaluation, lead, translator=_),
        "by_group": _by_group(evaluation, lead, translator=_),
        "comparisons": [_compared(one, names, translator=_) for one in evaluation.comparisons],
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
    return [
        _(
            "{part} ({reports} reports): {use}",
            part=part,
            reports=_.integer(counts.get(part)),
            use=_(USES.get(use, use)),
        )
        for part, use in uses.items()
    ]


def _vocabulary(context: Mapping[str, Any]) -> list[Issue]:
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
                "languages": sorted(known),
                "language": language,
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
        values = {**issue.values}
        if "system" in values:
            values["system"] = names.get(values["system"], values["system"])
        sentence = translator.issue(issue.model_copy(update={"values": values}))
        said.append((issue.severity, sentence[:1].upper() + sentence[1:].rstrip(".") + "."))
    return said


def _verdicts(
    evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator
) -> list[sentences.Said]:
    """The lead system against each other one, on the metric that gives the verdict."""
    _ = translator
    metric, lead = sentences.primary_metric(evaluation), lead_system(evaluation)
    found = [
        c for c in evaluation.comparisons if c.metric == metric and c.a == lead and c.b not in REFERENCES
    ]
    called = metric_name(metric, translator=_)
    return [sentences.comparison_said(c, names=names, metric=called, translator=_) for c in found]


def _compared(comparison: Comparison, names: Mapping[str, str], *, translator: Translator) -> list[str]:
    _ = translator
    return [
        f"{names[comparison.a]} − {names[comparison.b]}",
        metric_name(comparison.metric, translator=_),
        sentences.signed(comparison.difference, translator=_),
        sentences.signed(comparison.low, translator=_),
        sentences.signed(comparison.high, translator=_),
        {
            "better": _("better"),
            "not-shown-better": _("not shown better"),
            "worse": _("worse"),
            "too-few": _("too few"),
        }[comparison.verdict],
    ]


def _notes(evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator) -> list[str]:
    said = (sentences.discordant_said(c, names=names, translator=translator) for c in evaluation.comparisons)
    return [sentence for sentence in said if sentence]


def _by_label(evaluation: Evaluation, system: str, *, translator: Translator) -> dict[str, Any]:
    """The lead system's figures of each label: a head and rows."""
    kept = [m for m in evaluation.metrics if m.system == system and m.label is not None and m.group is None]
    columns = list(dict.fromkeys(m.name for m in kept if m.name != "sensitivity" or not _has(kept, "recall")))
    cells = {(m.label, m.name): m for m in kept}
    return {
        "head": [translator("label"), *(metric_name(name, translator=translator) for name in columns)],
        "rows": [
            [
                label,
                *(
                    sentences.interval_said(cells.get((label, name)), translator=translator)
                    for name in columns
                ),
            ]
            for label in evaluation.labels
            if any((label, name) in cells for name in columns)
        ],
    }


def _has(metrics: list[Metric], name: str) -> bool:
    return any(metric.name == name for metric in metrics)


def _by_group(evaluation: Evaluation, system: str, *, translator: Translator) -> dict[str, Any]:
    """The lead system's figures in each subgroup: a head and rows; empty without subgroups."""
    kept = [m for m in evaluation.metrics if m.system == system and m.group is not None and m.label is None]
    wanted = [name for name in ("macro_f1", "accuracy", "sensitivity", "auroc", "ece") if _has(kept, name)]
    cells = {(m.group, m.name): m for m in kept}
    groups = list(dict.fromkeys(m.group for m in kept))
    return {
        "head": [
            translator("subgroup"),
            translator("reports"),
            *(metric_name(name, translator=translator) for name in wanted),
        ],
        "rows": [
            [
                group,
                translator.integer(max(m.n for m in kept if m.group == group)),
                *(
                    sentences.interval_said(cells.get((group, name)), translator=translator)
                    for name in wanted
                ),
            ]
            for group in groups
        ],
    }
