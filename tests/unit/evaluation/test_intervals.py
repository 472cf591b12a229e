"""Resamples, intervals and paired tests: properties and edges (oracles are in tests/oracle)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.seeds import rng
from bert4text.evaluation import intervals
from bert4text.evaluation.intervals import (
    accelerated,
    effective_size,
    expanded,
    group_index,
    leave_one_out,
    mcnemar,
    resamples,
    unbiased_error,
    wilson,
)


def test_groups_are_numbered_in_their_order():
    index, count = group_index(["p2", "p1", "p2", "x"])
    assert (index.tolist(), count) == ([0, 1, 0, 2], 3)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 1000))
def test_whole_groups_are_drawn(groups, seed):
    index, count = group_index([str(g) for g in groups])
    pieces = list(resamples(index, count=7, random=rng(seed, "tests"), chunk=3))
    assert [len(piece) for piece in pieces] == [3, 3, 1]
    for row in np.vstack(pieces):
        drawn = [set(row[index == g]) for g in range(count)]
        assert all(len(times) == 1 for times in drawn)
        assert sum(times.pop() for times in drawn) == count


def test_the_size_of_pieces_changes_nothing():
    index, _ = group_index([str(i // 2) for i in range(40)])
    one = np.vstack(list(resamples(index, count=30, random=rng(1, "tests"), chunk=30)))
    many = np.vstack(list(resamples(index, count=30, random=rng(1, "tests"), chunk=4)))
    assert np.array_equal(one, many)


def test_each_group_is_left_out_once():
    index, count = group_index(["a", "b", "a", "c"])
    weights = np.vstack(list(leave_one_out(index, chunk=2)))
    assert weights.shape == (count, 4)
    assert (weights == 0).sum(axis=0).tolist() == [1, 1, 1, 1]
    assert weights[0].tolist() == [0, 1, 0, 1]


def test_many_groups_are_not_left_out(monkeypatch):
    monkeypatch.setattr(intervals, "MOST_LEFT_OUT", 3)
    assert list(leave_one_out(np.arange(4))) == []


def test_interval_holds_the_middle_of_symmetric_draws():
    draws = np.random.default_rng(0).normal(0.5, 0.1, size=4001)
    low, high = accelerated(float(np.median(draws)), draws, np.zeros(0))
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.003)


@pytest.mark.parametrize(
    ("value", "draws"),
    [
        (1.0, np.ones(50)),
        (np.nan, np.linspace(0, 1, 50)),
        (0.5, np.full(50, np.nan)),
        (0.5, np.concatenate([np.linspace(0, 1, 20), np.full(30, np.nan)])),
    ],
)
def test_no_interval_where_there_is_nothing_to_see(value, draws):
    assert accelerated(value, draws, np.zeros(0)) is None
    assert unbiased_error(value, draws) is None
    assert expanded(value, draws, groups=40) is None


def test_fewer_groups_make_a_wider_interval():
    draws = np.random.default_rng(0).normal(size=4001)
    widths = [np.diff(expanded(0.0, draws, groups=groups))[0] for groups in (3, 10, 40, 4000)]
    assert widths == sorted(widths, reverse=True)
    plain = tuple(np.quantile(draws, [0.025, 0.975]))
    assert expanded(0.0, draws, groups=4000) == pytest.approx(plain, abs=0.01)
    assert expanded(0.0, draws, groups=1) is None


def test_value_beyond_all_draws_still_has_an_interval():
    draws = np.linspace(0.2, 0.4, 101)
    low, high = accelerated(0.9, draws, np.zeros(0))
    assert 0.2 <= low <= high <= 0.4


def test_calibration_error_takes_the_rise_off():
    draws = np.random.default_rng(1).normal(0.08, 0.01, size=2000)
    low, high = unbiased_error(0.055, draws)
    assert low == 0.0  # noise alone explains it
    assert 0.055 < high < 0.08
    low, _ = unbiased_error(0.3, np.random.default_rng(1).normal(0.305, 0.01, size=2000))
    assert low > 0.25


@given(st.integers(1, 300), st.data())
def test_wilson_holds_the_share_and_stays_in_range(total, data):
    hits = data.draw(st.integers(0, total))
    low, high = wilson(hits, total)
    assert 0 <= low <= hits / total <= high <= 1
    wide = wilson(hits, total, effective=total / 2)
    assert wide[0] <= low
    assert wide[1] >= high


def test_wilson_of_nothing():
    assert wilson(0, 0) is None


def test_effective_size():
    alone = np.arange(6)
    hit, counted = np.array([True, False] * 3), np.ones(6, dtype=bool)
    assert effective_size(hit, counted, alone) == 6
    twice = np.array([0, 1, 0, 1, 0, 1])  # group 0 all right, group 1 all wrong
    assert effective_size(hit, counted, twice) == pytest.approx(1.0)
    pairs = np.array([0, 0, 1, 1, 2, 2])  # one right and one wrong in each: no clustering
    assert effective_size(hit, counted, pairs) == 6
    assert effective_size(counted, counted, pairs) == 3
    assert effective_size(~counted, ~counted, pairs) == 0


def test_mcnemar_with_patients_is_milder():
    a = np.array([True] * 12 + [False] * 2)
    b = ~a
    alone = mcnemar(a, b, index=np.arange(14))
    grouped = mcnemar(a, b, index=np.repeat([0, 1, 2, 3], [6, 6, 1, 1]))
    assert (alone.only_a, alone.only_b) == (grouped.only_a, grouped.only_b) == (12, 2)
    assert alone.p_value < 0.02 < grouped.p_value


def test_mcnemar_without_disagreement():
    same = np.array([True, False, True])
    assert mcnemar(same, same).p_value == 1.0
    swapped = mcnemar(np.array([True, False]), np.array([False, True]), index=np.array([0, 0]))
    assert swapped.p_value == 1.0
