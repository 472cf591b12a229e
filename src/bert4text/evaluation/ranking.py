"""Ranking: scores sorted once; areas under ROC and precision-recall for any weights, and the curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bert4text.evaluation.answers import Bools, Floats, Indices


@dataclass(frozen=True, slots=True)
class Ranking:
    """One label against the rest, sorted from the highest score to the lowest.

    Attributes:
        order: positions of the reports, highest score first.
        positive: ``float[n]``, 1 where the report has the label, in that order.
        ends: the last position of each run of equal scores.
    """

    order: Indices
    positive: Floats
    ends: Indices

    def counts(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weighted true and false positives ``[B, g]`` at each of the g distinct thresholds."""
        sorted_weights = weights[:, self.order]
        true = np.cumsum(sorted_weights * self.positive, axis=1)
        both = np.cumsum(sorted_weights, axis=1)
        if len(self.ends) < len(self.order):
            true, both = true[:, self.ends], both[:, self.ends]
        return true, both - true

    def areas(self, weights: Floats) -> tuple[Floats, Floats]:
        """Area under the ROC curve and average precision, each ``[B]``.

        The first is the trapezoid sum, which counts a tie as one half (Hanley & McNeil 1982); the second
        is the step sum of precision over gains in recall, without interpolation. NaN where a resample
        has no report of the label, or none without it.
        """
        true, false = self.counts(weights)
        positives, negatives = true[:, -1].copy(), false[:, -1].copy()
        gained = np.diff(true, axis=1, prepend=0.0)
        # under the curve, seen from the positives: negatives still below each of them, ties by half
        below = negatives[:, None] - false
        below += 0.5 * np.diff(false, axis=1, prepend=0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            auroc = np.einsum("bg,bg->b", gained, below) / (positives * negatives)
            precision = np.divide(true, true + false, out=np.zeros_like(true), where=true > 0)
            average = np.einsum("bg,bg->b", gained, precision) / positives
        missing = (positives == 0) | (negatives == 0)
        return np.where(missing, np.nan, auroc), np.where(missing, np.nan, average)


def ranking(scores: Floats, positive: Bools) -> Ranking:
    """Sort the reports by score, highest first."""
    order = np.argsort(-scores, kind="stable").astype(np.int64)
    ordered = scores[order]
    ends = np.append(np.flatnonzero(np.diff(ordered) != 0), len(ordered) - 1).astype(np.int64)
    return Ranking(order, positive[order].astype(np.float64), ends)


def roc_points(ranked: Ranking) -> tuple[Floats, Floats]:
    """The ROC curve: false-positive rate and sensitivity, from (0, 0) to (1, 1).

    Needs a report with the label and one without it.
    """
    true, false = ranked.counts(np.ones((1, len(ranked.order))))
    rate = np.concatenate([[0.0], false[0] / false[0, -1]])
    sensitivity = np.concatenate([[0.0], true[0] / true[0, -1]])
    return _thinned(rate, sensitivity)


def precision_recall_points(ranked: Ranking) -> tuple[Floats, Floats]:
    """The precision-recall curve: recall rising to 1, and precision. Needs a report with the label."""
    true, false = ranked.counts(np.ones((1, len(ranked.order))))
    recall = true[0] / true[0, -1]
    precision = true[0] / (true[0] + false[0])
    return _thinned(np.concatenate([[0.0], recall]), np.concatenate([[precision[0]], precision]))


def _thinned(x: Floats, y: Floats, *, most: int = 200) -> tuple[Floats, Floats]:
    """Drop points inside straight stretches, then keep evenly spaced ones; both ends stay."""
    if len(x) > 2:
        dx, dy = np.diff(x), np.diff(y)
        bends = np.abs(dx[:-1] * dy[1:] - dx[1:] * dy[:-1]) > 1e-12
        keep = np.concatenate([[True], bends, [True]])
        x, y = x[keep], y[keep]
    if len(x) > most:
        rows = np.unique(np.linspace(0, len(x) - 1, most).round().astype(np.int64))
        x, y = x[rows], y[rows]
    return x, y
