"""Tables of the scorecard: the numbers behind its figures, as a head and rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bert4text.core.evaluation import Comparison, Curve, Evaluation, Metric
from bert4text.core.messages import Translator
from bert4text.evaluation import sentences
from bert4text.evaluation.wording import metric_name

READ_AT = (0.8, 0.9, 0.95)
"""Shares found at which the curves are read."""


def found(evaluation: Evaluation, system: str, *, translator: Translator) -> dict[str, Any]:
    """What became of the reports of each label."""
    _ = translator
    return {
        "head": [
            _("label"),
            _("reports"),
            _("found"),
            _("missed"),
            _("share found, with 95% interval"),
            _("given wrongly"),
        ],
        "rows": [
            [
                row.label,
                _.integer(row.reports),
                _.integer(row.found),
                _.integer(row.missed),
                _(
                    "{value} ({low} to {high})",
                    value=sentences.share_said(row.found / row.reports, translator=_),
                    low=sentences.share_said(row.low, translator=_),
                    high=sentences.share_said(row.high, translator=_),
                ),
                _.integer(row.false_alarms),
            ]
            for row in sentences.found_by_label(evaluation, system=system)
        ],
    }


def curves(evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator) -> dict[str, Any]:
    """The curves read at some shares found: false alarms (ROC), and how many given the label have it."""
    _ = translator
    pairs: dict[tuple[str, str], dict[str, Curve]] = {}
    for curve in evaluation.curves:
        pairs.setdefault((curve.system, curve.label), {})[curve.kind] = curve
    shares = [_.percent(share) for share in READ_AT]
    return {
        "head": [
            _("system"),
            _("label"),
            *(_("false alarms, {share} found", share=share) for share in shares),
            *(_("precision, {share} found", share=share) for share in shares),
        ],
        "rows": [
            [
                names.get(system, system),
                label,
                *(_.percent(_read(kinds.get("roc"), share, down=True), 1) for share in READ_AT),
                *(_.percent(_read(kinds.get("precision-recall"), share), 1) for share in READ_AT),
            ]
            for (system, label), kinds in pairs.items()
        ],
    }


def _read(curve: Curve | None, share: float, *, down: bool = False) -> float | None:
    """False alarms where a ROC curve first finds the share (``down``); the best precision from there on."""
    if curve is None:
        return None
    if down:
        return min(x for x, y in zip(curve.x, curve.y, strict=True) if y >= share)
    return max(y for x, y in zip(curve.x, curve.y, strict=True) if x >= share)


def learning(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any]:
    """Loss and macro F1 at each step where validation was measured."""
    _, rows, loss = translator, [], None
    for step in evaluation.steps:
        loss = step.get("loss", loss)
        if "validation_macro_f1" in step:
            score = _.number(step["validation_macro_f1"])
            rows.append([_.integer(int(step.get("step", 0))), _.number(loss, 3), score])
    return {"head": [_("step"), _("loss, training reports"), _("macro F1, validation")], "rows": rows}


def compared(comparison: Comparison, names: Mapping[str, str], *, translator: Translator) -> list[str]:
    """The row of one difference: systems, metric, difference, its bounds and the verdict."""
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


def by_label(evaluation: Evaluation, system: str, *, translator: Translator) -> dict[str, Any]:
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


def by_group(evaluation: Evaluation, system: str, *, translator: Translator) -> dict[str, Any]:
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
