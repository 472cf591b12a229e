from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.special import expit, softmax

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator, Curve

LOGITS = st.lists(st.lists(st.floats(-800, 800), min_size=3, max_size=3), min_size=1, max_size=6)


@given(rows=LOGITS, temperature=st.floats(0.05, 20))
def test_probabilities_agree_with_scipy(rows: list[list[float]], temperature: float) -> None:
    logits = np.array(rows, dtype=np.float32)
    scaled = logits.astype(np.float64) / temperature
    one = Calibrator(kind="temperature", temperature=temperature)
    several = one.model_copy(update={"link": "sigmoid"})
    np.testing.assert_allclose(one.probabilities(logits), softmax(scaled, axis=1), atol=1e-12)
    np.testing.assert_allclose(several.probabilities(logits), expit(scaled), atol=1e-12)
    assert one.probabilities(logits).dtype == np.float64


@given(rows=LOGITS, temperature=st.floats(0.05, 20))
def test_temperature_moves_no_decision(rows: list[list[float]], temperature: float) -> None:
    logits = np.round(np.array(rows)) / 10
    plain, warm = Calibrator(), Calibrator(kind="temperature", temperature=temperature)
    moved = warm.decide(warm.probabilities(logits)) != plain.decide(plain.probabilities(logits))
    top = np.sort(plain.probabilities(logits), axis=1)
    assert not (moved & (top[:, -1] - top[:, -2] > 1e-9)).any()


def test_thresholds_weigh_the_decision() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.4, 0.35, 0.25]])
    assert Calibrator().decide(probabilities).tolist() == [0, 0]
    assert Calibrator(thresholds=(0.9, 0.1, 0.9)).decide(probabilities).tolist() == [1, 1]


def test_several_labels_hold_at_their_thresholds() -> None:
    probabilities = np.array([[0.5, 0.2], [0.49, 0.9]])
    plain = Calibrator(link="sigmoid")
    assert plain.holds(probabilities).tolist() == [[True, False], [False, True]]
    chosen = Calibrator(link="sigmoid", thresholds=(0.6, 0.2))
    assert chosen.holds(probabilities).tolist() == [[False, True], [False, True]]


def test_no_report_gives_no_row() -> None:
    empty = np.zeros((0, 3), dtype=np.float32)
    assert Calibrator().probabilities(empty).shape == (0, 3)
    assert Calibrator().decide(Calibrator().probabilities(empty)).shape == (0,)


def test_survives_json() -> None:
    made = Calibrator(kind="temperature", temperature=1.7, thresholds=(0.3, 0.5), n=114)
    assert Calibrator.model_validate(json.loads(json.dumps(made.model_dump(mode="json")))) == made


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "temperature", "temperature": 0},
        {"kind": "temperature", "temperature": float("nan")},
        {"kind": "none", "temperature": 2.0},
        {"thresholds": (0.0, 0.5)},
        {"kind": "platt"},
    ],
)
def test_impossible_values_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calibrator.model_validate(bad)


def test_the_link_follows_the_task() -> None:
    assert Calibrator.untouched(LabelSpace(task="ordinal", names=("a", "b"))).link == "softmax"
    assert Calibrator.untouched(LabelSpace(task="multilabel", names=("a", "b"))).link == "sigmoid"


def test_two_numbers_of_each_label() -> None:
    made = Calibrator(kind="vector", scale=(2.0, 0.5), bias=(0.0, 1.0))
    logits = np.array([[1.0, 2.0], [-1.0, 0.0]])
    np.testing.assert_allclose(made.scaled(logits), [[2.0, 2.0], [-2.0, 1.0]])
    np.testing.assert_allclose(made.probabilities(logits), softmax([[2.0, 2.0], [-2.0, 1.0]], axis=1))


def test_a_line_of_each_label_bends_and_sums_to_one() -> None:
    lines = (Curve(x=(0.0, 0.5, 1.0), y=(0.1, 0.2, 0.9)), Curve(x=(0.0, 1.0), y=(0.1, 0.9)))
    made = Calibrator(kind="isotonic", temperature=2.0, curves=lines)
    said = made.probabilities(np.array([[0.0, 0.0], [30.0, -30.0]]))
    np.testing.assert_allclose(said[0], [0.2 / 0.7, 0.5 / 0.7])
    np.testing.assert_allclose(said[1], [0.9, 0.1], atol=1e-6)
    several = made.model_copy(update={"link": "sigmoid"})
    np.testing.assert_allclose(several.probabilities(np.array([[0.0, 0.0]])), [[0.2, 0.5]])


def test_the_answer_may_be_the_one_that_is_expected_to_cost_least() -> None:
    made = Calibrator(costs=((0.0, 9.0), (1.0, 0.0)))
    assert made.decide(np.array([[0.95, 0.05], [0.85, 0.15]])).tolist() == [0, 1]


def test_a_record_from_before_prediction_sets_is_read() -> None:
    old = {"kind": "temperature", "temperature": 1.3, "thresholds": None, "quantiles": None, "n": 57}
    assert Calibrator.model_validate({**old, "link": "softmax"}).temperature == 1.3
    with pytest.raises(ValidationError):
        Calibrator.model_validate({**old, "quantiles": {"0.9": 0.3}})


@pytest.mark.parametrize(
    "given_",
    [
        {"kind": "vector"},
        {"kind": "vector", "scale": (1.0,), "bias": (0.0,), "temperature": 2.0},
        {"kind": "temperature", "scale": (1.0,), "bias": (0.0,)},
        {"kind": "isotonic"},
        {"kind": "none", "temperature": 2.0},
        {"thresholds": (0.0, 0.5)},
    ],
)
def test_parts_that_do_not_belong_together_are_refused(given_: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calibrator.model_validate(given_)


@pytest.mark.parametrize(
    ("x", "y"), [((0.0, 1.0), (0.5,)), ((1.0, 0.0), (0.1, 0.2)), ((0.0, 1.0), (0.0, 0.9))]
)
def test_a_line_never_falls_and_never_reaches_certainty(x: tuple[float, ...], y: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        Curve(x=x, y=y)
