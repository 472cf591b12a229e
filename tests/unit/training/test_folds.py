"""Folds: whole patients, every report held out once, every label in its share."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.core.seeds import rng
from bert4text.training.folds import STOPS, folds
from bert4text.training.parts import Part

SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))


def pool(patients=60, *, shares=(0.6, 0.3, 0.1), most=4, seed=1, many=False):
    """Reports of patients who have one to ``most`` each."""
    random = rng(seed, "tests.folds")
    groups = [f"p-{k}" for k in range(patients) for _ in range(int(random.integers(1, most + 1)))]
    truth = np.zeros((len(groups), 3), dtype=bool)
    truth[np.arange(len(groups)), random.choice(3, size=len(groups), p=shares)] = True
    if many:
        truth |= random.random(truth.shape) < 0.2
        truth[random.random(len(groups)) < 0.1] = False
    return Part([f"laudo {i}" for i in range(len(groups))], groups, truth, many)


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_folds_never_share_a_patient_and_every_report_is_held_out_once(count, many, seed):
    given = pool(seed=seed, many=many)
    space = LabelSpace(task="multilabel", names=SPACE.names) if many else SPACE
    found = folds(given, space, count=count, seed=seed)
    assert [fold.number for fold in found] == list(range(count))
    assert sorted(np.concatenate([fold.rows for fold in found])) == list(range(len(given.texts)))
    for fold in found:
        parts = [fold.held, fold.parts.train, fold.parts.validation]
        patients = [set(part.groups) for part in parts]
        assert all(patients)
        assert sum(map(len, patients)) == len(set.union(*patients)) == 60
        assert sum(len(part.texts) for part in parts) == len(given.texts)
        assert fold.held.texts == [given.texts[row] for row in fold.rows]
        np.testing.assert_array_equal(fold.held.truth, given.truth[fold.rows])
        assert fold.parts.calibration is None


def test_every_fold_has_its_share_of_every_label_and_of_the_reports():
    given = pool(200, most=2)
    for fold in folds(given, SPACE, count=4, seed=3):
        np.testing.assert_allclose(fold.held.truth.sum(axis=0), given.truth.sum(axis=0) / 4, atol=2.5)
        others = len(given.texts) - len(fold.rows)
        assert len(fold.parts.validation.texts) / others == pytest.approx(STOPS, abs=0.02)


def test_the_seed_alone_deals():
    given = pool()
    first, again, other = (folds(given, SPACE, count=3, seed=seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a.rows, b.rows) for a, b in zip(first, other, strict=True))
    order = rng(2, "tests.folds.order").permutation(len(given.texts))
    shuffled = folds(given.select(order), SPACE, count=3, seed=4)
    for fold, same in zip(first, shuffled, strict=True):
        assert set(fold.held.texts) == set(same.held.texts)
        assert set(fold.parts.validation.texts) == set(same.parts.validation.texts)


def test_a_rare_label_is_in_every_fold():
    truth = np.zeros((100, 3), dtype=np.bool_)
    truth[np.arange(100), [2 if place % 20 == 0 else place % 2 for place in range(100)]] = True
    given = Part([f"laudo {i}" for i in range(100)], [f"p-{i}" for i in range(100)], truth, False)
    found = folds(given, SPACE, count=5, seed=7)
    assert [int(fold.held.truth[:, 2].sum()) for fold in found] == [1] * 5
    assert all(fold.parts.train.truth[:, 2].sum() >= 3 for fold in found)


def test_too_few_patients_are_refused():
    with pytest.raises(EmptyCorpusError) as caught:
        folds(pool(4), SPACE, count=5, seed=1)
    assert (caught.value.error_code, caught.value.values["found"]) == ("few-for-folds", 4)
    same = pool(40, shares=(1.0, 0.0, 0.0))
    with pytest.raises(EmptyCorpusError, match="1 of the labels"):
        folds(same, SPACE, count=3, seed=1)
