"""Prediction sets keep what they promise, of all reports and of each label, patient by patient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax

from bert4text.training.conformal import fit_sets, quantile

LEVELS = (0.8, 0.9)


def alone(n):
    return np.arange(n)


@given(
    values=st.lists(st.floats(0, 1), min_size=1, max_size=60),
    level=st.sampled_from([0.5, 0.8, 0.9, 0.95]),
)
def test_with_one_report_a_patient_it_is_the_quantile_of_split_conformal_prediction(values, level):
    ranked = sorted(values)
    place = int(np.ceil((len(values) + 1) * level - 1e-9))
    expected = ranked[place - 1] if place <= len(values) else None
    assert quantile(np.array(values), alone(len(values)), level=level) == expected


def test_a_patient_counts_once_however_many_reports_there_are():
    values = np.array([0.9] * 50 + [0.1, 0.2, 0.3, 0.4])
    patients = np.array([0] * 50 + [1, 2, 3, 4])
    assert quantile(values, patients, level=0.6) == 0.4
    assert quantile(values, alone(54), level=0.6) == 0.9


def test_too_few_patients_promise_nothing():
    assert quantile(np.zeros(8), alone(8), level=0.9) is None
    assert quantile(np.zeros(9), alone(9), level=0.9) == 0.0
    assert quantile(np.zeros(100), np.zeros(100, dtype=np.int64), level=0.9) is None
    assert quantile(np.zeros(0), alone(0), level=0.5) is None


def world(random, n, *, patients=None):
    """Reports of three labels, the last one rare; those of a patient are alike."""
    groups = np.arange(n) if patients is None else random.integers(0, patients, n)
    shift = random.normal(0, 1, (groups.max() + 1, 3))[groups]
    label = random.choice(3, n, p=[0.6, 0.3, 0.1])
    truth = np.eye(3, dtype=np.bool_)[label]
    prior = np.log([0.6, 0.3, 0.1])
    return softmax(2.0 * truth + prior + shift + random.normal(0, 0.5, (n, 3)), axis=1), truth, groups


@pytest.mark.parametrize("score", ["lac", "aps", "raps"])
def test_promises_are_kept(score):
    random, kept = np.random.default_rng(3), {"overall": [], "each-label": []}
    for _ in range(60):
        said, truth, groups = world(random, 300)
        fresh, true, _ = world(random, 600)
        texts = [str(value) for value in random.integers(0, 2**60, 900)]
        fitted = fit_sets(
            said,
            truth,
            texts=texts[:300],
            groups=groups.astype(str),
            several=False,
            levels=LEVELS,
            score=score,
        )
        for promise, found in kept.items():
            inside = fitted.kept(fresh, texts[300:], 0.9, promise)
            found.append([inside[true].mean(), *(inside[true[:, label], label].mean() for label in range(3))])
    overall, each = (np.mean(kept[promise], axis=0) for promise in ("overall", "each-label"))
    assert abs(overall[0] - 0.9) < 0.012
    assert np.abs(each[1:] - 0.9).max() < 0.035  # the rare label has 30 reports: 1/(30 + 1) at most above
    assert (each[1:] > 0.885).all()
    if score == "lac":
        assert overall[3] < 0.8  # what a promise over all reports hides


def test_reports_of_a_patient_do_not_count_as_many():
    random, covered, naive = np.random.default_rng(4), [], []
    for _ in range(80):
        said, truth, groups = world(random, 300, patients=25)
        fresh, true, _ = world(random, 400)
        texts = [""] * 400
        shared = {"texts": texts[:300], "several": False, "levels": LEVELS}
        sets = fit_sets(said, truth, groups=groups.astype(str), **shared)
        plain = fit_sets(said, truth, groups=np.arange(300).astype(str), **shared)
        covered.append(sets.kept(fresh, texts, 0.9, "overall")[true].mean())
        naive.append(plain.kept(fresh, texts, 0.9, "overall")[true].mean())
    assert np.mean(covered) > 0.89
    assert np.mean(covered) > np.mean(naive)


def test_several_labels_make_a_promise_each():
    random = np.random.default_rng(5)

    def asked(n):
        truth = random.random((n, 3)) < [0.5, 0.3, 0.1]
        return expit(3.0 * truth - 1.5 + random.normal(0, 1, (n, 3))), truth

    covered = []
    for _ in range(12):
        said, truth = asked(1000)
        names = alone(1000).astype(str)
        shared = {"texts": [""] * 1000, "groups": names, "several": True, "levels": LEVELS, "score": "aps"}
        sets = fit_sets(said, truth, **shared)
        fresh, true = asked(4000)
        inside = sets.kept(fresh, [""] * 4000, 0.9, "each-label")
        covered.append([inside[true[:, label], label].mean() for label in range(3)])
    assert sets.score == "lac"
    assert sets.overall is None
    assert np.abs(np.mean(covered, axis=0) - 0.9).max() < 0.025


def test_counts_are_told():
    truth = np.eye(2, dtype=np.bool_)[[0, 0, 0, 1]]
    sets = fit_sets(
        np.full((4, 2), 0.5), truth, texts=[""] * 4, groups=["a", "a", "b", "c"], several=False, levels=(0.5,)
    )
    assert (sets.reports, sets.patients) == ((3, 1), (2, 1))
