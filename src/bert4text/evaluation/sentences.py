"""Sentences: what an evaluation shows, said in words; every sentence is a template that gets translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bert4text.core.evaluation import Comparison, Confusion, Evaluation, Metric, Verdict
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.wording import DIGITS, metric_name

VERDICTS: dict[Verdict, str] = {
    "better": N_("{a} is better than {b} on {reports} reports."),
    "not-shown-better": N_("{a} is not shown better than {b} on {reports} reports."),
    "worse": N_("{a} is worse than {b} on {reports} reports."),
    "too-few": N_("{reports} reports are too few to say whether {a} is better than {b}."),
}

AGAINST_MAJORITY: dict[Verdict, str] = {
    "better": N_("{a} is better than always answering the most frequent label, on {reports} reports."),
    "not-shown-better": N_(
        "{a} is not shown better than always answering the most frequent label, on {reports} reports."
    ),
    "worse": N_("{a} is worse than always answering the most frequent label, on {reports} reports."),
    "too-few": N_(
        "{reports} reports are too few to say whether {a} is better than always answering "
        "the most frequent label."
    ),
}

TONES: dict[Verdict, str] = {"better": "good", "not-shown-better": "warn", "worse": "bad", "too-few": "warn"}


@dataclass(frozen=True, slots=True)
class Said:
    """A comparison in words: the verdict, the figures behind it, and its tone (good, warn or bad)."""

    verdict: str
    figures: str
    tone: str


def primary_metric(evaluation: Evaluation) -> str:
    """The metric whose comparison gives the verdict: the first one that was compared."""
    return evaluation.comparisons[0].metric if evaluation.comparisons else "macro_f1"


def comparison_said(
    comparison: Comparison, *, names: Mapping[str, str], metric: str, translator: Translator
) -> Said:
    """One comparison in words.

    Args:
        comparison: what was found.
        names: what the systems are called.
        metric: what the metric is called.
        translator: the language.
    """
    _ = translator
    a, b = names[comparison.a], names[comparison.b]
    templates = AGAINST_MAJORITY if comparison.b == "majority" else VERDICTS
    verdict = _(templates[comparison.verdict], a=a, b=b, reports=_.integer(comparison.n))
    if comparison.difference is None or comparison.low is None:
        return Said(verdict, "", TONES[comparison.verdict])
    figures = _(
        "Difference in {metric}: {difference} (95% interval from {low} to {high}; 0 means no difference).",
        metric=metric,
        difference=signed(comparison.difference, translator=_),
        low=signed(comparison.low, translator=_),
        high=signed(comparison.high, translator=_),
    )
    return Said(verdict, figures, TONES[comparison.verdict])


def reference_said(evaluation: Evaluation, system: str, *, name: str, translator: Translator) -> str:
    """What a reference reaches on the metric that gives the verdict; empty if it was not measured."""
    _ = translator
    metric = evaluation.metric(primary_metric(evaluation), system=system)
    if metric is None or metric.value is None:
        return ""
    return _(
        "For reference: {name} reaches {metric} {value}. What was lost on the way from it to words, "
        "no model can find.",
        name=name,
        metric=metric_name(metric.name, translator=_),
        value=interval_said(metric, translator=_),
    )


class Bounded(Protocol):
    """A figure with its interval, such as a metric."""

    @property
    def value(self) -> float | None:
        """The figure; None where it is not known."""

    @property
    def low(self) -> float | None:
        """Lower bound; None where there is none."""

    @property
    def high(self) -> float | None:
        """Upper bound; None where there is none."""


def interval_said(metric: Bounded | None, *, translator: Translator, digits: int | None = None) -> str:
    """A figure with its interval, ``0.87 (0.82 to 0.91)``; an en dash when there is none."""
    if metric is None or metric.value is None:
        return translator.number(None)
    if digits is None:
        digits = DIGITS.get(getattr(metric, "name", ""), 2)
    value = translator.number(metric.value, digits)
    if metric.low is None or metric.high is None:
        return value
    return translator(
        "{value} ({low} to {high})",
        value=value,
        low=translator.number(metric.low, digits),
        high=translator.number(metric.high, digits),
    )


def share_said(value: float | None, *, translator: Translator) -> str:
    """A percentage; with a decimal where rounding would say none or all of what is neither."""
    rounded = None if value is None else round(100 * value)
    return translator.percent(value, 1 if rounded in {0, 100} and value not in {0.0, 1.0} else 0)


def signed(value: float | None, *, translator: Translator, digits: int = 2) -> str:
    """A difference with its sign, ``+0.05`` or ``−0.05``."""
    if value is None:
        return translator.number(None)
    shown = translator.number(abs(value), digits)
    if not any(character in "123456789" for character in shown):
        return shown
    return ("+" if value > 0 else "−") + shown


def discordant_said(
    comparison: Comparison | None, *, names: Mapping[str, str], translator: Translator
) -> str:
    """How many reports only one of two systems got right; empty when that was not counted."""
    if comparison is None or comparison.only_a is None or comparison.only_b is None:
        return ""
    p_value = comparison.p_value
    small = p_value is not None and p_value < 0.001
    return translator(
        "Only {a} was right on {only_a} reports, only {b} on {only_b} (McNemar's test: p {sign} {p}).",
        a=names[comparison.a],
        b=names[comparison.b],
        only_a=translator.integer(comparison.only_a),
        only_b=translator.integer(comparison.only_b),
        sign="<" if small else "=",
        p=translator.number(0.001 if small else p_value, 3),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the reports of one label: how many there are, were found, and were false alarms."""

    label: str
    reports: int
    found: int
    missed: int
    called: int
    false_alarms: int
    low: float | None
    high: float | None


def found_by_label(evaluation: Evaluation, *, system: str = "model") -> list[Found]:
    """For each label with reports: of n, how many a system found, and how many it gave the label wrongly."""
    rows = []
    for label in evaluation.labels:
        recall = _either(evaluation, ("recall", "sensitivity"), system, label)
        precision = evaluation.metric("precision", system=system, label=label)
        if recall is None or recall.value is None:
            continue
        hits = round(recall.value * recall.n)
        called = precision.n if precision is not None else 0
        rows.append(
            Found(
                label, recall.n, hits, recall.n - hits, called, max(0, called - hits), recall.low, recall.high
            )
        )
    return rows


def _either(evaluation: Evaluation, names: tuple[str, ...], system: str, label: str) -> Metric | None:
    found = (evaluation.metric(name, system=system, label=label) for name in names)
    return next((metric for metric in found if metric is not None), None)


def found_said(row: Found, *, translator: Translator) -> str:
    """One label in words: of n reports, m found."""
    _ = translator
    if row.missed == 0 and row.reports > 1:
        return _(
            "All {reports} reports of {label} were found.", reports=_.integer(row.reports), label=row.label
        )
    return _(
        "{label}: {found} of {reports} reports found, {missed} missed.",
        reports=_.integer(row.reports),
        label=row.label,
        found=_.integer(row.found),
        missed=_.integer(row.missed),
    )


def share_found_said(row: Found, *, translator: Translator) -> str:
    """The share found with its interval, and the false alarms."""
    _ = translator
    share = _(
        "Found: {share} (95% interval {low} to {high}).",
        share=share_said(row.found / row.reports, translator=_),
        low=share_said(row.low, translator=_),
        high=share_said(row.high, translator=_),
    )
    if not row.false_alarms:
        return share
    if row.false_alarms == 1:
        return f"{share} {_('It was also given to one report that does not have it.')}"
    alarms = _("It was also given to {count} reports that do not have it.", count=_.integer(row.false_alarms))
    return f"{share} {alarms}"


def worst_confusion_said(confusion: Confusion, *, translator: Translator) -> str:
    """The most frequent mistake in words."""
    _ = translator
    cells = [
        (count, i, j)
        for i, row in enumerate(confusion.rows)
        for j, count in enumerate(row)
        if i != j and count
    ]
    if not cells:
        return _("No report was given a wrong label.")
    count, i, j = max(cells, key=lambda cell: (cell[0], -cell[1], -cell[2]))
    return _(
        "The most frequent mistake: {count} of {reports} reports of {true} were called {given}.",
        count=_.integer(count),
        reports=_.integer(sum(confusion.rows[i])),
        true=confusion.labels[i],
        given=confusion.labels[j],
    )
