"""Which answers to changed reports are failures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bert4text.core.errors import LabelError
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.robustness.scoring import Scoring

BINARY = LabelSpace(task="binary", names=("benign", "malignant"))
GRADES = LabelSpace(task="ordinal", names=("0", "1", "2", "3"), off_scale=("0",))
SEVERAL = LabelSpace(task="multilabel", names=("mass", "cyst"))


def scoring(space: LabelSpace = BINARY, **given: Any) -> Scoring:
    return Scoring(space, Calibrator.untouched(space), **given)


def rows(*values: tuple[float, ...]) -> Any:
    return np.array(values, dtype=np.float64)


def test_an_invariant_answer_may_move_and_must_not_change() -> None:
    found = scoring().invariant(rows((0.9, 0.1), (0.51, 0.49)), rows((0.6, 0.4), (0.49, 0.51)))
    assert found.failed.tolist() == [False, True]
    assert found.shift.tolist() == pytest.approx([0.3, 0.02])


def test_thresholds_decide_as_they_do_in_predict() -> None:
    calibrator = Calibrator(thresholds=(0.9, 0.1))
    found = Scoring(BINARY, calibrator).invariant(rows((0.95, 0.05)), rows((0.85, 0.15)))
    assert found.failed.tolist() == [True]


def test_a_direction_fails_the_wrong_way_alone() -> None:
    made = scoring(serious=["malignant"], tolerance=0.1)
    before = rows((0.6, 0.4), (0.9, 0.1), (0.9, 0.1), (0.52, 0.48))
    after = rows((0.9, 0.1), (0.85, 0.15), (0.7, 0.3), (0.48, 0.52))
    assert made.directed(before, after, toward="down").failed.tolist() == [False, False, True, True]
    assert made.directed(before, after, toward="up").failed.tolist() == [True, False, False, False]
    assert made.directed(before, after, toward="down").shift.tolist() == pytest.approx([0, 0.05, 0.2, 0.04])


def test_grades_are_serious_in_their_order_and_what_is_no_grade_counts_for_nothing() -> None:
    made = scoring(GRADES)
    assert made.ordered
    before, higher, aside = (0.0, 0.8, 0.1, 0.1), (0.0, 0.1, 0.1, 0.8), (0.9, 0.08, 0.01, 0.01)
    down = made.directed(rows(before, higher, before), rows(higher, before, aside), toward="down")
    assert down.failed.tolist() == [True, False, False]
    assert down.shift[2] == 0
    assert not scoring().ordered
    assert scoring(GRADES, serious=["1"]).directed(
        rows(before), rows(higher), toward="up"
    ).failed.tolist() == [True]


def test_of_several_labels_any_that_changes_is_a_failure_and_the_most_serious_counts() -> None:
    made = scoring(SEVERAL, serious=["mass"])
    assert made.invariant(rows((0.6, 0.6)), rows((0.6, 0.4))).failed.tolist() == [True]
    assert made.directed(rows((0.2, 0.2)), rows((0.6, 0.2)), toward="down").failed.tolist() == [True]
    assert made.directed(rows((0.2, 0.2)), rows((0.2, 0.9)), toward="down").failed.tolist() == [False]
    assert (made.answer(np.array([0.6, 0.6])), made.answer(np.array([0.1, 0.1]))) == ("mass, cyst", "–")


def test_nothing_said_allows_no_sure_answer_but_the_usual_one_and_that_nothing_is_said() -> None:
    after = rows((0.95, 0.05), (0.6, 0.4))
    assert scoring().unsure(after).failed.tolist() == [True, False]
    assert scoring(shares={"benign": 0.96}).unsure(after).failed.tolist() == [False, False]
    space = LabelSpace(task="multiclass", names=("a", "b", "unclear"), indeterminate="unclear")
    assert scoring(space).unsure(rows((0.02, 0.03, 0.95))).failed.tolist() == [False]


def test_an_answer_that_is_no_number_is_a_failure() -> None:
    broken = rows((np.nan, 0.1))
    made = scoring(serious=["malignant"])
    for found in (
        made.invariant(rows((0.9, 0.1)), broken),
        made.directed(rows((0.9, 0.1)), broken, toward="down"),
        made.unsure(broken),
    ):
        assert found.failed.tolist() == [True]
        assert found.shift.tolist() == [1.0]
    assert made.answer(broken[0]) is None


def test_a_serious_label_has_to_be_one_of_the_question() -> None:
    with pytest.raises(LabelError, match="bad"):
        scoring(serious=["bad"])
