"""Tally: weighted counts from which every metric follows, for many resamples at once.

A resample of the bootstrap is a vector of weights, one whole number for each report. Every metric
here is a function of weighted sums over reports, so B resamples cost one product of matrices
(counts, squared errors, calibration gaps) and, for the metrics of ranking, one pass over scores that
were sorted once (``ranking.py``). Nothing is drawn, copied or sorted again for a resample.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bert4text.core.labels import Task
from bert4text.evaluation.answers import Answers, Floats, Indices
from bert4text.evaluation.ranking import Ranking, ranking

_BEFORE = 9
"""Columns before those of the labels: all reports, exact ones, six of grades, cost."""


def bin_index(probabilities: Floats, bins: int) -> Indices:
    """The equal-width bin ``(m / bins, (m + 1) / bins]`` of each probability; 0 falls into the first."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    return np.searchsorted(edges[1:-1], probabilities, side="left").astype(np.int64)


def confidence(answers: Answers) -> tuple[Floats, Floats]:
    """What is checked for calibration over all: probabilities ``[n, j]`` and whether they came true.

    Binary: the probability of the second label. Multiclass and ordinal: that of the most probable label
    (Guo et al. 2017). Multilabel: those of all labels.
    """
    if answers.task == "multilabel":
        return answers.probabilities, answers.truth.astype(np.float64)
    if answers.task == "binary":
        return answers.probabilities[:, 1:], answers.truth[:, 1:].astype(np.float64)
    rows = np.arange(len(answers))
    top = answers.probabilities.argmax(axis=1)
    return answers.probabilities[rows, top][:, None], answers.truth[rows, top].astype(np.float64)[:, None]


@dataclass(frozen=True)
class Prepared:
    """One system's answers, made ready: linear features ``[n, m]`` and presorted scores for each label."""

    answers: Answers
    bins: int
    features: Floats
    rankings: tuple[Ranking, ...]

    def tally(self, weights: Floats | None = None) -> Tally:
        """Add up with weights ``[B, n]``; by default each report counts once (B = 1)."""
        given = np.ones((1, len(self.answers))) if weights is None else weights
        return Tally(self, given, given @ self.features)


def prepare(answers: Answers, *, bins: int = 10) -> Prepared:
    """Make a system's answers ready for ``tally``."""
    truth = answers.truth.astype(np.float64)
    decided = answers.decided.astype(np.float64)
    n, k = truth.shape
    exact = (answers.truth == answers.decided).all(axis=1).astype(np.float64)
    shown, happened = confidence(answers)
    by_class = [_gaps(answers.probabilities[:, [c]], truth[:, [c]], bins) for c in range(k)]
    features = np.hstack(
        [
            np.ones((n, 1)),
            exact[:, None],
            _grades(answers),
            np.zeros((n, 1)) if answers.cost is None else answers.cost[:, None],
            truth,
            decided,
            truth * decided,
            (answers.probabilities - truth) ** 2,
            _gaps(shown, happened, bins),
            *by_class,
        ]
    )
    rankings = tuple(ranking(answers.probabilities[:, c], answers.truth[:, c]) for c in range(k))
    return Prepared(answers, bins, features, rankings)


def _grades(answers: Answers) -> Floats:
    """``[n, 6]`` of reports whose true and given label are grades: 1, both grades, their squares, distance.

    The grades are places on the scale, from 0; all is 0 for a report that is off the scale.
    """
    scale = list(range(answers.labels)) if answers.scale is None else list(answers.scale)
    grades = np.arange(len(scale), dtype=np.float64)
    on = answers.truth[:, scale].sum(axis=1) * answers.decided[:, scale].sum(axis=1)
    true, given = answers.truth[:, scale] @ grades, answers.decided[:, scale] @ grades
    columns = (np.ones(len(answers)), true, given, true**2, given**2, (true - given) ** 2)
    return np.asarray(np.stack(columns, axis=1) * on[:, None], dtype=np.float64)


def _gaps(shown: Floats, happened: Floats, bins: int) -> Floats:
    """``[n, bins]``: probability minus outcome, in the column of the probability's bin."""
    columns = np.zeros((shown.shape[0], bins))
    place = bin_index(shown, bins)
    for j in range(shown.shape[1]):
        np.add.at(columns, (np.arange(shown.shape[0]), place[:, j]), shown[:, j] - happened[:, j])
    return columns


class Tally:
    """Weighted sums of B resamples; arrays are ``[B]`` over all, ``[B, k]`` by label.

    Args:
        prepared: whose answers.
        weights: ``[B, n]``.
        sums: ``[B, m]``, weights times the features.
    """

    def __init__(self, prepared: Prepared, weights: Floats, sums: Floats) -> None:
        self._prepared = prepared
        self._weights = weights
        self._sums = sums
        self.k = prepared.answers.labels

    @property
    def task(self) -> Task:
        """The kind of question."""
        return self._prepared.answers.task

    @property
    def total(self) -> Floats:
        """Reports."""
        return self._sums[:, 0]

    @property
    def exact(self) -> Floats:
        """Reports answered without any error."""
        return self._sums[:, 1]

    @property
    def grades(self) -> Floats:
        """``[B, 6]``: how many have a grade for truth and answer; sums of both, their squares, distances."""
        return self._sums[:, 2:8]

    @property
    def cost(self) -> Floats:
        """What all answers cost together."""
        return self._sums[:, 8]

    @property
    def support(self) -> Floats:
        """Reports that have the label."""
        return self._block(0)

    @property
    def called(self) -> Floats:
        """Reports that were given the label."""
        return self._block(1)

    @property
    def hits(self) -> Floats:
        """Reports that have the label and were given it."""
        return self._block(2)

    @property
    def squared_error(self) -> Floats:
        """Sum of (probability - outcome) squared."""
        return self._block(3)

    @property
    def gaps(self) -> Floats:
        """``[B, bins]``: summed probability minus outcome in each bin, over all (``confidence``)."""
        start = _BEFORE + 4 * self.k
        return self._sums[:, start : start + self._prepared.bins]

    @property
    def gaps_by_class(self) -> Floats:
        """``[B, k, bins]``: the same for each label's probability."""
        start = _BEFORE + 4 * self.k + self._prepared.bins
        return self._sums[:, start:].reshape(len(self._sums), self.k, self._prepared.bins)

    @property
    def auroc(self) -> Floats:
        """Area under the ROC curve, one label against the rest."""
        return self._areas[0]

    @property
    def average_precision(self) -> Floats:
        """Average precision, one label against the rest."""
        return self._areas[1]

    @cached_property
    def _areas(self) -> tuple[Floats, Floats]:
        pairs = [ranked.areas(self._weights) for ranked in self._prepared.rankings]
        return np.stack([a for a, _ in pairs], axis=1), np.stack([p for _, p in pairs], axis=1)

    def _block(self, index: int) -> Floats:
        start = _BEFORE + index * self.k
        return self._sums[:, start : start + self.k]
