"""Thresholds by what probabilities expect: right where these are, and never far from equal."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.models.calibration import Calibrator
from bert4text.training.calibrate import macro_f1
from bert4text.training.expected import expected_macro_f1, expected_thresholds

SHARES = np.array([0.72, 0.25, 0.03])
WARM = Calibrator(kind="temperature", temperature=1.0)
EYE = np.eye(3, dtype=bool)


def believable(n, seed):
    """Logits whose probabilities are true by Bayes' rule, and labels: one of them is rare."""
    random = np.random.default_rng(seed)
    labels = random.choice(3, size=n, p=SHARES)
    noise = random.normal(size=(n, 3))
    # unit noise around 1.4 for the own label, 0 for others: the log-likelihood ratio is 1.4 times the score
    scores = noise + 1.4 * EYE[labels]
    return 1.4 * scores + np.log(SHARES), EYE[labels]


def test_what_certain_probabilities_expect_is_macro_f1() -> None:
    truth = EYE[np.random.default_rng(3).integers(0, 3, 200)]
    sure = 0.9 * truth + 0.1 / 3
    leaning = np.array([1.0, 1.0, 1e-3])  # so that the third label is always answered
    given = EYE[(sure / leaning).argmax(axis=1)]
    certain = truth.astype(float)
    assert expected_macro_f1(certain, np.ones(3)) == 1.0
    assert (given.argmax(axis=1) == 2).all()
    assert expected_macro_f1(sure, leaning) == pytest.approx(
        2 * sure[:, 2].sum() / (200 + sure[:, 2].sum()) / 3
    )


def test_it_agrees_with_labels_drawn_from_the_probabilities() -> None:
    logits, _ = believable(4000, 5)
    probabilities = WARM.probabilities(logits)
    thresholds = np.array([1.2, 1.0, 0.6])
    given = EYE[(probabilities / thresholds).argmax(axis=1)]
    random = np.random.default_rng(6)
    drawn = [macro_f1(EYE[[random.choice(3, p=row) for row in probabilities]], given)[0] for _ in range(5)]
    assert expected_macro_f1(probabilities, thresholds) == pytest.approx(np.mean(drawn), abs=0.02)


def test_a_rare_label_is_answered_more_often_and_macro_f1_rises_on_others() -> None:
    found = expected_thresholds(WARM, believable(240, 1)[0])
    assert found.thresholds is not None
    assert found.thresholds[2] == min(found.thresholds)
    fresh, truth = believable(6000, 2)
    p = WARM.probabilities(fresh)
    assert macro_f1(truth, EYE[found.decide(p)])[0] > macro_f1(truth, EYE[WARM.decide(p)])[0] + 0.015


def test_thresholds_stay_within_a_factor_of_four() -> None:
    for seed in range(5):
        found = expected_thresholds(WARM, believable(60, seed)[0])
        if found.thresholds is not None:
            assert max(found.thresholds) <= 4.001 * min(found.thresholds)
            assert sum(found.thresholds) == pytest.approx(1.0)


def test_certain_answers_need_no_thresholds() -> None:
    logits = 20.0 * EYE[np.arange(90) % 3]
    assert expected_thresholds(WARM, logits) is WARM


def test_a_label_that_cannot_be_does_not_hide_the_others() -> None:
    logits, _ = believable(240, 1)
    never = np.column_stack([logits, np.full(len(logits), -1e4)])
    with np.errstate(invalid="raise", divide="raise"):
        found = expected_thresholds(WARM, never)
    assert found.thresholds is not None
    assert found.thresholds[2] < found.thresholds[0]
