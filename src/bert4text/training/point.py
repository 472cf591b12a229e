"""An operating point that calibration reports prove: a share of a label that is found, costs, or a risk.

What is proven holds for reports of new patients like those of calibration, as surely as was asked for. A
patient counts once: one of whose reports is missed, or answered wrongly, counts as missed, or wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from bert4text.core.errors import ConfigError, DataError
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.training.calibration_config import PointConfig
from bert4text.training.parts import Part

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

CUTS = 20
"""Probabilities tried as the least that is answered; each is proven as if by a twentieth of the doubt."""
NOTHING = 2.0
"""A least probability that no answer reaches."""
ROUNDS = 3
"""How often each label's threshold is looked for, the others as found."""


@dataclass(frozen=True)
class Proven:
    """What calibration reports prove of an operating point.

    Attributes:
        calibrator: with the thresholds, costs and least probability of the point.
        sensitivity: label -> what was asked for, patients, how many found, and the share that is proven.
        risk: what was asked for, the share answered, and the share of wrong ones that is proven; or nothing.
        groups: of thresholds by group, who accepted them, and what is proven in each group; or nothing.
    """

    calibrator: Calibrator
    sensitivity: dict[str, dict[str, float]] = field(default_factory=dict)
    risk: dict[str, float] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        """What the manifest keeps of it."""
        parts = {
            "sensitivity": self.sensitivity,
            "costs": self.calibrator.costs,
            "risk": self.risk,
            "groups": self.groups,
        }
        return {name: part for name, part in parts.items() if part}


def check_point(point: PointConfig, label_space: LabelSpace, calibration: Part | None) -> None:
    """Refuse an operating point that cannot be proven, before anything learns.

    Raises:
        ConfigError: it names a label that there is not, or does not suit a question of several labels.
        DataError: the calibration split has too few patients with a label to prove its share.
    """
    if not point.given:
        return
    asked = {*point.sensitivity, *point.costs, *(true for row in point.costs.values() for true in row)}
    unknown = sorted(asked - set(label_space.names))
    if unknown:
        raise ConfigError(
            "the operating point names the labels {unknown}; the question has {known}",
            hint="write labels as the corpus has them",
            code="unknown-label",
            unknown=unknown,
            known=list(label_space.names),
        )
    if label_space.task == "multilabel" and (point.costs or point.risk is not None):
        raise ConfigError(
            "costs and risk are of one answer, and several labels may hold here",
            hint="give sensitivity, which lowers the threshold of a label",
            code="one-answer-only",
        )
    if calibration is None:
        raise DataError(
            "an operating point is proven on calibration reports, and there are none",
            hint="cut a calibration split with `bert4text prepare`",
            code="no-calibration",
        )
    for name, wanted in point.sensitivity.items():
        has = calibration.truth[:, label_space.index(name)]
        found = len({group for group, one in zip(calibration.groups, has, strict=True) if one})
        needed = fewest(wanted, point.confidence)
        if found < needed:
            raise DataError(
                "the calibration split has {found} patients with {label}; {needed} are needed to prove that "
                "{wanted} of them are found, with {confidence} confidence",
                hint="give the calibration split a larger share, or ask for less",
                code="too-few-to-promise",
                found=found,
                label=name,
                needed=needed,
                wanted=wanted,
                confidence=point.confidence,
            )


def fewest(share: float, confidence: float) -> int:
    """Patients of whom all must be found to prove a share: the least for which that can be proven at all."""
    return math.ceil(math.log(1 - confidence) / math.log(share) - 1e-9)


def fit_point(
    calibrator: Calibrator,
    probabilities: Floats,
    truth: Bools,
    *,
    groups: Sequence[str],
    point: PointConfig,
    label_space: LabelSpace,
) -> Proven:
    """Set thresholds, costs and the least probability that is answered.

    The threshold of a label is lowered until the one-sided lower bound of the share found (Clopper & Pearson,
    1934) reaches what was asked for: what is found only grows as it falls, so that the first one that is
    proven holds as surely as one that was fixed before (Bates et al., 2021, "Distribution-Free,
    Risk-Controlling Prediction Sets"). The risk is bounded likewise at each of twenty least probabilities,
    each by a twentieth of the doubt (Geifman & El-Yaniv, 2017, "Selective Classification for Deep Neural
    Networks").

    Args:
        calibrator: gives the probabilities; its thresholds are where the search begins.
        probabilities: of calibration reports, [n, k].
        truth: bool [n, k].
        groups: the patient of each report.
        point: what is asked for, checked.
        label_space: the question.
    """
    patients = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    if point.costs:
        costs = cost_matrix(point.costs, label_space)
        calibrator = calibrator.model_copy(update={"thresholds": None, "costs": costs})
    floors = {label_space.index(name): share for name, share in point.sensitivity.items()}
    if floors:
        calibrator = _lowered(calibrator, probabilities, truth, patients, floors, confidence=point.confidence)
    proven = {}
    for label, wanted in floors.items():
        hit = _all_of(patients[truth[:, label]], answered(calibrator, probabilities)[truth[:, label], label])
        bound = lower_bound(int(hit.sum()), len(hit), confidence=point.confidence)
        proven[label_space.names[label]] = {
            "wanted": wanted,
            "confidence": point.confidence,
            "patients": len(hit),
            "found": int(hit.sum()),
            "proven": bound,
        }
    risk: dict[str, float] = {}
    if point.risk is not None:
        calibrator, risk = _sure_enough(
            calibrator,
            probabilities,
            truth,
            patients,
            risk=point.risk,
            confidence=point.confidence,
        )
    return Proven(calibrator, proven, risk)


def answered(calibrator: Calibrator, probabilities: Floats) -> Bools:
    """The labels that are answered, bool [n, k]."""
    if calibrator.link == "sigmoid":
        return calibrator.holds(probabilities)
    found = np.zeros(probabilities.shape, dtype=np.bool_)
    found[np.arange(len(found)), calibrator.decide(probabilities)] = True
    return found


def cost_matrix(
    costs: Mapping[str, Mapping[str, float]], label_space: LabelSpace
) -> tuple[tuple[float, ...], ...]:
    """Label answered -> true label -> cost, [k][k]; what is not given costs 1, a right answer nothing."""
    names = label_space.names
    return tuple(
        tuple(float(costs.get(said, {}).get(true, float(said != true))) for true in names) for said in names
    )


def lower_bound(found: int, n: int, *, confidence: float) -> float:
    """The share that is proven by ``found`` of ``n``, one-sided (Clopper & Pearson, 1934)."""
    return 0.0 if found == 0 else float(beta.ppf(1 - confidence, found, n - found + 1))


def upper_bound(found: int, n: int, *, confidence: float) -> float:
    """The share that is not exceeded by ``found`` of ``n``, one-sided (Clopper & Pearson, 1934)."""
    return 1.0 if found >= n else float(beta.ppf(confidence, found + 1, n - found))


def _lowered(
    calibrator: Calibrator,
    probabilities: Floats,
    truth: Bools,
    patients: npt.NDArray[np.int64],
    floors: Mapping[int, float],
    *,
    confidence: float,
) -> Calibrator:
    several, labels = calibrator.link == "sigmoid", probabilities.shape[1]
    plain = np.full(labels, 0.5 if several else 1.0)
    thresholds = plain if calibrator.thresholds is None else np.array(calibrator.thresholds)
    for _ in range(ROUNDS):
        for label, share in floors.items():
            rows = truth[:, label]
            reached = probabilities[rows, label]
            if not several:
                others = np.delete(probabilities[rows] / thresholds, label, axis=1).max(axis=1)
                reached = reached / np.maximum(others, 1e-300)
            worst = np.sort(_least_of(patients[rows], reached))[::-1]
            counts = np.arange(1, len(worst) + 1)
            enough = np.flatnonzero(beta.ppf(1 - confidence, counts, len(worst) - counts + 1) >= share)
            if len(enough):
                thresholds[label] = min(thresholds[label], worst[enough[0]] * (1 - 1e-9))
    scale = 1.0 if several else max(1.0, float(thresholds.max()))
    smallest = np.maximum(thresholds / scale, 1e-12)
    return calibrator.model_copy(update={"thresholds": tuple(float(value) for value in smallest)})


def _sure_enough(
    calibrator: Calibrator,
    probabilities: Floats,
    truth: Bools,
    patients: npt.NDArray[np.int64],
    *,
    risk: float,
    confidence: float,
) -> tuple[Calibrator, dict[str, float]]:
    chosen = calibrator.decide(probabilities)
    rows = np.arange(len(chosen))
    sure, right = probabilities[rows, chosen], truth[rows, chosen]
    each = 1 - (1 - confidence) / CUTS
    found = {"wanted": risk, "confidence": confidence, "answered": 0.0, "proven": 1.0}
    for cut in sorted({float(value) for value in np.quantile(sure, np.arange(CUTS) / CUTS)}):
        given = sure >= cut
        good = _all_of(patients[given], right[given])
        bound = upper_bound(int((~good).sum()), len(good), confidence=each)
        if bound <= risk:
            found = {**found, "answered": float(given.mean()), "proven": bound}
            return calibrator.model_copy(update={"least": cut}), found
    return calibrator.model_copy(update={"least": NOTHING}), found


def _all_of(patients: npt.NDArray[np.int64], holds: Bools) -> Bools:
    """For each patient whether it holds of all of its reports."""
    return _least_of(patients, holds.astype(np.float64)) > 0


def _least_of(patients: npt.NDArray[np.int64], values: Floats) -> Floats:
    """The least value of each patient."""
    names, place = np.unique(patients, return_inverse=True)
    found = np.full(len(names), np.inf)
    np.minimum.at(found, place, values)
    return found
