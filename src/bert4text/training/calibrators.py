"""Choose how logits become probabilities: by one number, by two of each label, or by a line of each label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from bert4text.core import seeds
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Score
from bert4text.models.calibration import Calibrator, Curve, Kind
from bert4text.models.conformal import PredictionSets
from bert4text.training.calibrate import FEWEST, Bools, Floats, fit_temperature, losses, wanted
from bert4text.training.conformal import fit_sets

Logits = npt.NDArray[np.floating]

FOLDS = 5
RESAMPLES = 400
SURE = 0.95
"""Share of the resamples in which a kind must be likelier than a temperature to be taken instead."""
EACH = 10
"""Calibration reports of a label below which it gets no numbers of its own."""
LINES = 1000
"""Calibration reports below which no line is tried: it would follow chance."""
SHRINKS = 1.0
"""How much two numbers of each label are held near those of a temperature, in reports."""


def fit_calibrator(
    logits: Logits,
    truth: Bools,
    *,
    label_space: LabelSpace,
    groups: Sequence[str] = (),
    kind: Kind | None = None,
    seed: int = 0,
) -> Calibrator:
    """The calibrator of one kind, or of the kind that is likeliest on reports it was not fitted on.

    A temperature is taken unless another kind has the lower negative log-likelihood, a proper score, in
    nearly all resamples of patients, each report answered by a calibrator that was not fitted on it.

    Args:
        logits: [n, k] of the calibration split.
        truth: bool [n, k].
        label_space: the question.
        groups: the patient of each report; each report its own if not given.
        kind: fit this one; None chooses.
        seed: of folds and resamples.

    Returns:
        A calibrator of kind ``none`` where there are fewer than ten reports.
    """
    if len(truth) < FEWEST or kind == "none":
        return Calibrator.untouched(label_space)
    if kind is not None:
        return FITS[kind](logits, truth, label_space)
    tried = _tried(truth)
    if len(tried) == 1:
        return fit_temperature(logits, truth, label_space=label_space)
    fold, draws = _folds(groups, len(truth), seed=seed)
    said = {each: out_of_fold(logits, truth, fold, kind=each, label_space=label_space) for each in tried}
    lost = {each: losses(values, truth, label_space=label_space) for each, values in said.items()}
    best = min(tried, key=lambda each: float(lost[each].mean()))
    surely = best == "temperature" or (draws @ (lost["temperature"] - lost[best]) > 0).mean() >= SURE
    return FITS[best if surely else "temperature"](logits, truth, label_space)


def fit_sets_of(
    calibrator: Calibrator,
    logits: Logits,
    truth: Bools,
    *,
    texts: Sequence[str],
    groups: Sequence[str],
    levels: Sequence[float],
    score: Score,
    label_space: LabelSpace,
    seed: int,
) -> PredictionSets | None:
    """Prediction sets of a calibrator, each report answered by one of its kind that was fitted without it.

    None where a fold leaves too few reports to fit one on.

    Args:
        calibrator: fitted on these very reports.
        logits: [n, k] of the calibration split.
        truth: bool [n, k].
        texts: of the reports.
        groups: the patient of each.
        levels: what is promised.
        score: how badly a label suits a report.
        label_space: the question.
        seed: of the folds.
    """
    fold = _folds(groups, len(truth), seed=seed)[0]
    if len(truth) - int(np.bincount(fold).max()) < FEWEST:
        return None
    scaled = out_of_fold(logits, truth, fold, kind=calibrator.kind, label_space=label_space)
    return fit_sets(
        Calibrator.untouched(label_space).probabilities(scaled),
        truth,
        texts=texts,
        groups=groups,
        several=calibrator.link == "sigmoid",
        levels=levels,
        score=score,
    )


def out_of_fold(
    logits: Logits, truth: Bools, fold: npt.NDArray[np.int64], *, kind: Kind, label_space: LabelSpace
) -> Floats:
    """Calibrated logits [n, k] of each report, by a calibrator that was fitted without its fold.

    Args:
        logits: [n, k].
        truth: bool [n, k].
        fold: [n], the fold of each report.
        kind: of the calibrator.
        label_space: the question.
    """
    found = np.array(logits, dtype=np.float64)
    for number in np.unique(fold):
        inside, outside = fold != number, fold == number
        fitted = fit_calibrator(logits[inside], truth[inside], label_space=label_space, kind=kind)
        found[outside] = fitted.scaled(logits[outside])
    return found


def _tried(truth: Bools) -> list[Kind]:
    """The kinds that the reports suffice for, the plainest first."""
    found: list[Kind] = ["temperature"]
    if (truth.sum(axis=0) >= EACH).all():
        found.append("vector")
        if len(truth) >= LINES:
            found.append("isotonic")
    return found


def _folds(
    groups: Sequence[str], n: int, *, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The fold of each report [n], and how often it counts in each resample of patients [resamples, n]."""
    whose = groups if len(groups) == n else [str(place) for place in range(n)]
    names, members = np.unique(np.asarray(whose, dtype=str), return_inverse=True)
    random = seeds.rng(seed, "training.calibrators")
    fold = random.permutation(len(names))[members] % FOLDS
    draws = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)[:, members]
    return fold, draws


def _temperature(logits: Logits, truth: Bools, label_space: LabelSpace) -> Calibrator:
    return fit_temperature(logits, truth, label_space=label_space)


def _vector(logits: Logits, truth: Bools, label_space: LabelSpace) -> Calibrator:
    """A factor and a term of each label, held near the temperature by as much as a few reports weigh."""
    wide = np.asarray(logits, dtype=np.float64)
    start = fit_temperature(logits, truth, label_space=label_space)
    n, k = truth.shape
    targets = wanted(truth, several=start.link == "sigmoid")
    share = k if start.link == "sigmoid" else 1

    def loss(values: Floats) -> tuple[float, Floats]:
        logs, bias = values[:k], values[k:]
        factors = np.exp(logs) / start.temperature
        scaled = wide * factors + bias
        made = Calibrator(link=start.link).probabilities(scaled)
        mean = losses(scaled, truth, label_space=label_space, smoothed=True).mean()
        apart = (made - targets) / (n * share)
        slope = np.concatenate([(apart * wide * factors).sum(axis=0), apart.sum(axis=0)])
        return float(mean + SHRINKS * (values @ values) / n), slope + 2 * SHRINKS * values / n

    found = minimize(
        loss, np.zeros(2 * k), jac=True, method="L-BFGS-B", bounds=[(-3, 3)] * k + [(-20, 20)] * k
    )
    factors = np.exp(found.x[:k]) / start.temperature
    return Calibrator(
        kind="vector",
        scale=tuple(float(value) for value in factors),
        bias=tuple(float(value) for value in found.x[k:]),
        n=n,
        link=start.link,
    )


def _isotonic(logits: Logits, truth: Bools, label_space: LabelSpace) -> Calibrator:
    """A line of each label, over what a temperature makes of it; none reaches 0 or 1."""
    start = fit_temperature(logits, truth, label_space=label_space)
    before = start.probabilities(logits)
    least = 1.0 / (len(truth) + 2)
    curves = []
    for label in range(truth.shape[1]):
        line = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
        line.fit(before[:, label], truth[:, label].astype(np.float64))
        x, y = line.X_thresholds_, line.y_thresholds_
        curves.append(Curve(x=tuple(map(float, x)), y=tuple(map(float, np.maximum.accumulate(y)))))
    return start.model_copy(update={"kind": "isotonic", "curves": tuple(curves)})


FITS: dict[Kind, Callable[[Logits, Bools, LabelSpace], Calibrator]] = {
    "temperature": _temperature,
    "vector": _vector,
    "isotonic": _isotonic,
}
