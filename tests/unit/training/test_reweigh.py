"""Reweighing: group and label independent as far as weights can do it, and what it changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.models.linear_backend import BALANCED, LinearBackend
from bert4text.training.config import LossConfig, TrainConfig
from bert4text.training.objectives import objective, positive_weights, weighed
from bert4text.training.parts import Part, read_parts
from bert4text.training.reweigh import FEWEST, LARGEST, reweighed
from bert4text.training.train import train
from conftest import make_corpus, told_apart


def config(**values):
    return TrainConfig.parse({"encoder": "tfidf", **values}, section="train")


@given(st.lists(st.lists(st.integers(20, 90), min_size=3, max_size=3), min_size=2, max_size=4))
def test_with_the_weights_group_and_label_are_independent(cells):
    groups = [(str(g),) for g, row in enumerate(cells) for n in row for _ in range(n)]
    labels = np.array([y for row in cells for y, n in enumerate(row) for _ in range(n)])
    found = reweighed(groups, labels, attributes=["sex"])
    table = np.array(
        [
            [found.weights[[one == (str(g),) for one in groups] & (labels == y)].sum() for y in range(3)]
            for g in range(len(cells))
        ]
    )
    assert table == pytest.approx(table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum())
    assert table.sum(axis=0) == pytest.approx(np.array(cells).sum(axis=0))  # labels stay as frequent
    assert found.weights.mean() == pytest.approx(1)


def test_the_unknown_and_the_few_stay_as_they_are_and_no_weight_is_without_bounds():
    groups = [("F",)] * 400 + [("M",)] * 400 + [None] * 50 + [("X",)] * (FEWEST - 1)
    labels = np.array([0] * 399 + [1] + [1] * 400 + [0] * 50 + [1] * (FEWEST - 1))
    found = reweighed(groups, labels, attributes=["sex"])
    assert (found.weights[800:] == 1).all()
    assert (found.groups, found.unknown) == (2, 50 + FEWEST - 1)
    assert found.weights.max() / found.weights[:800].min() <= LARGEST**2
    told = found.told()
    assert told["largest"] == pytest.approx(found.weights.max(), abs=1e-3)
    assert "F" not in str(told)


def test_what_cannot_be_reweighed_is_refused():
    with pytest.raises(ConfigError, match="two are needed") as caught:
        reweighed([("F",)] * 100, np.zeros(100, dtype=np.int64), attributes=["sex"])
    assert caught.value.error_code == "nothing-to-reweigh"
    with pytest.raises(ConfigError, match="two are needed"):
        read_parts(make_corpus(200), config(loss={"reweigh": ["sex"]}))


def test_weights_follow_their_reports():
    part = Part(list("abcd"), list("wxyz"), np.eye(4, dtype=bool), many=False, weights=np.arange(4.0))
    assert part.select(np.array([3, 1])).weights.tolist() == [3, 1]
    assert part.joined(part.select(np.array([0]))).weights.tolist() == [0, 1, 2, 3, 0]
    plain = Part(list("abcd"), list("wxyz"), np.eye(4, dtype=bool), many=False)
    assert plain.select(np.array([0])).weights is None
    assert plain.joined(plain).weights is None


def test_splits_that_are_read_are_weighed_together_and_test_is_not():
    corpus = told_apart(400)
    parts = read_parts(corpus, config(loss={"reweigh": ["sex"]}))
    some = [parts.train, parts.validation, parts.calibration]
    weights = np.concatenate([part.weights for part in some])
    assert len(weights) == sum(corpus.splits[name] for name in ("train", "validation", "calibration"))
    assert weights.mean() == pytest.approx(1)
    assert parts.reweighed["groups"] == 2
    assert read_parts(corpus, config()).train.weights is None


def biased(n=600, seed=1):
    """Texts that name a sex; the label goes with two words of its own, and, in the sample, with the sex."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, n)
    sex = np.where(random.random(n) < 0.9, labels, 1 - labels)
    clue = np.where(random.random(n) < 0.8, labels, 1 - labels)
    texts = [f"{('mulher', 'homem')[s]} {('liso', 'espiculado')[c]}" for s, c in zip(sex, clue, strict=True)]
    return texts, labels, sex


def test_a_word_that_names_the_group_loses_its_weight():
    texts, labels, sex = biased()
    found = reweighed([(str(s),) for s in sex], labels, attributes=["sex"])
    groups = [str(i) for i in range(len(texts))]
    common = {"groups": groups, "seed": 7, "regressions": [BALANCED]}
    (plain,) = LinearBackend.fit_each(texts, labels, 2, **common)
    (mended,) = LinearBackend.fit_each(texts, labels, 2, weights=found.weights, **common)
    (even,) = LinearBackend.fit_each(texts, labels, 2, weights=np.ones(len(texts)), **common)
    assert np.allclose(even.weights, plain.weights)

    def apart(backend):
        said = backend.forward(["mulher liso", "homem liso"]).logits
        return abs(float((said[1, 1] - said[1, 0]) - (said[0, 1] - said[0, 0])))

    assert apart(mended) < 0.35 * apart(plain)


def test_the_encoder_learns_by_the_weights(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything
    corpus = told_apart(160)
    uneven = [
        report.model_copy(update={"attributes": {"sex": "F" if report.labels == ("benigno",) else "M"}})
        if place % 4
        else report
        for place, report in enumerate(corpus)
    ]
    corpus = Corpus.from_reports(uneven, corpus.label_space, language="pt-BR")
    settings = {
        "encoder": str(tiny_encoder),
        "epochs": 1,
        "patience": 0,
        "folds": {"count": 1, "refit": False},
        "optimizer": {"head_start": False},
    }
    plain = train(corpus, config(**settings), seed=7, work=tmp_path / "a")
    mended = train(corpus, config(**settings, loss={"reweigh": ["sex"]}), seed=7, work=tmp_path / "b")
    assert plain.steps[0].loss != mended.steps[0].loss
    assert mended.notes["reweighed"]["attributes"] == ["sex"]
    assert "reweighed" not in plain.notes


MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))


@given(
    st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()), min_size=80, max_size=160)
)
def test_of_several_labels_each_is_independent_of_the_group(rows):
    men = np.array([row[0] for row in rows])
    men[:FEWEST], men[FEWEST : 2 * FEWEST] = True, False
    labels = np.array([row[1:] for row in rows], dtype=np.int64)
    labels[:: FEWEST // 2] = [1, 1, 1]  # each cell holds one report at least
    labels[1 :: FEWEST // 2] = [0, 0, 0]
    found = reweighed([("M",) if one else ("F",) for one in men], labels, attributes=["sex"])
    assert found.weights.shape == labels.shape
    assert found.weights.mean(axis=0) == pytest.approx(1)
    for column in range(3):
        alone = reweighed([("M",) if one else ("F",) for one in men], labels[:, column], attributes=["sex"])
        assert (found.weights[:, column] == alone.weights).all()  # as if it were asked alone
        if alone.weights.min() > 1 / LARGEST and alone.weights.max() < LARGEST:
            held = labels[:, column] == 1
            shares = [alone.weights[group & held].sum() / alone.weights[group].sum() for group in (men, ~men)]
            assert shares[0] == pytest.approx(shares[1])


def test_a_label_that_nobody_has_weighs_nothing_away():
    labels = np.zeros((100, 2), dtype=np.int64)
    labels[::3, 0] = 1
    found = reweighed([("F",), ("M",)] * 50, labels, attributes=["sex"])
    assert (found.weights[:, 1] == 1).all()


def test_the_loss_of_each_label_counts_as_it_is_weighed():
    import torch

    random = np.random.default_rng(3)
    logits = torch.from_numpy(random.normal(size=(12, 3)).astype(np.float32))
    targets = torch.from_numpy(random.integers(0, 2, (12, 3)))
    plain = LossConfig.parse({"class_weights": "none"}, section="train.loss")
    loss = objective(MANY, targets.numpy(), plain, device=torch.device("cpu"))
    weights = torch.from_numpy(random.random((12, 3)).astype(np.float32))
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, targets.float(), reduction="none", pos_weight=loss.positive
    )
    assert torch.allclose(weighed(loss, logits, targets, weights), (each * weights).mean(dim=1), atol=1e-6)
    assert torch.allclose(weighed(loss, logits, targets, torch.ones(12, 3)), loss(logits, targets))
    assert torch.equal(weighed(loss, logits, targets, None), loss(logits, targets))
    assert torch.allclose(
        weighed(loss, logits, targets, weights[:, 0]), loss(logits, targets) * weights[:, 0]
    )


def test_rarity_is_counted_by_the_weights_of_each_label():
    random = np.random.default_rng(5)
    targets = random.integers(0, 2, (50, 3))
    often = random.random(50) + 0.5
    same = np.repeat(often[:, None], 3, axis=1)
    assert positive_weights(targets, "sqrt", same) == pytest.approx(positive_weights(targets, "sqrt", often))


def test_tfidf_learns_each_label_by_its_own_weights():
    texts, first, sex = biased()
    labels = np.stack([first, 1 - first], axis=1)
    found = reweighed([(str(s),) for s in sex], labels, attributes=["sex"])
    groups = [str(i) for i in range(len(texts))]
    common = {"groups": groups, "seed": 7, "regressions": [BALANCED]}
    (plain,) = LinearBackend.fit_each(texts, labels, 2, **common)
    half = np.stack([found.weights[:, 0], np.ones(len(texts))], axis=1)
    (mended,) = LinearBackend.fit_each(texts, labels, 2, weights=half, **common)
    assert np.allclose(mended.weights[1], plain.weights[1])
    place = plain.vocabulary["homem"]
    assert abs(mended.weights[0, place]) < 0.35 * abs(plain.weights[0, place])


def test_encoder_and_head_learn_several_labels_by_their_weights(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)
    several = LabelSpace(task="multilabel", names=("benigno", "maligno"))
    corpus = told_apart(160)
    uneven = [
        report.model_copy(update={"attributes": {"sex": "F" if report.labels == ("benigno",) else "M"}})
        if place % 4
        else report
        for place, report in enumerate(corpus)
    ]
    corpus = Corpus.from_reports(uneven, several, language="pt-BR")
    settings = {
        "encoder": str(tiny_encoder),
        "epochs": 1,
        "patience": 0,
        "folds": {"count": 1, "refit": False},
    }
    plain = train(corpus, config(**settings), seed=7, work=tmp_path / "a")
    mended = train(corpus, config(**settings, loss={"reweigh": ["sex"]}), seed=7, work=tmp_path / "b")
    assert plain.steps[0].loss != mended.steps[0].loss
    assert mended.notes["reweighed"]["attributes"] == ["sex"]
    balanced = {"loss": {"reweigh": ["sex"]}, "batches": {"balanced": True}}
    train(corpus, config(**settings, **balanced), seed=7, work=tmp_path / "c")
