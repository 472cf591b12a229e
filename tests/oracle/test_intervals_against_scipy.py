"""Intervals against scipy's own bootstrap, Wilson interval and binomial test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bert4text.evaluation.intervals import (
    accelerated,
    expanded,
    group_index,
    leave_one_out,
    mcnemar,
    resamples,
    wilson,
)


@pytest.mark.parametrize(("hits", "total"), [(0, 7), (1, 9), (40, 47), (12, 12), (500, 1000)])
def test_wilson(hits, total):
    wanted = stats.binomtest(hits, total).proportion_ci(method="wilson")
    assert wilson(hits, total) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_accelerated_agrees_with_scipys_bca():
    values = np.random.default_rng(3).exponential(size=60)
    index, _ = group_index([str(i) for i in range(len(values))])
    random = np.random.default_rng(5)
    weights = np.vstack(list(resamples(index, count=20_000, random=random)))
    draws = weights @ values / weights.sum(axis=1)
    without = np.vstack(list(leave_one_out(index)))
    left_out = without @ values / without.sum(axis=1)
    ours = accelerated(float(values.mean()), draws, left_out)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(6)
    ).confidence_interval
    plain = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(6)
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.012)
    assert abs(ours[1] - plain.high) > 0.015  # the two methods do differ here


@pytest.mark.parametrize(("b", "c"), [(0, 6), (5, 11), (40, 2), (7, 7)])
def test_mcnemar_is_the_exact_binomial_test(b, c):
    a_right = np.array([True] * b + [False] * c + [True] * 30)
    b_right = np.array([False] * b + [True] * c + [True] * 30)
    found = mcnemar(a_right, b_right)
    assert (found.only_a, found.only_b) == (b, c)
    assert found.p_value == pytest.approx(stats.binomtest(b, b + c, 0.5).pvalue)


@pytest.mark.parametrize("groups", [5, 30, 400])
def test_expanded_percentiles_are_those_of_students_t(groups):
    draws = stats.norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    wide = np.sqrt(groups / (groups - 1)) * stats.t.ppf(0.975, groups - 1)
    assert expanded(0.0, draws, groups=groups) == pytest.approx((-wide, wide), abs=0.01)
