"""Confident learning: which labels a reader who has not seen them contradicts, and how many may be wrong.

After Northcutt, Jiang and Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal of
Artificial Intelligence Research 70 (2021): a report counts for the label whose probability exceeds the mean
probability of that label among the reports that bear it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Doubts:
    """What confident learning says of n reports with one label each.

    Attributes:
        joint: float64 [k, k], estimated counts of reports by given label (row) and true label (column);
            each row sums to the reports that bear the label.
        doubted: bool [n], the label is confidently contradicted.
        instead: int64 [n], the label that the reader is confident of, or the given one.
        quality: float64 [n], probability of the given label; the lowest are the most suspicious.
    """

    joint: Floats
    doubted: Bools
    instead: Ints
    quality: Floats

    @property
    def rate(self) -> float:
        """Estimated share of reports whose label is wrong."""
        total = float(self.joint.sum())
        return 1.0 - float(np.trace(self.joint)) / total if total else 0.0

    def worst_first(self) -> Ints:
        """Positions of the doubted reports, the most suspicious first."""
        places = np.flatnonzero(self.doubted)
        ordered: Ints = places[np.argsort(self.quality[places], kind="stable")]
        return ordered


def surest(given: Ints, probabilities: Floats, *, share: float, least: float = 0.0) -> tuple[int, int]:
    """How often the given label is contradicted among the reports that the reader is surest of.

    Subtle reports look like wrong labels where a reader is in doubt; where it is sure, a wrong label is the
    likelier reason. So the risk at a small coverage (El-Yaniv and Wiener, "On the foundations of noise-free
    selective classification", Journal of Machine Learning Research 11, 2010) tells how many labels are wrong.

    Args:
        given: int64 [n], the labels.
        probabilities: float64 [n, k], from models that did not see the report.
        share: of the reports, by their largest probability.
        least: what that probability must be at the least.

    Returns:
        Contradicted, and looked at.
    """
    sure = probabilities.max(axis=1)
    order = np.argsort(-sure, kind="stable")[: int(share * len(given))]
    order = order[sure[order] >= least]
    return int((probabilities[order].argmax(axis=1) != given[order]).sum()), len(order)


def doubts(given: Ints, probabilities: Floats, *, least: int = 1) -> Doubts:
    """Find labels that out-of-sample probabilities contradict with confidence.

    Args:
        given: int64 [n], the labels.
        probabilities: float64 [n, k], from models that did not see the report.
        least: reports that a label must have for another to be doubted in its favour: the mean of fewer
            is no threshold.
    """
    n, k = probabilities.shape
    counts = np.bincount(given, minlength=k).astype(np.float64)
    own = probabilities[np.arange(n), given]
    thresholds = np.full(k, np.inf)  # a label that nobody bears is nobody's
    held = counts >= max(1, least)
    thresholds[held] = np.bincount(given, weights=own, minlength=k)[held] / counts[held]
    above = probabilities >= thresholds[None, :] - 1e-6
    confident = np.where(above, probabilities, -1.0)
    best = confident.argmax(axis=1)
    counted = above.any(axis=1)
    joint = np.zeros((k, k), dtype=np.float64)
    np.add.at(joint, (given[counted], best[counted]), 1.0)
    empty = (counts > 0) & (joint.sum(axis=1) == 0)
    joint[empty, empty] = 1.0
    sums = joint.sum(axis=1)
    joint *= np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)[:, None]
    instead = np.where(counted, best, given).astype(np.int64)
    return Doubts(joint=joint, doubted=instead != given, instead=instead, quality=own)
