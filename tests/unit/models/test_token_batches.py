from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.models.token_batches import pad, token_batches


@given(lengths=st.lists(st.integers(0, 600), max_size=80), tokens=st.integers(1, 2000))
def test_each_row_stands_in_one_batch_within_the_budget(lengths: list[int], tokens: int) -> None:
    batches = token_batches(lengths, tokens=tokens)
    rows = [int(row) for batch in batches for row in batch]
    assert sorted(rows) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= tokens
    assert [lengths[row] for row in rows] == sorted(lengths, reverse=True)


def test_the_indices_restore_the_order() -> None:
    lengths = [3, 9, 1, 9, 4]
    answers = np.zeros(5)
    for batch in token_batches(lengths, tokens=10):
        answers[batch] = [lengths[row] * 10 for row in batch]
    assert answers.tolist() == [30, 90, 10, 90, 40]


def test_nothing_gives_no_batch() -> None:
    assert token_batches([]) == []


def test_an_empty_budget_is_refused() -> None:
    with pytest.raises(ConfigError):
        token_batches([1], tokens=0)


def test_padding_is_masked() -> None:
    ids, mask = pad([[5, 6, 7], [8]], padding=9)
    assert ids.tolist() == [[5, 6, 7], [8, 9, 9]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
