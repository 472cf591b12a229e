"""Compare: the paired difference of two systems on the same reports, its interval and a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bert4text.core.evaluation import Changed, Comparison, System, Verdict
from bert4text.evaluation.answers import Answers, Bools, Indices
from bert4text.evaluation.draws import Drawn, Figure, Setting
from bert4text.evaluation.intervals import expanded, mcnemar
from bert4text.evaluation.metrics import Measure

LEADING = ("hybrid", "model", "tfidf")
"""The system that a verdict is about, where none is delivered: the first of these that was measured."""

BY_LABEL = ("recall", "precision")
"""Metrics of a label in which two runs are compared."""

PAIRS: tuple[tuple[str, str], ...] = (
    ("hybrid", "tfidf"),
    ("hybrid", "majority"),
    ("hybrid", "model"),
    ("model", "tfidf"),
    ("model", "majority"),
    ("tfidf", "majority"),
)
"""Who is compared with whom; the scorecard's verdicts are those about the leading system."""


def leading(systems: Iterable[System]) -> str:
    """The system an evaluation is about: the one that answers new reports, or else what would be.

    That is both together, else the model, else TF-IDF, else the first that is not ``majority``.
    """
    given = list(systems)
    delivered = [system.name for system in given if system.delivered]
    names = [system.name for system in given]
    others = [name for name in names if name != "majority"]
    return next(iter((*delivered, *(name for name in LEADING if name in names), *others, *names)))


def pairs(systems: Iterable[str], *, lead: str) -> list[tuple[str, str]]:
    """The leading system with each other one, then the usual pairs among those others."""
    names = list(systems)
    usual = [pair for pair in PAIRS if pair[0] in names and pair[1] in names]
    known = {name for pair in PAIRS for name in pair}
    if lead not in known:
        return usual
    led = [(lead, b if a == lead else a) for a, b in usual if lead in (a, b)]
    others = [(lead, name) for name in names if name not in known]
    return led + [pair for pair in usual if lead not in pair] + others


def verdict(low: float | None, high: float | None, *, enough: bool, higher_is_better: bool = True) -> Verdict:
    """What a difference ``a - b`` with this interval shows about a.

    ``better`` or ``worse`` only if the whole interval lies on one side of 0.
    """
    if not enough:
        return "too-few"
    if low is None or high is None:
        return "not-shown-better"
    up, down = (low > 0, high < 0) if higher_is_better else (high < 0, low > 0)
    if up:
        return "better"
    return "worse" if down else "not-shown-better"


def compare(
    a: tuple[str, Drawn],
    b: tuple[str, Drawn],
    *,
    metric: str,
    n: int,
    patients: int,
    minimum: int,
    higher_is_better: bool = True,
) -> Comparison:
    """The difference a - b of one metric, from draws of the same resamples.

    Args:
        a: the name of a system, and its figure in the resamples.
        b: those of the other, in the same resamples.
        metric: its name.
        n: reports.
        patients: patients (reports, where patients are unknown): what was drawn.
        minimum: patients under which there is no verdict; a bootstrap of few clusters finds too many
            differences (Cameron, Gelbach & Miller 2008).
        higher_is_better: false for errors and costs.
    """
    first, second = a[1], b[1]
    difference = first.value - second.value
    draws = first.draws - second.draws
    bounds = expanded(difference, draws, groups=patients)
    known = bool(np.isfinite(difference)) and 2 * int(np.isfinite(draws).sum()) >= len(draws)
    if bounds is None and known:  # the same difference in every resample
        bounds = difference, difference
    low, high = bounds or (None, None)
    return Comparison(
        a=a[0],
        b=b[0],
        metric=metric,
        difference=difference if known else None,
        low=low,
        high=high,
        n=n,
        verdict=verdict(low, high, enough=known and patients >= minimum, higher_is_better=higher_is_better),
    )


def differences(
    drawn: Mapping[str, Mapping[Figure, Drawn]], measures: Sequence[Measure], setting: Setting
) -> list[Comparison]:
    """The difference of each usual pair of systems in each measure over all."""
    return [
        compare(
            (a, drawn[a][measure.name, None]),
            (b, drawn[b][measure.name, None]),
            metric=measure.name,
            n=len(setting.index),
            patients=setting.groups,
            minimum=setting.config.minimum_patients,
            higher_is_better=measure.higher_is_better,
        )
        for a, b in pairs(drawn, lead=setting.lead)
        for measure in measures
    ]


def differences_by_label(
    drawn: Mapping[str, Mapping[Figure, Drawn]], other: str, truth: Bools, setting: Setting
) -> list[Comparison]:
    """The difference of the leading system from another one in recall and precision, label by label.

    Args:
        drawn: figures of both in the same resamples.
        other: the name of the other.
        truth: bool [n, k].
        setting: of the evaluation.
    """
    found = []
    for label, name in enumerate(setting.label_space.names):
        held = truth[:, label]
        for metric in BY_LABEL:
            figure = (metric, label)
            if figure in drawn[setting.lead] and figure in drawn[other]:
                one = compare(
                    (setting.lead, drawn[setting.lead][figure]),
                    (other, drawn[other][figure]),
                    metric=metric,
                    n=int(held.sum()),
                    patients=len(np.unique(setting.index[held])),
                    minimum=setting.config.minimum_class,
                )
                found.append(one.model_copy(update={"label": name}))
    return found


def changed(a: Answers, b: Answers, names: Sequence[str], rows: Sequence[int]) -> list[Changed]:
    """The reports that two runs answer differently.

    Args:
        a: what one answers.
        b: what the other answers to the same reports.
        names: of the labels.
        rows: of the reports, in their source.
    """

    def named(holds: Bools) -> tuple[str, ...]:
        return tuple(name for name, held in zip(names, holds, strict=True) if held)

    return [
        Changed(
            row=rows[place], truth=named(a.truth[place]), a=named(a.decided[place]), b=named(b.decided[place])
        )
        for place in np.flatnonzero((a.decided != b.decided).any(axis=1)).tolist()
    ]


def with_discordant(
    comparisons: Sequence[Comparison], systems: dict[str, Answers], *, index: Indices
) -> list[Comparison]:
    """Add to comparisons of accuracy how many reports only one of the two got right, and McNemar's p."""
    finished = []
    for comparison in comparisons:
        if comparison.metric == "accuracy":
            right = {
                name: (systems[name].truth == systems[name].decided).all(axis=1)
                for name in (comparison.a, comparison.b)
            }
            test = mcnemar(right[comparison.a], right[comparison.b], index=index)
            comparison = comparison.model_copy(
                update={"only_a": test.only_a, "only_b": test.only_b, "p_value": test.p_value}
            )
        finished.append(comparison)
    return finished
