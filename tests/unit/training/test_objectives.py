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
BESIDE = LabelSpace(task="ordinal", names=("0", "1", "2", "3"), off_scale=("0",))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=200),
    st.sampled_from(["none", "sqrt", "balanced", "effective"]),
)
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


def test_the_effective_number_levels_off():
    targets = np.repeat([0, 1, 2], [4000, 400, 4])
    weights = class_weights(targets, 3, "effective")
    numbers = (1 - 0.999 ** np.array([4000, 400, 4])) / (1 - 0.999)
    assert weights[1] / weights[0] == pytest.approx(numbers[0] / numbers[1], rel=1e-4)
    assert weights[2] / weights[0] == pytest.approx(LARGEST)


def test_cumulative_loss_is_that_of_its_questions():
    loss = objective(
        BESIDE, np.array([0, 1, 2, 3]), LossConfig(class_weights="none", ordinal=2.0), device=CPU
    )
    plain = objective(BESIDE, np.array([0, 1, 2, 3]), LossConfig(class_weights="none", ordinal=0), device=CPU)
    logits = torch.randn(4, 4, generator=torch.Generator().manual_seed(3))
    targets = torch.tensor([0, 1, 2, 3])
    added = (loss(logits, targets) - plain(logits, targets)).numpy()
    p = torch.softmax(logits[:, 1:], dim=1).numpy()
    below = p.cumsum(axis=1)[:, :2]
    true = np.array([[1, 1], [0, 1], [0, 0]])
    wanted = -(true * np.log(below[1:]) + (1 - true) * np.log(1 - below[1:])).mean(axis=1)
    assert added[0] == 0
    assert added[1:] == pytest.approx(2 * wanted, abs=1e-5)


def test_a_label_off_the_scale_is_neither_near_nor_far():
    loss = objective(BESIDE, np.array([0, 1, 2, 3]), LossConfig(class_weights="none"), device=CPU)
    near, far = torch.tensor([[0.0, 0, 5, 0]]), torch.tensor([[0.0, 0, 0, 5]])
    assert float(loss(far, torch.tensor([1]))) > float(loss(near, torch.tensor([1]))) + 0.5
    assert float(loss(far, torch.tensor([0]))) == pytest.approx(float(loss(near, torch.tensor([0]))))


def test_cumulative_loss_stays_finite_where_it_is_sure():
    loss = objective(GRADES, np.array([0, 1, 2]), LossConfig(class_weights="none"), device=CPU)
    logits = torch.tensor([[200.0, -200.0, 0.0]], requires_grad=True)
    value = loss(logits, torch.tensor([2])).sum()
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("space", [THREE, MANY])
def test_focal_loss_lets_what_is_right_count_less(space):
    targets = np.eye(3, dtype=np.int64) if space is MANY else np.arange(3)
    logits = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    plain, focal = (
        objective(space, targets, LossConfig(class_weights="none", focal=gamma), device=CPU)
        for gamma in (0.0, 2.0)
    )
    truth = torch.tensor(targets)
    if space is THREE:
        right = torch.softmax(logits, dim=1)[torch.arange(3), truth]
        wanted = plain(logits, truth) * (1 - right) ** 2
    else:
        held = torch.sigmoid(logits)
        right = torch.where(truth > 0, held, 1 - held)
        wanted = (-torch.log(right) * (1 - right) ** 2).mean(dim=1)
    assert focal(logits, truth).numpy() == pytest.approx(wanted.numpy(), abs=1e-6)


def test_adjusted_logits_learn_what_frequency_does_not_say():
    targets = np.repeat([0, 1, 2], [90, 9, 1])
    loss = objective(THREE, targets, LossConfig(class_weights="none", logit_adjustment=1.0), device=CPU)
    logits = torch.zeros(1, 3)
    frequent, rare = (float(loss(logits, torch.tensor([label]))) for label in (0, 2))
    assert frequent == pytest.approx(-np.log(91 / 103), abs=1e-5)
    assert rare == pytest.approx(-np.log(2 / 103), abs=1e-5)
