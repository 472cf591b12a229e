"""Draws: every figure of every system in the same resamples, and the interval of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bert4text.core.evaluation import Metric
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress, silent
from bert4text.core.seeds import rng
from bert4text.evaluation.answers import Answers, Bools, Floats, Indices
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.intervals import (
    Bounds,
    accelerated,
    effective_size,
    leave_one_out,
    resamples,
    unbiased_error,
    wilson,
)
from bert4text.evaluation.metrics import Measure
from bert4text.evaluation.tally import Prepared, Tally, prepare

Figure = tuple[str, int | None]
"""A metric's name and the position of a label; None is over all."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every part of an evaluation needs to know.

    Attributes:
        label_space: the question.
        index: the patient (or else the report) of each report ``[n]``.
        groups: how many of them.
        patients: whether they are known to be patients.
        config: what to measure.
        seed: the project's seed.
        lead: the system that it is about.
    """

    label_space: LabelSpace
    index: Indices
    groups: int
    patients: bool
    config: EvaluateConfig
    seed: int
    lead: str = "model"

    def among(self, rows: Indices, *, label_space: LabelSpace | None = None) -> Setting:
        """The same for some reports, by position, and maybe another question."""
        index = np.unique(self.index[rows], return_inverse=True)[1].astype(np.int64)
        groups = int(index.max()) + 1
        return replace(self, label_space=label_space or self.label_space, index=index, groups=groups)

    def sampling(self, name: str = "evaluate.resamples") -> Sampling:
        """How its reports are drawn anew, by a stream of that name."""
        return Sampling(self.index, self.config.draws, self.seed, name=name, bins=self.config.bins)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One figure of one system: on all reports, in each resample, and with each patient left out."""

    value: float
    draws: Floats
    left_out: Floats


@dataclass(frozen=True, slots=True)
class Sampling:
    """How resamples are drawn.

    Attributes:
        index: the patient (or else the report) of each report ``[n]``.
        count: resamples.
        seed: the project's seed.
        name: the use the stream is named after.
        bins: bins of the calibration error.
    """

    index: Indices
    count: int
    seed: int
    name: str = "evaluate.resamples"
    bins: int = 10


def draw(
    systems: Mapping[str, Answers],
    measures: Sequence[Measure],
    *,
    sampling: Sampling,
    by_class: bool = True,
    progress: Progress = silent,
) -> dict[str, dict[Figure, Drawn]]:
    """Compute the figures of each system on all reports and in the same resamples.

    Returns:
        ``{system: {(metric, label): Drawn}}``; differences between systems are differences of draws.
    """
    ready = {name: prepare(answers, bins=sampling.bins) for name, answers in systems.items()}
    points = _collect(ready, measures, [np.ones((1, len(sampling.index)))], by_class=by_class)
    left_out = _collect(ready, measures, leave_one_out(sampling.index), by_class=by_class)
    random = rng(sampling.seed, sampling.name)
    with progress.task("resamples", sampling.count) as task:

        def told() -> Iterable[Floats]:
            for weights in resamples(sampling.index, count=sampling.count, random=random):
                yield weights
                task.advance(len(weights))

        draws = _collect(ready, measures, told(), by_class=by_class)
    nothing = np.zeros(0)
    return {
        name: {
            figure: Drawn(float(value[0]), draws[name][figure], left_out[name].get(figure, nothing))
            for figure, value in found.items()
        }
        for name, found in points.items()
    }


def _collect(
    ready: Mapping[str, Prepared], measures: Sequence[Measure], pieces: Iterable[Floats], *, by_class: bool
) -> dict[str, dict[Figure, Floats]]:
    parts: dict[str, dict[Figure, list[Floats]]] = {name: {} for name in ready}
    for weights in pieces:
        for name, prepared in ready.items():
            for figure, values in _figures(prepared.tally(weights), measures, by_class=by_class):
                parts[name].setdefault(figure, []).append(values)
    return {
        name: {figure: np.concatenate(values) for figure, values in found.items()}
        for name, found in parts.items()
    }


def _figures(tally: Tally, measures: Sequence[Measure], *, by_class: bool) -> Iterable[tuple[Figure, Floats]]:
    for measure in measures:
        if measure.over_all is not None and measure.suits(tally.task, over_all=True):
            yield (measure.name, None), measure.over_all(tally)
        if by_class and measure.by_class is not None:
            values = measure.by_class(tally)
            yield from (((measure.name, label), values[:, label]) for label in range(tally.k))


def share(answers: Answers, measure: Measure, label: int | None) -> tuple[Bools, Bools] | None:
    """For a plain share of reports: which count, among which ``bool[n]``; None for any other figure."""
    if not measure.proportion:
        return None
    if label is None:
        if measure.name == "accuracy":
            return (answers.truth == answers.decided).all(axis=1), np.ones(len(answers), dtype=np.bool_)
        if not (measure.binary_only_over_all and answers.task == "binary"):
            return None
        label = 1
    true, given = answers.truth[:, label], answers.decided[:, label]
    if measure.name == "precision":
        return true & given, given
    if measure.name == "specificity":
        return ~true & ~given, ~true
    return true & given, true


def interval(
    drawn: Drawn, measure: Measure, label: int | None, *, answers: Answers, index: Indices, patients: bool
) -> tuple[Bounds | None, str | None, int]:
    """The 95 % interval of a figure, how it was made, and on how many reports.

    Shares of the reports of one label take Wilson's interval: there a bootstrap of a handful of reports
    is far too narrow, and of none wrong has no width at all. Accuracy takes it when nothing varies.
    """
    unit = "patient" if patients else "report"
    counted = share(answers, measure, label)
    n = len(answers) if counted is None else int(counted[1].sum())
    if measure.name == "ece":
        bounds = unbiased_error(drawn.value, drawn.draws)
        return bounds, None if bounds is None else f"bootstrap-{unit}", n
    if counted is None or measure.name == "accuracy":
        bounds = accelerated(drawn.value, drawn.draws, drawn.left_out)
        if bounds is not None:
            return bounds, f"bootstrap-{unit}", n
    if counted is None:
        return None, None, n
    hit, among = counted
    bounds = wilson(float(hit.sum()), n, effective=effective_size(hit, among, index))
    return bounds, None if bounds is None else f"wilson-{unit}", n


def figures_of(
    system: str,
    said: Answers,
    measure: Measure,
    drawn: Mapping[str, Mapping[Figure, Drawn]],
    *,
    setting: Setting,
    group: str | None = None,
) -> Iterable[Metric]:
    """One metric of one system as records: over all, then by label."""
    for label in (None, *range(said.labels)):
        figure = drawn[system].get((measure.name, label))
        if figure is None:
            continue
        bounds, made, n = interval(
            figure, measure, label, answers=said, index=setting.index, patients=setting.patients
        )
        known = bool(np.isfinite(figure.value))
        yield Metric(
            system=system,
            name=measure.name,
            label=None if label is None else setting.label_space.names[label],
            group=group,
            value=figure.value if known else None,
            low=bounds[0] if bounds is not None and known else None,
            high=bounds[1] if bounds is not None and known else None,
            n=n,
            interval=made if known else None,
        )
