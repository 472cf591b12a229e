"""Balanced batches: labels come equally often, as far as the bound lets them, and in every step."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.labels import LabelSpace
from bert4text.training.balance import MOST, balanced_order, drawn, groups, quotas, times
from bert4text.training.config import LossConfig, TrainConfig
from conftest import make_corpus

counts = st.lists(st.integers(1, 300), min_size=1, max_size=6)


def targets_of(sizes, seed=0):
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))


def order_of(targets, *, size=16, seed=3, epoch=0):
    lengths = np.random.default_rng(1).integers(5, 200, len(targets))
    return balanced_order(lengths, targets, batch_size=size, seed=seed, epoch=epoch)


@given(counts)
def test_quotas_are_equal_as_far_as_the_bound_lets_them(sizes):
    given_counts = np.array(sizes)
    found = quotas(given_counts)
    assert found.sum() == given_counts.sum()
    assert (found <= MOST * given_counts).all()
    free = found[found < MOST * given_counts]
    assert not len(free) or free.max() - free.min() <= 1
    bound = found[found == MOST * given_counts]
    assert not len(bound) or not len(free) or bound.max() <= free.max()


@settings(max_examples=40, deadline=None)
@given(counts, st.integers(1, 40), st.integers(0, 3))
def test_an_epoch_takes_as_many_steps_as_ever_and_repeats_within_the_bound(sizes, size, epoch):
    targets = targets_of(sizes)
    order = order_of(targets, size=size, epoch=epoch)
    assert len(order) == -(-len(targets) // size)
    assert max(map(len, order)) <= size
    reports = np.concatenate(order)
    assert len(reports) == len(targets)
    assert np.bincount(reports).max() <= MOST
    wanted = quotas(np.bincount(targets))
    assert np.bincount(targets[reports], minlength=len(sizes)).tolist() == wanted.tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(20, 200), min_size=2, max_size=4))
def test_every_step_has_each_label_by_its_share(sizes):
    targets = targets_of(sizes)
    shares = quotas(np.array(sizes)) / len(targets)
    for step in order_of(targets):
        if len(step) == 16:
            found = np.bincount(targets[step], minlength=len(sizes))
            assert np.abs(found - 16 * shares).max() <= 2 + len(sizes) * shares.max()


@given(st.integers(2, 60), st.integers(2, 60), st.integers(0, 9))
def test_common_reports_come_in_turn(common, rare, seed):
    targets = targets_of([common, rare])
    seen = np.zeros(len(targets), dtype=int)
    for epoch in range(12):
        for own in drawn(targets, seed=seed, epoch=epoch):
            seen += np.bincount(own, minlength=len(targets))
            label = targets[own[0]]
            assert np.ptp(seen[targets == label]) <= 1


def test_the_order_depends_on_seed_and_epoch_alone():
    targets = targets_of([200, 30, 4])
    first, again = order_of(targets, seed=7, epoch=2), order_of(targets, seed=7, epoch=2)
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    for other in (order_of(targets, seed=8, epoch=2), order_of(targets, seed=7, epoch=3)):
        assert any(len(a) != len(b) or (a != b).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("sizes", [[300, 12], [900, 60, 40], [40, 8]])
def test_copies_of_a_report_do_not_meet_in_a_step(sizes):
    targets = targets_of(sizes)
    for epoch in range(3):
        order = order_of(targets, size=8, epoch=epoch)
        twice = sum(len(step) - len(set(step.tolist())) for step in order)
        assert twice <= 0.02 * len(targets)


def test_little_is_padded():
    targets = targets_of([800, 200])
    lengths = np.random.default_rng(1).integers(20, 200, 1000)
    order = balanced_order(lengths, targets, batch_size=16, seed=7, epoch=0)
    padded = sum(len(step) * int(lengths[step].max()) for step in order)
    assert padded < 1.3 * sum(int(lengths[step].sum()) for step in order)


def test_of_several_labels_the_rarest_counts():
    targets = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0], [1, 1, 1], [1, 0, 0]])
    assert groups(targets).tolist() == [1, 0, 2, 3, 1, 0]
    assert groups(np.array([2, 0, 1])).tolist() == [2, 0, 1]


def test_times_say_how_often_a_report_is_drawn_in_the_long_run():
    targets = targets_of([100, 20, 2])
    often = times(targets)
    assert often.sum() == pytest.approx(len(targets))
    epochs = 200
    seen = np.zeros(len(targets))
    for epoch in range(epochs):
        seen += np.bincount(np.concatenate(drawn(targets, seed=1, epoch=epoch)), minlength=len(targets))
    assert seen / epochs == pytest.approx(often, abs=0.01)


def test_class_weights_are_none_unless_given():
    def weights(**values):
        return TrainConfig.parse(values, section="train").resolved().loss.class_weights

    assert weights() == "sqrt"
    assert weights(batches={"balanced": True}) == "none"
    assert weights(batches={"balanced": True}, loss={"focal": 1.0}) == "none"
    assert weights(batches={"balanced": True}, loss={"class_weights": "balanced"}) == "balanced"
    resolved = TrainConfig.parse({"batches": {"balanced": True}}, section="train").resolved()
    assert resolved.resolved() == resolved


def test_weights_that_are_given_look_at_what_is_drawn():
    from bert4text.training.objectives import class_weights, positive_weights

    targets = targets_of([100, 20])
    often = times(targets)
    drawn_equally = class_weights(targets, 2, "balanced", often)
    assert drawn_equally == pytest.approx([1.0, 1.0])
    assert class_weights(targets, 2, "balanced")[1] > 4 * class_weights(targets, 2, "balanced")[0]
    rare = targets_of([100, 2])
    left = class_weights(rare, 2, "balanced", times(rare))  # the bound leaves some rarity
    assert left[1] / left[0] == pytest.approx((102 - MOST * 2) / (MOST * 2), rel=1e-3)
    held = np.eye(2, dtype=np.int64)[targets]
    assert positive_weights(held, "balanced", times(held)) == pytest.approx([1.0, 1.0], abs=0.05)
    assert positive_weights(held, "balanced", np.ones(120)) == pytest.approx(
        positive_weights(held, "balanced")
    )


def test_logits_are_moved_by_what_is_drawn():
    torch = pytest.importorskip("torch")
    from bert4text.training.objectives import objective

    space, targets = LabelSpace(task="binary", names=("a", "b")), targets_of([100, 20])
    config = LossConfig.parse({"class_weights": "none", "logit_adjustment": 1.0}, section="train.loss")
    given_logits, wanted = torch.tensor([[0.3, -0.2], [1.0, 2.0]]), torch.tensor([0, 1])
    device = torch.device("cpu")
    plain = LossConfig.parse({"class_weights": "none"}, section="train.loss")
    drawn_equally = objective(space, targets, config, device=device, times=times(targets))
    unmoved = objective(space, targets, plain, device=device)
    torch.testing.assert_close(drawn_equally(given_logits, wanted), unmoved(given_logits, wanted))


def skewed(n=240):
    """One report in nine is malignant."""
    corpus = make_corpus(n)
    kept = [label == "benigno" or i % 4 == 0 for i, label in enumerate(corpus.labels)]
    return corpus.select(kept)


@pytest.mark.parametrize("multilabel", [False, True])
def test_a_training_draws_labels_equally_and_resumes(tiny_encoder, tmp_path, monkeypatch, multilabel):
    pytest.importorskip("torch")
    from bert4text.training import finetune, loop
    from bert4text.training.train import train

    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    corpus = skewed()
    if multilabel:
        corpus = corpus.replace(label_space=LabelSpace(task="multilabel", names=("benigno", "maligno")))
    config = TrainConfig.parse(
        {
            "encoder": str(tiny_encoder),
            "epochs": 2,
            "patience": 0,
            "learning_rate": 2e-3,
            "batches": {"size": 8, "balanced": True, "checkpoint_steps": 1},
        },
        section="train",
    )
    taken, real = [], loop.take

    def watched(fit, windows, reports):
        taken.append(fit.examples.targets[reports])
        return real(fit, windows, reports)

    monkeypatch.setattr(loop, "take", watched)
    whole = train(corpus, config, seed=7, work=tmp_path / "whole")
    learned = corpus["train"]
    assert len(whole.steps) == 2 * -(-len(learned) // 8)
    every = np.concatenate(taken)
    found = every.mean(axis=0)[1] if multilabel else every.mean()
    before = np.mean([label == "maligno" for label in learned.labels])
    assert found == pytest.approx(min(0.5, MOST * before), abs=0.02)
    assert found > 2 * before

    broken = finetune.steps

    def breaking(fit):
        for step in broken(fit):
            yield step
            if step.step == 5:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(finetune, "steps", breaking)
        with pytest.raises(KeyboardInterrupt):
            train(corpus, config, seed=7, work=tmp_path / "work")
    again = train(corpus, config, seed=7, work=tmp_path / "work", resume=True)
    assert [step.loss for step in again.steps] == [step.loss for step in whole.steps]
