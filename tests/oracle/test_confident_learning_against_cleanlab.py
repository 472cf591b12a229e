from __future__ import annotations

import numpy as np
import pytest

from bert4text.auditing.confident import doubts

count = pytest.importorskip("cleanlab.count")
rank = pytest.importorskip("cleanlab.rank")


def case(seed, *, n=300, sharp=2.0):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 7))
    true = rng.integers(0, k, n)
    true[:k] = np.arange(k)
    scores = rng.normal(size=(n, k))
    scores[np.arange(n), true] += sharp
    probabilities = np.exp(scores)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    given = np.where(rng.random(n) < 0.1, rng.integers(0, k, n), true)
    given[:k] = np.arange(k)
    return given, probabilities


def else_than_the_paper(given, probabilities):
    """Reports above several thresholds whose most probable label is below its own.

    The paper takes the most probable of the labels above their thresholds, cleanlab the most probable of all.
    """
    k = probabilities.shape[1]
    thresholds = np.array([probabilities[given == label, label].mean() for label in range(k)])
    above = probabilities >= thresholds - 1e-6
    most = probabilities.argmax(axis=1)
    unsure = (above.sum(axis=1) > 1) & ~above[np.arange(len(given)), most]
    return set(np.flatnonzero(unsure))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("sharp", [0.3, 2.0, 5.0])
def test_the_same_labels_are_doubted_and_the_joint_is_the_same_up_to_rounding(seed, sharp):
    given, probabilities = case(seed, sharp=sharp)
    joint, doubted = count.compute_confident_joint(
        given, probabilities, calibrate=True, return_indices_of_off_diagonals=True
    )
    found = doubts(given, probabilities)
    apart = else_than_the_paper(given, probabilities)
    assert set(np.flatnonzero(found.doubted)) - apart == set(doubted) - apart
    assert len(apart) <= 6
    assert np.abs(found.joint - joint).max() <= len(joint) + len(apart)  # cleanlab rounds to whole reports
    assert found.joint.sum() == pytest.approx(len(given))


def test_the_ranking_is_that_of_self_confidence():
    given, probabilities = case(3)
    found = doubts(given, probabilities)
    quality = rank.get_label_quality_scores(given, probabilities, method="self_confidence")
    assert found.quality == pytest.approx(quality)
    worst = found.worst_first()
    assert (np.diff(quality[worst]) >= 0).all()
    assert found.doubted[worst].all()
