"""Answers: shapes, probabilities and decisions are checked once, with an error that says what to do."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import DataError, EmptyCorpusError, LabelError
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import answers, truth_matrix

BINARY = LabelSpace(task="binary", names=("no", "yes"))
SEVERAL = LabelSpace(task="multilabel", names=("a", "b", "c"))
TRUTH = np.array([[True, False], [False, True], [False, True]])
GOOD = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])


def test_truth_matrix():
    assert truth_matrix([["no"], ["yes"]], BINARY).tolist() == [[True, False], [False, True]]
    assert truth_matrix([["a", "c"], []], SEVERAL).tolist() == [[True, False, True], [False] * 3]


@pytest.mark.parametrize("labels", [[["no"], []], [["no", "yes"]]])
def test_one_label_each(labels):
    with pytest.raises(LabelError) as caught:
        truth_matrix(labels, BINARY)
    assert caught.value.error_code == "not-one-label"
    assert caught.value.values["count"] == 1


def test_unknown_label_and_no_reports():
    with pytest.raises(LabelError, match="maybe"):
        truth_matrix([["maybe"]], BINARY)
    with pytest.raises(EmptyCorpusError):
        truth_matrix([], BINARY)


def test_default_decisions():
    found = answers(TRUTH, GOOD, label_space=BINARY)
    assert found.decided[:, 1].tolist() == [False, False, True]
    assert (len(found), found.labels, found.single) == (3, 2, True)
    several = answers(np.zeros((1, 3), bool), [[0.5, 0.49, 0.9]], label_space=SEVERAL)
    assert several.decided.tolist() == [[True, False, True]]
    assert not several.single


def test_given_decisions():
    found = answers(TRUTH, GOOD, label_space=BINARY, decisions=np.array([0, 1, 1]))
    assert found.decided[:, 1].tolist() == [False, True, True]
    several = answers(
        np.zeros((2, 3), bool), np.full((2, 3), 0.4), label_space=SEVERAL, decisions=[[1, 0, 0]] * 2
    )
    assert several.decided.tolist() == [[True, False, False]] * 2
    assert found.select(np.array([2])).decided.tolist() == [[False, True]]


@pytest.mark.parametrize(
    ("probabilities", "code"),
    [
        (GOOD[:2], "bad-shape"),
        (GOOD * 3, "not-a-probability"),
        (np.full((3, 2), np.nan), "not-a-probability"),
        (np.full((3, 2), 0.2), "not-a-probability"),
    ],
)
def test_bad_probabilities(probabilities, code):
    with pytest.raises(DataError) as caught:
        answers(TRUTH, probabilities, label_space=BINARY)
    assert caught.value.error_code == code
    assert caught.value.hint


@pytest.mark.parametrize(
    ("decisions", "code"),
    [
        ([0, 1], "bad-shape"),
        ([0, 1, 2], "bad-decision"),
        ([0, 1, 0.5], "bad-decision"),
        ([0, 1, -1], "bad-decision"),
    ],
)
def test_bad_decisions(decisions, code):
    with pytest.raises(DataError) as caught:
        answers(TRUTH, GOOD, label_space=BINARY, decisions=np.array(decisions))
    assert caught.value.error_code == code
