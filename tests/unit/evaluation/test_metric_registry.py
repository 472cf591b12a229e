"""The registry of metrics, and properties that hold for any answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import answers
from bert4text.evaluation.config import MetricName
from bert4text.evaluation.metrics import METRICS, measure, suitable
from bert4text.evaluation.tally import bin_index, prepare

THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))


@st.composite
def three_labels(draw):
    n = draw(st.integers(2, 25))
    seed = draw(st.integers(0, 2**31))
    random = np.random.default_rng(seed)
    truth = np.eye(3, dtype=bool)[random.integers(3, size=n)]
    probabilities = random.dirichlet([0.5] * 3, size=n)
    return answers(truth, probabilities, label_space=THREE)


def test_registry_names_are_those_of_the_settings():
    assert set(METRICS) == set(MetricName.__args__)
    for name in METRICS:
        assert METRICS.get(name).name == name


def test_unknown_metric_is_refused_with_the_nearest():
    with pytest.raises(ConfigError) as caught:
        METRICS.get("macro_f2")
    assert caught.value.values["near"] == "macro_f1"


def test_suitable_leaves_out_what_does_not_suit():
    names = [one.name for one in suitable(THREE)]
    assert "quadratic_kappa" not in names
    ordinal = LabelSpace(task="ordinal", names=("a", "b", "c"))
    assert "quadratic_kappa" in [one.name for one in suitable(ordinal)]
    assert [one.name for one in suitable(THREE, ["mcc", "quadratic_kappa"])] == ["mcc"]


def test_sensitivity_over_all_is_for_binary_questions():
    one = METRICS.get("sensitivity")
    assert one.suits("binary", over_all=True)
    assert not one.suits("multiclass", over_all=True)
    assert one.suits("multiclass", over_all=False)
    assert measure(answers(np.eye(3, dtype=bool), np.eye(3), label_space=THREE), ["sensitivity", "mcc"]) == {
        "mcc": 1.0
    }


@given(three_labels())
def test_every_figure_lies_in_its_range(one):
    tally = prepare(one).tally()
    for name in METRICS:
        kind = METRICS.get(name)
        if kind.suits("multiclass", over_all=True):
            value = kind.over_all(tally)[0]
            low, high = {"mcc": (-1, 1), "brier": (0, 2)}.get(name, (0, 1))
            assert math.isnan(value) or low - 1e-9 <= value <= high + 1e-9, name
        if kind.by_class is not None and name != "quadratic_kappa":
            values = kind.by_class(tally)
            assert values.shape == (1, 3)
            assert np.all(np.isnan(values) | ((values >= -1e-9) & (values <= 1 + 1e-9))), name


@given(three_labels())
def test_weights_of_two_are_the_reports_twice(one):
    n = len(one)
    doubled = one.select(np.repeat(np.arange(n), 2))
    weighted, repeated = prepare(one).tally(np.full((1, n), 2.0)), prepare(doubled).tally()
    for kind in suitable(THREE):
        for function in (kind.by_class, kind.over_all if kind.suits("multiclass", over_all=True) else None):
            if function is not None:
                np.testing.assert_allclose(function(weighted), function(repeated), atol=1e-9)


@given(three_labels())
def test_the_order_of_reports_does_not_matter(one):
    shuffled = one.select(np.random.default_rng(0).permutation(len(one)))
    for name, value in measure(one, METRICS.names()).items():
        assert measure(shuffled, [name])[name] == pytest.approx(value, abs=1e-9, nan_ok=True)


def test_perfect_answers():
    truth = np.eye(3, dtype=bool)[[0, 1, 2, 0, 1]]
    found = measure(answers(truth, truth.astype(float), label_space=THREE), METRICS.names())
    assert found.pop("brier") == 0
    assert found.pop("ece") == 0
    assert set(found.values()) == {1.0}


def test_one_label_for_all_has_chance_figures():
    truth = np.eye(3, dtype=bool)[[0, 0, 0, 1, 2]]
    found = measure(answers(truth, np.tile([0.6, 0.2, 0.2], (5, 1)), label_space=THREE), METRICS.names())
    assert (found["accuracy"], found["mcc"], found["auroc"]) == (0.6, 0.0, 0.5)
    assert found["balanced_accuracy"] == pytest.approx(1 / 3)


def test_what_is_not_defined_is_nan():
    one = answers(np.eye(3, dtype=bool)[[0, 0]], np.eye(3)[[0, 0]], label_space=THREE)
    found = measure(one, ["mcc", "auroc", "accuracy"])
    assert math.isnan(found["mcc"])
    assert math.isnan(found["auroc"])
    assert found["accuracy"] == 1
    precision = METRICS.get("precision").by_class(prepare(one).tally())[0]
    assert precision[0] == 1
    assert np.isnan(precision[1:]).all()


def test_bins_close_on_the_right():
    assert bin_index(np.array([0.0, 0.1, 0.1001, 0.95, 1.0]), 10).tolist() == [0, 0, 1, 9, 9]
