from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.models.windows import pool, split


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
