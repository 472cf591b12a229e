"""How answers are given: which labels cannot be excluded, and which reports are left to a person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import NotCalibratedError
from bert4text.core.prediction import Manner, Promise
from bert4text.models.calibration import Calibrator, Probabilities
from bert4text.models.conformal import PredictionSets, named

Bools = npt.NDArray[np.bool_]

USUAL = 0.9
"""What prediction sets promise if nothing is asked for."""


def check_manner(manner: Manner, calibrator: Calibrator) -> None:
    """Refuse a manner that needs what was not fitted.

    Raises:
        NotCalibratedError: there are no prediction sets of that level, or no risk was set.
    """
    wanted, sets = manner.coverage, calibrator.sets
    if wanted is not None and (sets is None or named(wanted) not in sets.each_label):
        raise NotCalibratedError(
            "the model makes no prediction sets that promise {wanted}; it has {known}",
            hint="[predict] coverage takes one of these; others are fitted with [train.calibration] levels",
            code="no-such-promise",
            wanted=wanted,
            known=[] if sets is None else list(sets.levels),
        )
    several = calibrator.link == "sigmoid"
    lacks = {"several": several or sets is None, "unsure": calibrator.least is None}
    if lacks.get(manner.abstain, False):
        raise NotCalibratedError(
            "the model cannot abstain as [predict] abstain = {wanted!r} asks: that was not fitted",
            hint="several needs one answer for each report and a calibration split; unsure needs "
            "[train.calibration.point] risk",
            code="cannot-abstain",
            wanted=manner.abstain,
        )


def level_of(sets: PredictionSets, manner: Manner) -> float:
    """What prediction sets promise: what was asked for, else 0.9 or what comes next to it."""
    if manner.coverage is not None:
        return manner.coverage
    return min(sets.levels, key=lambda level: (abs(level - USUAL), level))


def promise_of(sets: PredictionSets, manner: Manner) -> Promise:
    """What prediction sets promise: of each label where that was asked for or can be kept, else over all."""
    if sets.overall is None:
        return "each-label"
    if manner.promise is not None:
        return manner.promise
    return "overall" if None in sets.quantiles(level_of(sets, manner), "each-label") else "each-label"


def kept_labels(
    calibrator: Calibrator, probabilities: Probabilities, texts: Sequence[str], manner: Manner
) -> Bools | None:
    """The labels that cannot be excluded of each report, bool [n, k]; None where that was not fitted."""
    sets = calibrator.sets
    if sets is None:
        return None
    return sets.kept(probabilities, texts, level_of(sets, manner), promise_of(sets, manner))


def doubts(
    calibrator: Calibrator, manner: Manner, probabilities: Probabilities, answer: int, kept: Bools | None
) -> str | None:
    """Why a report is left to a person: ``several-labels`` or ``unsure``; None where it is answered.

    Args:
        calibrator: of the system that answers.
        manner: how answers are given.
        probabilities: of one report, [k].
        answer: the index of its label.
        kept: its prediction set, bool [k], or None.
    """
    if manner.abstain == "never" or calibrator.link == "sigmoid":
        return None
    if manner.abstain == "several":
        return "several-labels" if kept is not None and kept.sum() > 1 else None
    least = calibrator.least
    return "unsure" if least is not None and probabilities[answer] < least else None
