"""Guards: what must not be called a success is not."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import GuardError
from bert4text.training.guards import check_collapse, check_finite, check_same_answers

NAMES = ("a", "b", "c")


def one_hot(labels):
    return np.eye(3, dtype=bool)[labels]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_loss_that_is_no_number_has_diverged(value):
    with pytest.raises(GuardError, match="step 4") as caught:
        check_finite(value, step=4)
    assert caught.value.error_code == "diverged"
    assert caught.value.exit_status == 4
    check_finite(0.7, step=4)


def test_one_answer_to_everything_is_a_collapse():
    with pytest.raises(GuardError, match="'b' to all 30") as caught:
        check_collapse(one_hot([1] * 30), one_hot([0] * 5 + [1] * 25), names=NAMES)
    assert caught.value.error_code == "collapsed"
    assert caught.value.values["others"] == 5


@pytest.mark.parametrize(
    ("decided", "truth"),
    [
        ([1] * 30, [0] * 4 + [1] * 26),  # too few others to tell
        ([1] * 29 + [0], [0] * 15 + [1] * 15),  # not one answer
        ([], []),
    ],
)
def test_what_is_no_collapse_passes(decided, truth):
    check_collapse(one_hot(np.array(decided, int)), one_hot(np.array(truth, int)), names=NAMES)


def test_no_label_for_anybody_is_a_collapse_of_a_multilabel_question():
    with pytest.raises(GuardError, match="'-'"):
        check_collapse(np.zeros((20, 3), dtype=bool), np.ones((20, 3), dtype=bool), names=NAMES)


def test_a_saved_model_must_answer_as_it_did():
    before = np.array([[0.25, 0.75], [0.5, 0.5]])
    check_same_answers(before, before + 9e-6)
    for after in (before + 2e-5, before * np.nan, before[:1]):
        with pytest.raises(GuardError) as caught:
            check_same_answers(before, after)
        assert caught.value.error_code == "reload-mismatch"
    check_same_answers(before[:0], before[:0])
