from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.models.windows import WEIGHTS, WindowWeights, places, pool, split


@given(n=st.integers(0, 300), window=st.integers(1, 60), data=st.data())
def test_no_token_is_lost(n: int, window: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, window))
    pieces = split(range(n), window=window, stride=stride)
    assert {token for piece in pieces for token in piece} == set(range(n))
    assert all(piece == list(range(piece[0], piece[-1] + 1)) for piece in pieces if piece)
    starts = [piece[0] for piece in pieces if piece]
    assert starts == sorted(set(starts))
    if n > window:
        assert all(len(piece) == window for piece in pieces)
    else:
        assert pieces == [list(range(n))]


def test_windows_overlap_and_the_last_ends_with_the_text() -> None:
    assert split(range(10), window=4, stride=2) == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert split(range(6), window=4, stride=4) == [[0, 1, 2, 3], [2, 3, 4, 5]]
    assert split([], window=4, stride=2) == [[]]


@pytest.mark.parametrize(("window", "stride"), [(4, 0), (4, 5), (0, 0), (-1, 1)])
def test_a_stride_that_would_lose_tokens_is_refused(window: int, stride: int) -> None:
    with pytest.raises(ConfigError):
        split(range(10), window=window, stride=stride)


@given(counts=st.lists(st.integers(1, 5), max_size=6), seed=st.integers(0, 99))
def test_pooling_agrees_with_a_plain_loop(counts: list[int], seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(sum(counts), 3)).astype(np.float32)
    parts = np.split(values, np.cumsum(counts)[:-1]) if counts else []
    for how, function in (("mean", np.mean), ("max", np.max)):
        wanted = np.array([function(part, axis=0) for part in parts]).reshape(-1, 3)
        found = pool(values, np.array(counts, dtype=np.int32), how=how)  # type: ignore[arg-type]
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)
        assert found.dtype == np.float32


def test_one_window_is_pooled_to_itself() -> None:
    values = np.array([[0.1, -0.2], [3.0, 4.0]], dtype=np.float32)
    np.testing.assert_array_equal(pool(values, np.array([1, 1], dtype=np.int32), how="mean"), values)


def _weights(width: int, *, seed: int = 1) -> WindowWeights:
    random = np.random.default_rng(seed)
    return WindowWeights(
        random.normal(size=width).astype(np.float32), random.normal(size=3).astype(np.float32)
    )


@given(counts=st.lists(st.integers(1, 5), min_size=1, max_size=6), seed=st.integers(0, 99))
def test_shares_are_a_softmax_within_each_report(counts: list[int], seed: int) -> None:
    embeddings = np.random.default_rng(seed).normal(size=(sum(counts), 4)).astype(np.float32)
    weights = _weights(4, seed=seed)
    found = weights.shares(embeddings, np.array(counts))
    start = 0
    for count in counts:
        own = embeddings[start : start + count]
        own = own - own.mean(axis=1, keepdims=True)
        scores = [
            float(row @ weights.query / np.sqrt((row**2).sum() + 1e-6)) + float(place @ weights.place)
            for row, place in zip(own, places(np.array([count])), strict=True)
        ]
        wanted = np.exp(scores) / np.exp(scores).sum()
        np.testing.assert_allclose(found[start : start + count], wanted, rtol=1e-4)
        start += count


def test_places_tell_the_first_the_last_and_how_far() -> None:
    wanted = [[1, 1, 0], [1, 0, 0], [0, 0, 0.5], [0, 1, 1]]
    np.testing.assert_array_equal(places(np.array([1, 3])), np.array(wanted, dtype=np.float32))


def test_learned_weights_of_zeros_are_the_mean_and_those_of_one_window_are_one() -> None:
    values = np.random.default_rng(2).normal(size=(5, 3)).astype(np.float32)
    counts = np.array([3, 1, 1], dtype=np.int32)
    zeros = WindowWeights(np.zeros(3, dtype=np.float32), np.zeros(3, dtype=np.float32))
    mean = pool(values, counts, how="mean")
    for shares in (zeros.shares(values, counts), None):
        np.testing.assert_allclose(pool(values, counts, how="learned", shares=shares), mean, rtol=1e-6)
    own = pool(values, counts, how="learned", shares=_weights(3).shares(values, counts))
    np.testing.assert_array_equal(own[1:], values[3:])
    assert not np.allclose(own[0], mean[0], atol=1e-3)


def test_weights_are_kept(tmp_path: Path) -> None:
    _weights(7).save(tmp_path)
    again = WindowWeights.load(tmp_path)
    np.testing.assert_array_equal(again.query, _weights(7).query)
    np.testing.assert_array_equal(again.place, _weights(7).place)
    assert [path.name for path in tmp_path.iterdir()] == [WEIGHTS]


def test_no_text_has_no_shares() -> None:
    assert _weights(3).shares(np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.int32)).shape == (0,)
