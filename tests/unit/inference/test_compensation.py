"""Weights that make up for each other lose less of reports they have not seen, and stay in their range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.inference.compensation import BLOCK, compensated
from bert4text.inference.rounding import REDUCED, SIGNED, rounded


def correlated(tokens: int, depth: int, *, seed: int, rank: int = 12) -> np.ndarray:
    """Activations that mostly lie in a few directions, as those of encoders do."""
    random = np.random.default_rng(seed)
    directions = np.random.default_rng(1).normal(size=(rank, depth))
    near = random.normal(size=(tokens, rank)) @ directions + 0.3 * random.normal(size=(tokens, depth))
    return near.astype(np.float32)


def lost(given: np.ndarray, weights: np.ndarray, values: np.ndarray, scales: np.ndarray) -> float:
    wanted = given @ weights
    return float(np.square(given @ (values * scales) - wanted).sum() / np.square(wanted).sum())


@pytest.mark.parametrize("largest", [REDUCED, SIGNED])
def test_less_is_lost_of_tokens_not_seen(largest: int) -> None:
    depth = 2 * BLOCK + 7  # more than one block, and a part of one
    seen, others = correlated(400, depth, seed=2), correlated(400, depth, seed=3)
    weights = np.random.default_rng(4).normal(size=(depth, 20)).astype(np.float32)
    gram = (seen.T @ seen).astype(np.float64)
    own = lost(others, weights, *compensated(weights, gram, largest=largest))
    assert own < 0.5 * lost(others, weights, *rounded(weights, largest))


def test_seven_bits_that_make_up_for_each_other_lose_no_more_than_eight_that_do_not() -> None:
    seen, others = correlated(800, 128, seed=2, rank=6), correlated(400, 128, seed=3, rank=6)
    weights = np.random.default_rng(4).normal(size=(128, 20)).astype(np.float32)
    seven = compensated(weights, (seen.T @ seen).astype(np.float64), largest=REDUCED)
    assert lost(others, weights, *seven) < lost(others, weights, *rounded(weights, SIGNED))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = correlated(400, 3 * BLOCK, seed=2)
    weights = np.random.default_rng(4).normal(size=(3 * BLOCK, 20)).astype(np.float32)
    gram = (seen.T @ seen).astype(np.float64)
    several, _ = compensated(weights, gram, largest=SIGNED)
    monkeypatch.setattr("bert4text.inference.compensation.BLOCK", 1000)
    whole, _ = compensated(weights, gram, largest=SIGNED)
    assert (several == whole).mean() > 0.999  # a tie may fall to either side


def test_inputs_that_have_nothing_to_do_with_each_other_are_rounded_to_the_nearest() -> None:
    weights = np.random.default_rng(4).normal(size=(9, 5)).astype(np.float32)
    values, scales = compensated(weights, np.diag(np.arange(1.0, 10.0)), largest=SIGNED)
    nearest, same = rounded(weights, SIGNED)
    np.testing.assert_array_equal(values, nearest)
    np.testing.assert_array_equal(scales, same)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(0, 6), st.integers(0, 10), st.sampled_from([REDUCED, SIGNED]))
def test_whatever_was_seen_the_integers_stay_in_range(
    depth: int, tokens: int, seed: int, largest: int
) -> None:
    """Fewer tokens than inputs, inputs that are always 0, no token at all."""
    seen = correlated(tokens, depth, seed=seed)
    seen[:, ::3] = 0.0
    weights = np.random.default_rng(seed).normal(size=(depth, 3)).astype(np.float32)
    values, scales = compensated(weights, (seen.T @ seen).astype(np.float64), largest=largest)
    assert np.abs(values.astype(int)).max() <= largest
    assert np.isfinite(scales).all()
    again, _ = compensated(weights, (seen.T @ seen).astype(np.float64), largest=largest)
    np.testing.assert_array_equal(values, again)
