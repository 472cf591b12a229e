"""Reliability bins and curves as records, and the learning curve made flat."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import answers
from bert4text.evaluation.curves import learning_steps
from bert4text.evaluation.ranking import precision_recall_points, ranking, roc_points
from bert4text.evaluation.reliability import (
    bins_by_label,
    brier,
    expected_calibration_error,
    reliability_bins,
)

BINARY = LabelSpace(task="binary", names=("n", "y"))


def binary(p, y):
    p, y = np.asarray(p), np.asarray(y)
    return answers(np.eye(2, dtype=bool)[y], np.column_stack([1 - p, p]), label_space=BINARY)


def test_bins_of_a_binary_question():
    one = binary([0.05, 0.05, 0.93, 0.95, 0.97, 0.96], [0, 1, 1, 1, 1, 0])
    found = reliability_bins(one, system="model", labels=("n", "y"), index=np.arange(6))
    assert [(b.n, b.observed, b.label) for b in found] == [(2, 0.5, "y"), (4, 0.75, "y")]
    assert found[1].mean == pytest.approx(0.9525)
    assert all(b.low < b.observed < b.high for b in found)
    assert brier(one) == pytest.approx(np.mean((one.probabilities[:, 1] - [0, 1, 1, 1, 1, 0]) ** 2))
    wanted = (abs(0.1 - 1) + abs(3.81 - 3)) / 6
    assert expected_calibration_error(one) == pytest.approx(wanted)


def test_bins_add_up_to_the_calibration_error():
    random = np.random.default_rng(0)
    space = LabelSpace(task="multiclass", names=("a", "b", "c"))
    one = answers(
        np.eye(3, dtype=bool)[random.integers(3, size=200)], random.dirichlet([1] * 3, 200), label_space=space
    )
    found = reliability_bins(one, system="model", labels=space.names, index=np.arange(200), bins=15)
    assert sum(b.n for b in found) == 200
    total = sum(b.n * abs(b.mean - b.observed) for b in found) / 200
    assert total == pytest.approx(expected_calibration_error(one, bins=15))
    assert {b.label for b in found} == {None}


def test_multilabel_bins_hold_every_label():
    space = LabelSpace(task="multilabel", names=("a", "b"))
    one = answers(np.array([[True, False]] * 3), np.array([[0.9, 0.1]] * 3), label_space=space)
    found = reliability_bins(one, system="model", labels=space.names, index=np.arange(3))
    assert sum(b.n for b in found) == 6


def test_patients_widen_the_bins():
    one = binary([0.55] * 12, [0, 1] * 6)
    alone = reliability_bins(one, system="m", labels=("n", "y"), index=np.arange(12))[0]
    groups = np.array([0, 1] * 6)  # two patients: one always right, one never
    together = reliability_bins(one, system="m", labels=("n", "y"), index=groups)[0]
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_long_curves_are_thinned_but_keep_their_ends():
    random = np.random.default_rng(1)
    scores, held = random.random(5000), random.random(5000) < 0.4
    for points in (roc_points, precision_recall_points):
        x, y = points(ranking(scores, held))
        assert len(x) == len(y) <= 200
        assert (x[0], x[-1]) == (0.0, 1.0)
        assert np.all(np.diff(x) >= 0)


def test_constant_scores_draw_the_diagonal():
    x, y = roc_points(ranking(np.full(10, 0.3), np.arange(10) < 4))
    assert (x.tolist(), y.tolist()) == ([0.0, 1.0], [0.0, 1.0])


def test_learning_steps_are_flat_and_few():
    steps = [
        {"step": i, "loss": 1.0, "validation": {"macro_f1": 0.5} if i == 7 else None} for i in range(1000)
    ]
    found = learning_steps(steps, most=100)
    assert len(found) <= 103
    assert {"step": 7.0, "loss": 1.0, "validation_macro_f1": 0.5} in found
    assert found[-1]["step"] == 999.0
    assert learning_steps([{"step": 1, "loss": float("nan"), "name": "x"}]) == [{"step": 1.0}]
    assert learning_steps([]) == []


def test_each_label_against_all_others():
    space = LabelSpace(task="multiclass", names=("a", "b", "c"))
    probabilities = np.array([[0.85, 0.1, 0.05], [0.85, 0.1, 0.05], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]])
    one = answers(np.eye(3, dtype=bool)[[0, 1, 1, 2]], probabilities, label_space=space)
    found = bins_by_label(one, system="model", labels=space.names, index=np.arange(4))
    of_a = [(b.mean, b.observed, b.n) for b in found if b.label == "a"]
    assert of_a == [(0.05, 0.0, 1), (0.3, 0.0, 1), (0.85, 0.5, 2)]
    assert {b.label for b in found} == {"a", "b", "c"}
    assert sum(b.n for b in found) == 12
    assert not bins_by_label(
        binary([0.2, 0.8], [0, 1]), system="model", labels=("n", "y"), index=np.arange(2)
    )
