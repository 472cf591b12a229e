"""Criteria of fairness: which figure of two groups must be alike, and of which answer.

Written for one answer against all others (an event: the label was given, the label is true), so that a
question with several labels is asked label by label, and the largest gap counts. What is measured on reports
of which group is told in ``evaluation.fairness``.

* ``equal_opportunity``: of those who have the label, as many are found (Hardt, Price & Srebro, 2016,
  "Equality of Opportunity in Supervised Learning").
* ``equalized_odds``: and of those who have not, as many are given it (the same).
* ``demographic_parity``: as many are given the label, whether they have it or not (Dwork et al., 2012,
  "Fairness Through Awareness", calls it statistical parity).
* ``predictive_parity``: of those given the label, as many have it (Chouldechova, 2017, "Fair prediction with
  disparate impact").
* ``calibration_within_groups``: in each group, the probabilities are as high on average as the label is
  frequent. This is calibration in the large, which calibration at every probability (Kleinberg, Mullainathan
  & Raghavan, 2017, "Inherent Trade-Offs in the Fair Determination of Risk Scores") implies, and not the
  reverse. It is the one criterion that holds a group against the truth and not against another group.
* ``accuracy_parity``: as many are answered right (Berk et al., 2017, "Fairness in Criminal Justice Risk
  Assessments: The State of the Art", calls it overall accuracy equality).

Macro-F1 is none of them: it hangs on how frequent the labels are, so that it differs between groups in which
every label is found as often (decision 44).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bert4text.core.errors import ConfigError
from bert4text.core.fairness import Criterion
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import Answers, Bools, Floats
from bert4text.evaluation.fairness_config import FairnessConfig

AT_LEAST = "≥ "
"""Before the lowest grade of an event of an ordinal question."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is true of a report or not, and that the system says or not.

    Attributes:
        name: the label, ``≥ 4`` for a grade and those above; None for the whole answer.
        truth: ``bool[n]``, whether it is true.
        decided: ``bool[n]``, whether the system says so.
        probability: ``float[n]`` that the system gives it.
    """

    name: str | None
    truth: Bools
    decided: Bools
    probability: Floats


@dataclass(frozen=True, slots=True)
class Rate:
    """A figure that is a sum over reports divided by how many they are.

    Attributes:
        name: of the measure.
        among: which reports are in the denominator.
        counted: what each of them adds to the numerator.
        share: whether that is 0 or 1, so that the figure is a share of reports.
    """

    name: str
    among: Callable[[Event], Bools]
    counted: Callable[[Event], Floats]
    share: bool = True


def _all(event: Event) -> Bools:
    return np.ones(len(event.truth), dtype=np.bool_)


def _given(event: Event) -> Floats:
    return event.decided.astype(np.float64)


FOUND = Rate("true_positive_rate", among=lambda event: event.truth, counted=_given)
FALSE_ALARMS = Rate("false_positive_rate", among=lambda event: ~event.truth, counted=_given)
GIVEN = Rate("selection_rate", among=_all, counted=_given)
RIGHT_WHEN_GIVEN = Rate(
    "precision", among=lambda event: event.decided, counted=lambda event: event.truth.astype(np.float64)
)
TOO_SURE = Rate(
    "calibration_bias",
    among=_all,
    counted=lambda event: event.probability - event.truth,
    share=False,
)
RIGHT = Rate("accuracy", among=_all, counted=lambda event: (event.truth == event.decided).astype(np.float64))

RATES: dict[Criterion, tuple[Rate, ...]] = {
    "equal_opportunity": (FOUND,),
    "equalized_odds": (FOUND, FALSE_ALARMS),
    "demographic_parity": (GIVEN,),
    "predictive_parity": (RIGHT_WHEN_GIVEN,),
    "calibration_within_groups": (TOO_SURE,),
    "accuracy_parity": (RIGHT,),
}
"""What each criterion compares."""

OF_THE_ANSWER = {"accuracy_parity"}
"""Criteria about the whole answer and not about a label."""


def labels_of(contract: FairnessConfig, label_space: LabelSpace) -> tuple[str, ...]:
    """The labels that the contract is about, in the order of the question.

    Of two labels it is the second, as sensitivity is; of grades that stand for themselves and those above,
    the lowest is left out, since every grade is at least that.

    Raises:
        ConfigError: the question has no such label, or every grade is at least the one that is named.
    """
    names = label_space.names
    whole = _lowest(contract, label_space)
    if contract.labels is None:
        return names[1:] if label_space.task == "binary" else tuple(name for name in names if name != whole)
    unknown = [name for name in contract.labels if name not in names]
    if unknown or not contract.labels:
        raise ConfigError(
            "[evaluate.fairness] labels names {unknown}; the question has {known}",
            hint="name labels of the question, or leave the key out",
            code="unknown-label",
            unknown=unknown,
            known=list(names),
        )
    if whole in contract.labels:
        raise ConfigError(
            "[evaluate.fairness] labels names the lowest grade {label!r}, and every grade is at least that",
            hint='name higher grades, or set grades = "each"',
            code="lowest-grade",
            label=whole,
        )
    return tuple(name for name in names if name in contract.labels)


def _lowest(contract: FairnessConfig, label_space: LabelSpace) -> str | None:
    """The grade that every graded report reaches, where grades stand for those above too."""
    cumulative = label_space.task == "ordinal" and contract.grades == "at-least"
    return label_space.names[label_space.scale[0]] if cumulative else None


def events(contract: FairnessConfig, label_space: LabelSpace, answers: Answers) -> list[Event]:
    """What the contract asks of each report: one event for each of its labels."""
    cumulative = label_space.task == "ordinal" and contract.grades == "at-least"
    found = []
    for name in labels_of(contract, label_space):
        place = label_space.index(name)
        graded = cumulative and place in label_space.scale
        above = label_space.scale[label_space.scale.index(place) :] if graded else (place,)
        columns = list(above)
        truth = np.asarray(answers.truth[:, columns].any(axis=1), dtype=np.bool_)
        decided = np.asarray(answers.decided[:, columns].any(axis=1), dtype=np.bool_)
        probability: Floats = answers.probabilities[:, columns].sum(axis=1)
        label = f"{AT_LEAST}{name}" if graded else name
        found.append(Event(label, truth=truth, decided=decided, probability=probability))
    return found


def whole(answers: Answers) -> Event:
    """The whole answer as one event: that it is right."""
    right: Bools = (answers.truth == answers.decided).all(axis=1)
    true = np.ones(len(answers), dtype=np.bool_)
    return Event(None, truth=true, decided=right, probability=np.ones(len(answers)))
