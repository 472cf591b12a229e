"""Fit what turns logits into answers: a temperature, and thresholds for several labels of one report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import log_expit, log_softmax

from bert4text.core import seeds
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FEWEST = 10
"""Calibration reports below which no temperature is fitted."""

FEWEST_OF_A_LABEL = 5
"""Validation reports of a label below which its threshold is left alone."""

RANGE = (0.05, 20.0)
FOLDS = 5
RESAMPLES = 400
SURE = 0.05
"""Thresholds are taken if fewer resamples than this share show no gain out of fold."""

STEPS = np.array(sorted({*np.geomspace(1 / 16, 16, 33), 1.0}, key=lambda value: abs(np.log(value))))
"""Odds tried for each threshold, from the neutral one outwards: of equal ones the mildest is taken."""


def negative_log_likelihood(
    logits: npt.NDArray[np.floating], truth: Bools, *, label_space: LabelSpace, smoothed: bool = False
) -> float:
    """Mean negative log-likelihood of a report (multilabel: of a label of a report).

    Args:
        logits: [n, k].
        truth: bool [n, k].
        label_space: the question.
        smoothed: against targets of (n + 1) / (n + 2) for the true label, and the rest of 1 spread over the
            others, instead of 1 and 0 (Platt, 1999): n reports all answered right do not prove that every
            report will be.
    """
    return float(losses(logits, truth, label_space=label_space, smoothed=smoothed).mean())


def losses(
    logits: npt.NDArray[np.floating], truth: Bools, *, label_space: LabelSpace, smoothed: bool = False
) -> Floats:
    """The negative log-likelihood of each report, [n] (multilabel: the mean over its labels)."""
    wide = np.asarray(logits, dtype=np.float64)
    many = label_space.task == "multilabel"
    targets = wanted(truth, several=many) if smoothed else truth.astype(np.float64)
    found: Floats
    if many:
        found = -(targets * log_expit(wide) + (1 - targets) * log_expit(-wide)).mean(axis=1)
    else:
        found = -(targets * log_softmax(wide, axis=1)).sum(axis=1)
    return found


def wanted(truth: Bools, *, several: bool) -> Floats:
    """What probabilities are to come near, [n, k]: not quite 1 for what is true, and the rest for others.

    Args:
        truth: bool [n, k].
        several: whether several labels may hold.
    """
    n, k = truth.shape[0], 2 if several else truth.shape[1]
    shift = 1.0 / ((n + 2) * (k - 1))  # what the true label loses hangs on n, not on k
    found: Floats = truth * (1.0 - k * shift) + shift
    return found


def fit_temperature(logits: npt.NDArray[np.floating], truth: Bools, *, label_space: LabelSpace) -> Calibrator:
    """The temperature that makes the calibration reports most likely (Guo et al., 2017).

    Args:
        logits: [n, k] of the calibration split.
        truth: bool [n, k].
        label_space: the question.

    Returns:
        A calibrator of kind ``none`` when there are fewer than ten reports.
    """
    plain = Calibrator.untouched(label_space)
    if len(truth) < FEWEST:
        return plain
    wide = np.asarray(logits, dtype=np.float64)

    def loss(log_temperature: float) -> float:
        scaled = wide / np.exp(log_temperature)
        return negative_log_likelihood(scaled, truth, label_space=label_space, smoothed=True)

    found = minimize_scalar(loss, bounds=tuple(np.log(RANGE)), method="bounded", options={"xatol": 1e-6})
    return Calibrator(kind="temperature", temperature=float(np.exp(found.x)), n=len(truth), link=plain.link)


def choose_thresholds(
    calibrator: Calibrator,
    logits: npt.NDArray[np.floating],
    truth: Bools,
    *,
    groups: Sequence[str],
    seed: int,
) -> Calibrator:
    """Thresholds of several labels that raise macro-F1 on validation, or the calibrator as it is.

    They are taken only if they help reports they were not chosen on: five folds by patient, and fewer
    than one resample of patients in twenty without a gain.

    Args:
        calibrator: with its temperature.
        logits: [n, k] of the validation split.
        truth: bool [n, k].
        groups: the patient of each report.
        seed: of folds and resamples.
    """
    probabilities = calibrator.probabilities(logits)
    neutral = np.full(truth.shape[1], 0.5)
    patients, members = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if len(patients) < 2 * FOLDS:
        return calibrator
    random = seeds.rng(seed, "training.thresholds")
    fold = random.permutation(len(patients))[members] % FOLDS
    held_out = np.zeros_like(truth)
    for number in range(FOLDS):
        inside, outside = fold != number, fold == number
        chosen = _best(probabilities[inside], truth[inside], neutral)
        held_out[outside] = probabilities[outside] >= chosen
    draws = random.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=RESAMPLES)
    weights = draws[:, members].astype(np.float64)
    before = macro_f1(truth, probabilities >= neutral, weights)
    gains = macro_f1(truth, held_out, weights) - before
    if not (gains <= 0).mean() < SURE:
        return calibrator
    best = _best(probabilities, truth, neutral)
    return calibrator.model_copy(update={"thresholds": tuple(float(value) for value in best)})


def evidence(truth: Bools) -> Floats:
    """How much the F1 of each label says, [k]: all of it from five reports on, and less with fewer.

    The F1 of a label with one report is 0 or 1 by chance: an epoch or a system must not be chosen by that.
    """
    found: Floats = np.minimum(1.0, truth.sum(axis=0) / FEWEST_OF_A_LABEL)
    return found


def macro_f1(
    truth: Bools, decided: Bools, weights: Floats | None = None, *, labels: Floats | None = None
) -> Floats:
    """Mean F1 over the labels that occur in the truth, [B].

    Args:
        truth: bool [n, k].
        decided: bool [n, k].
        weights: how often each report counts, [B, n]; None counts each once.
        labels: how much each label counts, [k]; None is all alike.
    """
    given = np.ones((1, len(truth))) if weights is None else weights
    hits = given @ (truth & decided)
    support = given @ truth.astype(np.float64)
    both = support + given @ decided.astype(np.float64)
    scores = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    counts = (support > 0) * (np.ones(truth.shape[1]) if labels is None else labels)
    total = counts.sum(axis=1)
    result: Floats = (scores * counts).sum(axis=1) / np.where(total > 0, total, 1.0)
    return result


def _best(probabilities: Floats, truth: Bools, neutral: Floats) -> Floats:
    """Thresholds found one label after the other, twice around."""
    thresholds = neutral.copy()
    best = float(macro_f1(truth, probabilities >= thresholds)[0])
    judged = truth.sum(axis=0) >= FEWEST_OF_A_LABEL
    for _ in range(2):
        for label in np.flatnonzero(judged):
            for odds in STEPS:
                tried = thresholds.copy()
                tried[label] = _moved(neutral[label], odds)
                score = float(macro_f1(truth, probabilities >= tried)[0])
                if score > best + 1e-9:
                    best, thresholds = score, tried
    return thresholds


def _moved(threshold: float, odds: float) -> float:
    """A threshold whose odds are multiplied; it stays inside (0, 1)."""
    moved = threshold / (1 - threshold) * odds
    return float(moved / (1 + moved))
