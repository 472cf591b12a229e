"""Losses: they agree with their definitions, and rare labels count more."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.labels import LabelSpace
from bert4text.training.config import LossConfig
from bert4text.training.objectives import LARGEST, class_weights, objective, positive_weights

torch = pytest.importorskip("torch")
CPU = torch.device("cpu")
THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
GRADES = LabelSpace(task="ordinal", names=("1", "2", "3"))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.sampled_from(["none", "sqrt", "balanced"]))
def test_weights_average_one_over_the_reports(labels, weighting):
    targets = np.array(labels)
    weights = class_weights(targets, 5, weighting)
    assert weights[targets].mean() == pytest.approx(1.0, abs=1e-5)
    assert (weights > 0).all()
    counts = np.bincount(targets, minlength=5)
    assert weights.max() / weights[counts.argmax()] <= LARGEST + 1e-3


def test_rare_labels_count_more():
    targets = np.repeat([0, 1], [80, 20])
    assert class_weights(targets, 2, "none") == pytest.approx([1, 1])
    balanced = class_weights(targets, 2, "balanced")
    assert balanced[1] / balanced[0] == pytest.approx(4)
    rooted = class_weights(targets, 2, "sqrt")
    assert rooted[1] / rooted[0] == pytest.approx(2)


def test_positive_weights_follow_rarity():
    targets = np.array([[1, 0, 1]] * 10 + [[0, 0, 1]] * 90)
    weights = positive_weights(targets, "balanced")
    assert weights[0] > 1 > weights[2]
    assert weights.max() <= LARGEST
    assert positive_weights(targets, "none") == pytest.approx([1, 1, 1])


def test_cross_entropy_is_the_log_of_the_right_probability():
    targets = np.array([0, 1, 2, 2])
    loss = objective(THREE, targets, LossConfig(class_weights="none"), device=CPU)
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    wanted = -torch.log_softmax(logits, dim=1)[torch.arange(4), torch.tensor(targets)]
    assert loss(logits, torch.tensor(targets)).numpy() == pytest.approx(wanted.numpy(), abs=1e-6)


def test_ordinal_loss_punishes_distance():
    targets = np.array([0, 1, 2])
    loss = objective(GRADES, targets, LossConfig(class_weights="none"), device=CPU)
    near, far = torch.tensor([[0.0, 5.0, 0.0]]), torch.tensor([[0.0, 0.0, 5.0]])
    truth = torch.tensor([0])
    assert float(loss(far, truth)) > float(loss(near, truth)) + 0.5
    plain = objective(THREE, targets, LossConfig(class_weights="none"), device=CPU)
    assert float(plain(far, truth)) == pytest.approx(float(plain(near, truth)))


def test_several_labels_are_independent():
    targets = np.array([[1, 0, 1], [0, 0, 0]])
    loss = objective(MANY, targets, LossConfig(class_weights="none"), device=CPU)
    logits = torch.tensor([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0]])
    found = loss(logits, torch.tensor(targets))
    p = torch.sigmoid(logits)
    expected = -(torch.log(p[0, 0]) + torch.log(1 - p[0, 1]) + torch.log(p[0, 2])) / 3
    assert float(found[0]) == pytest.approx(float(expected), abs=1e-6)
    assert float(found[1]) == pytest.approx(np.log(2), abs=1e-6)


@pytest.mark.parametrize("space", [THREE, GRADES, MANY])
def test_smoothing_keeps_certainty_from_paying(space):
    targets = np.eye(3, dtype=np.int64) if space is MANY else np.arange(3)
    sure = torch.tensor([[20.0, -20.0, -20.0]])
    truth = torch.tensor(targets[:1])
    losses = [
        float(
            objective(space, targets, LossConfig(label_smoothing=s, class_weights="none"), device=CPU)(
                sure, truth
            )
        )
        for s in (0.0, 0.2)
    ]
    assert losses[0] == pytest.approx(0, abs=1e-6)
    assert losses[1] > 1
