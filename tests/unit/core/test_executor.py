"""The local executor: lazy, in order, errors where their result would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.executor import local


@given(st.lists(st.integers()))
def test_local_keeps_the_order(items):
    assert list(local.map(lambda item: item * 2, items)) == [item * 2 for item in items]


def test_local_draws_nothing_before_it_is_asked_for():
    drawn = []

    def source():
        for item in range(3):
            drawn.append(item)
            yield item

    results = local.map(str, source())
    assert drawn == []
    assert next(results) == "0"
    assert drawn == [0]


def test_local_raises_where_the_result_would_be():
    results = local.map(lambda item: 1 // item, [1, 0])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert repr(local) == "local"
