"""Fit prediction sets: how badly the true labels of calibration reports suited them, patient by patient."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.prediction import Score
from bert4text.models.conformal import PredictionSets, named, scores

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def fit_sets(
    probabilities: Floats,
    truth: Bools,
    *,
    texts: Sequence[str],
    groups: Sequence[str],
    several: bool,
    levels: Sequence[float],
    score: Score = "lac",
) -> PredictionSets:
    """Prediction sets from reports that neither the model nor its calibration has learned from.

    Args:
        probabilities: calibrated, [n, k].
        truth: bool [n, k].
        texts: of the reports; they tell what ``aps`` and ``raps`` draw.
        groups: the patient of each report.
        several: whether several labels may hold; then each label makes a promise of its own, by ``lac``.
        levels: what is promised, each between 0 and 1.
        score: how badly a label suits a report.
    """
    score = "lac" if several else score
    patients = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    said = scores(probabilities, texts, score)
    labels = range(truth.shape[1])
    own = [(said[truth[:, label], label], patients[truth[:, label]]) for label in labels]
    one = None if several else (said[truth], patients[truth.nonzero()[0]])
    return PredictionSets(
        score=score,
        overall=None if one is None else {named(level): quantile(*one, level=level) for level in levels},
        each_label={named(level): tuple(quantile(*each, level=level) for each in own) for level in levels},
        reports=tuple(len(values) for values, _ in own),
        patients=tuple(len(np.unique(whose)) for _, whose in own),
    )


def quantile(values: Floats, patients: npt.NDArray[np.int64], *, level: float) -> float | None:
    """The score that a share ``level`` of new patients' reports stays at or below; None where none surely is.

    Each patient counts once, however many reports there are of them, and one more counts as infinite (Lee,
    Barber & Willett, 2023, "Distribution-free inference with hierarchical data"); with one report of each
    patient this is the quantile of split conformal prediction.

    Args:
        values: scores of the true labels, [n].
        patients: whose report each is, [n].
        level: between 0 and 1.
    """
    if not len(values):
        return None
    _, place, count = np.unique(patients, return_inverse=True, return_counts=True)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(1.0 / count[place][order]) / (len(count) + 1)
    enough = np.flatnonzero(reached >= level - 1e-12)
    return float(values[order[enough[0]]]) if len(enough) else None
