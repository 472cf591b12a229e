"""Managed: the figures by groups of labels that lead to the same next step, as rows and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bert4text.core.evaluation import Comparison, Evaluation, Management, Metric, Verdict
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.compare import leading
from bert4text.evaluation.sentences import TONES, Said, interval_said, signed
from bert4text.evaluation.wording import REFERENCES, metric_name

CHEAPER: dict[Verdict, str] = {
    "better": N_("{a} costs less than {b} on {reports} reports."),
    "not-shown-better": N_("{a} is not shown to cost less than {b} on {reports} reports."),
    "worse": N_("{a} costs more than {b} on {reports} reports."),
    "too-few": N_("{reports} reports are too few to say whether {a} costs less than {b}."),
}

Row = tuple[str, list[Metric | None]]
"""What a row shows, and the figure of each system."""


def rows_of(management: Management, systems: Sequence[str], *, translator: Translator) -> list[Row]:
    """The rows of one table: over all groups, then by group, then what the answers cost.

    Args:
        management: what was found.
        systems: the columns.
        translator: the language.
    """
    _ = translator
    kinds: list[tuple[str, str, str | None]] = [
        (_("accuracy by group"), "accuracy", None),
        (_("macro F1 by group"), "macro_f1", None),
    ]
    for group in management.groups:
        kinds.append((_("{group}: recall", group=group), "recall", group))
        kinds.append((_("{group}: precision", group=group), "precision", group))
    if management.costs is not None:
        kinds += [(metric_name(name, translator=_), name, None) for name in ("mean_cost", "cost_per_1000")]
    return [
        (title, [management.metric(name, system=system, group=group) for system in systems])
        for title, name, group in kinds
    ]


def shown(
    evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator
) -> dict[str, Any] | None:
    """What a page shows: ``groups`` and ``costs`` in words, a ``table``, a ``confusion``; or None."""
    _, management = translator, evaluation.management
    if management is None:
        return None
    lead = leading(evaluation.systems)
    return {
        "groups": groups_said(management, translator=_),
        "costs": costs_said(evaluation, names=names, translator=_),
        "table": {
            "head": [_("metric"), *names.values()],
            "rows": [
                [title, *(interval_said(metric, translator=_) for metric in metrics)]
                for title, metrics in rows_of(management, list(names), translator=_)
            ],
        },
        "confusion": confusion(management, lead, translator=_),
    }


def confusion(management: Management, system: str, *, translator: Translator) -> dict[str, Any]:
    """Counts of one system: true group in rows, given group in columns, and answers in no group."""
    _ = translator
    found = next(one for one in management.confusion if one.system == system)
    outside = management.outside.get(system, 0)
    beside = {group: management.metric("recall", system=system, group=group) for group in found.labels}
    totals = {group: metric.n if metric else 0 for group, metric in beside.items()}
    return {
        "head": [_("true group"), *found.labels, *([_("in no group")] if outside else [])],
        "rows": [
            [
                group,
                *map(_.integer, counts),
                *([_.integer(totals[group] - sum(counts))] if outside else []),
            ]
            for group, counts in zip(found.labels, found.rows, strict=True)
        ],
    }


def groups_said(management: Management, *, translator: Translator) -> str:
    """Which labels lead to which management, in one sentence."""
    held = "; ".join(f"{group} = {', '.join(labels)}" for group, labels in management.groups.items())
    return translator(
        "By management, on {reports} reports: {groups}.",
        reports=translator.integer(management.reports),
        groups=held,
    )


def costs_said(evaluation: Evaluation, *, names: Mapping[str, str], translator: Translator) -> list[Said]:
    """Whether the answers of the lead system cost less than those of the others, in words."""
    lead, management = leading(evaluation.systems), evaluation.management
    return [
        _cheaper_said(one, names=names, translator=translator)
        for one in (() if management is None else management.comparisons)
        if one.metric == "mean_cost" and one.a == lead and one.b not in REFERENCES
    ]


def _cheaper_said(comparison: Comparison, *, names: Mapping[str, str], translator: Translator) -> Said:
    _ = translator
    usual = _("always answering the most frequent label")
    verdict = _(
        CHEAPER[comparison.verdict],
        a=names[comparison.a],
        b=usual if comparison.b == "majority" else names[comparison.b],
        reports=_.integer(comparison.n),
    )
    if comparison.difference is None or comparison.low is None or comparison.high is None:
        return Said(verdict, "", TONES[comparison.verdict])
    figures = _(
        "Difference for 1,000 reports: {difference} (95% interval from {low} to {high}).",
        difference=signed(1000 * comparison.difference, translator=_, digits=0),
        low=signed(1000 * comparison.low, translator=_, digits=0),
        high=signed(1000 * comparison.high, translator=_, digits=0),
    )
    return Said(verdict, figures, TONES[comparison.verdict])
