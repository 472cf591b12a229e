"""Formulas: every metric as a function of a tally - ``[B]`` over all, ``[B, k]`` by label.

A metric that is not defined is NaN, never a convenient 0 or 1: a label that does not occur has no recall,
one that was never given has no precision (it counts as 0 in the mean over labels, as its F1 does).
Means over labels are taken over the labels that occur in the truth of the resample.
"""

from __future__ import annotations

import numpy as np

from bert4text.evaluation.answers import Floats
from bert4text.evaluation.tally import Tally


def _ratio(top: Floats, bottom: Floats) -> Floats:
    out = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out


def _mean(values: Floats) -> Floats:
    """Mean over labels of what is defined; NaN where nothing is."""
    known = np.isfinite(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))


def _second(values: Floats, tally: Tally) -> Floats:
    return values[:, 1] if tally.task == "binary" else _mean(values)


def accuracy(tally: Tally) -> Floats:
    """Share of reports answered right; multilabel: with all labels right."""
    return _ratio(tally.exact, tally.total)


def recall_by_class(tally: Tally) -> Floats:
    """Share of the reports that have the label which were given it (sensitivity)."""
    return _ratio(tally.hits, tally.support)


def recall(tally: Tally) -> Floats:
    """Mean recall over labels."""
    return _mean(recall_by_class(tally))


def weighted_recall(tally: Tally) -> Floats:
    """Recall weighted by support; equals accuracy where each report has one label."""
    return _ratio(tally.hits.sum(axis=1), tally.support.sum(axis=1))


def precision_by_class(tally: Tally) -> Floats:
    """Share of the reports given the label which have it."""
    return _ratio(tally.hits, tally.called)


def precision(tally: Tally) -> Floats:
    """Mean precision over labels that occur; a label never given counts as 0."""
    return _mean(np.where(tally.support > 0, _counted_precision(tally), np.nan))


def weighted_precision(tally: Tally) -> Floats:
    """Precision weighted by support; a label never given counts as 0."""
    return _ratio((tally.support * _counted_precision(tally)).sum(axis=1), tally.support.sum(axis=1))


def _counted_precision(tally: Tally) -> Floats:
    return np.nan_to_num(precision_by_class(tally), nan=0.0)


def specificity_by_class(tally: Tally) -> Floats:
    """Share of the reports without the label which were not given it."""
    without = tally.total[:, None] - tally.support
    return _ratio(without - (tally.called - tally.hits), without)


def sensitivity(tally: Tally) -> Floats:
    """Recall of the second label."""
    return recall_by_class(tally)[:, 1]


def specificity(tally: Tally) -> Floats:
    """Specificity of the second label."""
    return specificity_by_class(tally)[:, 1]


def f1_by_class(tally: Tally) -> Floats:
    """Harmonic mean of precision and recall: 2 hits / (support + called); NaN if the label does not occur."""
    return np.where(tally.support > 0, _ratio(2 * tally.hits, tally.support + tally.called), np.nan)


def macro_f1(tally: Tally) -> Floats:
    """Mean F1 over labels that occur: the mean of F1s, not the F1 of means (Opitz & Burst 2019)."""
    return _mean(f1_by_class(tally))


def weighted_f1(tally: Tally) -> Floats:
    """F1 weighted by support."""
    return _ratio((tally.support * np.nan_to_num(f1_by_class(tally))).sum(axis=1), tally.support.sum(axis=1))


def balanced_accuracy(tally: Tally) -> Floats:
    """Mean recall over labels; multilabel: mean over labels of (sensitivity + specificity) / 2."""
    if tally.task == "multilabel":
        return _mean((recall_by_class(tally) + specificity_by_class(tally)) / 2)
    return recall(tally)


def mcc(tally: Tally) -> Floats:
    """Matthews correlation; for several labels R_K (Gorodkin 2004), for multilabel the mean over labels.

    NaN where the truth has one label only; 0 where only one label was given, as by convention
    (Chicco & Jurman 2020).
    """
    total, support, called = tally.total, tally.support, tally.called
    if tally.task == "multilabel":
        top = total[:, None] * tally.hits - support * called
        true = support * (total[:, None] - support)
        given = called * (total[:, None] - called)
        return _mean(_correlation(top, true, given))
    top = tally.exact * total - (support * called).sum(axis=1)
    return _correlation(top, total**2 - (support**2).sum(axis=1), total**2 - (called**2).sum(axis=1))


def _correlation(top: Floats, true: Floats, given: Floats) -> Floats:
    value = np.divide(top, np.sqrt(true * given), out=np.zeros_like(top), where=(true > 0) & (given > 0))
    return np.where(true > 0, value, np.nan)


def mean_cost(tally: Tally) -> Floats:
    """What an answer costs on average."""
    return _ratio(tally.cost, tally.total)


def quadratic_kappa(tally: Tally) -> Floats:
    """Agreement beyond chance, with quadratic weights on the distance between grades (Cohen 1968).

    Reports whose true or given label is off the scale do not count: they have no distance.
    """
    n, true, given, true_squared, given_squared, distance = tally.grades.T
    expected = true_squared + given_squared - 2 * _ratio(true * given, n)
    return 1 - _ratio(distance, np.where(expected > 1e-12, expected, 0.0))


def auroc(tally: Tally) -> Floats:
    """Area under the ROC curve, one label against the rest, mean over labels."""
    return _second(tally.auroc, tally)


def auroc_by_class(tally: Tally) -> Floats:
    """Area under the ROC curve, one label against the rest."""
    return tally.auroc


def average_precision(tally: Tally) -> Floats:
    """Average precision, one label against the rest, mean over labels."""
    return _second(tally.average_precision, tally)


def average_precision_by_class(tally: Tally) -> Floats:
    """Average precision, one label against the rest."""
    return tally.average_precision


def brier(tally: Tally) -> Floats:
    """Brier score (1950): binary 0 to 1; several labels the sum over labels, 0 to 2; multilabel the mean."""
    values = brier_by_class(tally)
    if tally.task == "binary":
        return values[:, 1]
    summed: Floats = values.sum(axis=1)
    return summed / tally.k if tally.task == "multilabel" else summed


def brier_by_class(tally: Tally) -> Floats:
    """Mean of (probability of the label - whether it holds) squared."""
    return _ratio(tally.squared_error, tally.total[:, None])


def ece(tally: Tally) -> Floats:
    """Expected calibration error in equal-width bins (Naeini et al. 2015; Guo et al. 2017)."""
    each = tally.k if tally.task == "multilabel" else 1
    return _ratio(np.abs(tally.gaps).sum(axis=1), tally.total * each)


def ece_by_class(tally: Tally) -> Floats:
    """Expected calibration error of one label's probability."""
    return _ratio(np.abs(tally.gaps_by_class).sum(axis=2), tally.total[:, None])
