"""Whether one set of answers is better than another, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.seeds import rng
from bert4text.training.calibrate import evidence, macro_f1
from bert4text.training.gain import Held

N = 300


def held(seed=1, *, each=2):
    random = rng(seed, "tests.gain")
    truth = np.eye(3, dtype=bool)[random.choice(3, size=N, p=[0.5, 0.3, 0.2])]
    return Held(truth, [f"p-{i // each}" for i in range(N)], seed)


def answers(truth, right, seed):
    """Answers of which a share is right, the others of the next label."""
    wrong = rng(seed, "tests.gain.answers").random(len(truth)) >= right
    return np.where(wrong[:, None], np.roll(truth, 1, axis=1), truth)


def test_the_score_is_the_macro_f1_that_epochs_are_chosen_by():
    reports = held()
    said = answers(reports.truth, 0.8, 2)
    assert reports.score(said) == macro_f1(reports.truth, said, labels=evidence(reports.truth))[0]
    assert reports.score(reports.truth) == 1.0
    assert reports.score(np.zeros_like(said)) == 0.0


def test_the_same_answers_are_neither_better_nor_worse():
    reports = held()
    said = answers(reports.truth, 0.8, 2)
    assert reports.shares(said, said.copy()) == (0.0, 0.0)
    found = reports.compare(said, said.copy())
    assert (found.better, found.gain.value, found.gain.low) == (0.0, 0.0, None)
    assert found.baseline.low < found.baseline.value < found.baseline.high


def test_a_clear_gain_is_seen_from_both_sides():
    reports = held()
    bad, good = answers(reports.truth, 0.6, 2), answers(reports.truth, 0.9, 3)
    found = reports.compare(bad, good)
    assert found.better > 0.99
    assert 0 < found.gain.low < found.gain.value < found.gain.high
    assert found.gain.value == pytest.approx(found.best.value - found.baseline.value)
    assert reports.shares(bad, good)[1] > 0.99
    assert found.reports == N


def test_nothing_varies_where_all_is_right():
    reports = held()
    found = reports.compare(reports.truth, reports.truth)
    assert (found.best.value, found.best.low, found.best.high) == (1.0, None, None)


def test_patients_are_drawn_whole():
    """Twelve reports a patient that are right or wrong together say less than as many patients."""
    few, many = held(each=12), held(each=1)
    wrong = np.repeat(rng(5, "tests.gain.wrong").random(N // 12) < 0.3, 12)
    said = np.where(wrong[:, None], np.roll(few.truth, 1, axis=1), few.truth)
    wide, narrow = (reports.compare(said, said).best for reports in (few, many))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
