"""Temperature and thresholds: fitted where they help, left alone where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn.metrics import f1_score, log_loss

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.training.calibrate import (
    choose_thresholds,
    evidence,
    fit_temperature,
    macro_f1,
    negative_log_likelihood,
)

TWO = LabelSpace(task="binary", names=("a", "b"))
FOUR = LabelSpace(task="multiclass", names=("a", "b", "c", "d"))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))


def drawn(n, k, *, sharpness=1.0, prior=None, seed=0):
    """Logits whose true temperature is ``sharpness``, and labels drawn from them."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(n, k)) * 2 + (0 if prior is None else np.log(prior))
    labels = np.array([random.choice(k, p=row) for row in softmax(logits, axis=1)])
    return logits * sharpness, np.eye(k, dtype=bool)[labels]


@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_the_temperature_is_found(sharpness):
    logits, truth = drawn(4000, 4, sharpness=sharpness)
    found = fit_temperature(logits, truth, label_space=FOUR)
    assert found.kind == "temperature"
    assert found.n == 4000
    assert found.temperature == pytest.approx(sharpness, rel=0.08)


def test_the_temperature_of_several_labels_is_found():
    random = np.random.default_rng(3)
    logits = random.normal(size=(3000, 3)) * 2
    truth = random.random((3000, 3)) < 1 / (1 + np.exp(-logits))
    found = fit_temperature(logits * 2, truth, label_space=MANY)
    assert found.link == "sigmoid"
    assert found.temperature == pytest.approx(2, rel=0.08)


def test_a_small_split_without_errors_does_not_make_anyone_certain():
    truth = np.eye(2, dtype=bool)[[0, 1] * 10]
    found = fit_temperature(np.where(truth, 4.0, -4.0), truth, label_space=TWO)
    probabilities = found.probabilities(np.where(truth, 4.0, -4.0))
    assert probabilities.max() < 0.99


def of_labels(k):
    return LabelSpace(task="multiclass" if k > 2 else "binary", names=tuple(f"{one:02d}" for one in range(k)))


@pytest.mark.parametrize("k", [2, 4, 17])
def test_confidence_is_as_high_as_accuracy_however_many_labels_there_are(k):
    space = LabelSpace(
        task="multiclass" if k > 2 else "binary", names=tuple(f"{one:02d}" for one in range(k))
    )
    random = np.random.default_rng(5)
    sure = []
    for seed in range(20):
        logits, _ = drawn(2120, k, seed=seed)
        logits *= 1.5
        truth = np.eye(k, dtype=bool)[[random.choice(k, p=row) for row in softmax(logits, axis=1)]]
        found = fit_temperature(2 * logits[:120], truth[:120], label_space=space).probabilities(
            2 * logits[120:]
        )
        right = truth[120:][np.arange(2000), found.argmax(axis=1)]
        sure.append(found.max(axis=1).mean() - right.mean())
    assert np.mean(sure) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("k", [2, 3, 17])
def test_what_smoothing_takes_from_the_true_label_hangs_on_the_reports_alone(k):
    space = LabelSpace(
        task="multiclass" if k > 2 else "binary", names=tuple(f"{one:02d}" for one in range(k))
    )
    truth = np.eye(k, dtype=bool)[[0] * 120]
    logits = np.where(truth, np.log(121.0 * (k - 1)), 0.0)  # the true label at (n + 1) / (n + 2)
    found = fit_temperature(logits * 3, truth, label_space=space)
    assert found.probabilities(logits * 3).max() == pytest.approx(121 / 122, abs=1e-4)


def test_too_few_reports_fit_nothing():
    logits, truth = drawn(9, 2)
    assert fit_temperature(logits, truth, label_space=TWO) == Calibrator.untouched(TWO)


def test_likelihood_agrees_with_scikit_learn():
    logits, truth = drawn(200, 4)
    ours = negative_log_likelihood(logits, truth, label_space=FOUR)
    assert ours == pytest.approx(log_loss(truth.argmax(axis=1), softmax(logits, axis=1)), abs=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 60))
def test_macro_f1_agrees_with_scikit_learn(seed, k, n):
    random = np.random.default_rng(seed)
    truth, said = random.integers(k, size=n), random.integers(k, size=n)
    expected = f1_score(truth, said, average="macro", labels=np.unique(truth), zero_division=0)
    found = macro_f1(np.eye(k, dtype=bool)[truth], np.eye(k, dtype=bool)[said])
    assert found == pytest.approx([expected])


def test_weights_of_macro_f1_repeat_reports():
    random = np.random.default_rng(5)
    truth, said = random.integers(3, size=40), random.integers(3, size=40)
    counts = random.integers(0, 4, size=40)
    eye = np.eye(3, dtype=bool)
    repeated = np.repeat(np.arange(40), counts)
    assert macro_f1(eye[truth], eye[said], counts[None, :].astype(float)) == pytest.approx(
        macro_f1(eye[truth[repeated]], eye[said[repeated]])
    )


def test_a_label_with_one_report_says_a_fifth_of_what_one_with_five_says():
    truth = np.zeros((16, 3), dtype=bool)
    truth[:10, 0] = truth[10:15, 1] = truth[15:, 2] = True
    assert evidence(truth) == pytest.approx([1.0, 1.0, 0.2])
    missed = truth.copy()
    missed[15] = [True, False, False]
    plain, weighed = (float(macro_f1(truth, missed, labels=labels)[0]) for labels in (None, evidence(truth)))
    assert plain == pytest.approx((20 / 21 + 1 + 0) / 3)
    assert weighed == pytest.approx((20 / 21 + 1 + 0) / 2.2)
    absent = truth[:15]
    assert float(macro_f1(absent, absent, labels=evidence(absent))[0]) == pytest.approx(1.0)


def biased(n, seed):
    """Three rare labels whose logits are too low by 3: the ranking is good, the decision is not."""
    random = np.random.default_rng(seed)
    truth = random.random((n, 3)) < 0.15
    return np.where(truth, 1.5, -1.5) + random.normal(size=truth.shape) * 0.7 - 3, truth


def test_thresholds_help_labels_that_are_never_given():
    logits, truth = biased(400, 1)
    plain, groups = Calibrator.untouched(MANY), [f"p{i}" for i in range(400)]
    found = choose_thresholds(plain, logits, truth, groups=groups, seed=7)
    assert found.thresholds is not None
    assert all(value < 0.5 for value in found.thresholds)
    fresh, real = biased(2000, 2)
    p = plain.probabilities(fresh)
    assert macro_f1(real, found.holds(p))[0] > macro_f1(real, plain.holds(p))[0] + 0.2
    assert choose_thresholds(plain, logits, truth, groups=groups, seed=7) == found


def test_noise_is_seldom_worth_a_threshold():
    taken = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        truth = random.random((120, 3)) < 0.4
        logits = random.normal(size=truth.shape) + 1.5 * truth - 0.75
        plain, groups = Calibrator.untouched(MANY), [f"p{i}" for i in range(120)]
        taken += choose_thresholds(plain, logits, truth, groups=groups, seed=seed).thresholds is not None
    assert taken <= 2


def test_too_few_patients_choose_nothing():
    logits, truth = biased(400, 1)
    plain = Calibrator.untouched(MANY)
    assert choose_thresholds(plain, logits, truth, groups=["p1", "p2"] * 200, seed=7) is plain
