"""Folds: every report held by one, no patient on two sides, rare labels spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.training.folds import folds
from bert4text.training.parts import Part

NAMES = ("a", "b", "c")


def part(patients, labels, *, many=False, start=0):
    truth = np.zeros((len(labels), len(NAMES)), dtype=np.bool_)
    for place, label in enumerate(labels):
        truth[place, label] = True
    texts = [f"laudo {start + place}" for place in range(len(labels))]
    return Part(texts, [f"p{patient}" for patient in patients], truth, many)


def pool_of(patients, labels, *, many=False):
    space = LabelSpace(task="multilabel" if many else "multiclass", names=NAMES)
    return part(patients, labels, many=many), space


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=60, max_size=120),
    st.integers(2, 5),
    st.booleans(),
)
def test_each_report_is_held_once_and_no_patient_is_on_two_sides(reports, count, many):
    patients, labels = [one for one, _ in reports], [label for _, label in reports]
    pool, space = pool_of(patients, labels, many=many)
    try:
        cut = folds(pool, space, count=count, seed=7)
    except EmptyCorpusError:
        return
    assert sorted(np.concatenate([fold.rows for fold in cut])) == list(range(len(labels)))
    for fold in cut:
        held = set(fold.held.groups)
        learned, stops = set(fold.parts.train.groups), set(fold.parts.validation.groups)
        assert not held & learned
        assert not held & stops
        assert not learned & stops
        texts = {*fold.parts.train.texts, *fold.parts.validation.texts}
        assert len(texts) + len(fold.rows) == len(labels)


def test_a_rare_label_is_in_every_fold():
    labels = [2 if place % 20 == 0 else place % 2 for place in range(100)]
    cut = folds(*pool_of(list(range(100)), labels), count=5, seed=7)
    assert [int(fold.held.truth[:, 2].sum()) for fold in cut] == [1] * 5
    assert all(fold.parts.train.truth[:, 2].sum() >= 3 for fold in cut)


def test_the_same_seed_cuts_the_same_folds():
    given = pool_of(list(range(60)), [place % 3 for place in range(60)])
    one, same, other = (folds(*given, count=3, seed=seed) for seed in (7, 7, 8))
    assert [fold.rows.tolist() for fold in one] == [fold.rows.tolist() for fold in same]
    assert [fold.rows.tolist() for fold in one] != [fold.rows.tolist() for fold in other]


def test_too_few_patients_are_refused():
    with pytest.raises(EmptyCorpusError) as caught:
        folds(*pool_of([1, 1, 2, 2] * 5, [0, 1] * 10), count=5, seed=7)
    assert caught.value.error_code == "few-for-folds"
    with pytest.raises(EmptyCorpusError) as caught:
        folds(*pool_of([1, *[2] * 30, 3], [0] + [1] * 30 + [0]), count=2, seed=7)
    assert caught.value.error_code == "poor-fold"
