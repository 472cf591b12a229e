"""Items made ahead or taken behind: all of them, in order, and none lost with an error."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.beside import ahead, behind


@given(st.lists(st.integers()))
def test_items_made_ahead_are_the_same_in_order(items):
    assert list(ahead(iter(items))) == items


@given(st.lists(st.integers()))
def test_items_taken_behind_are_the_same_in_order(items):
    taken: list[int] = []
    with behind(taken.append) as put:
        for item in items:
            put(item)
    assert taken == items


def test_one_item_is_made_while_another_is_used_and_no_more():
    made: list[int] = []
    third = threading.Event()

    def making():
        for number in range(5):
            made.append(number)
            if number == 1:
                third.set()
            yield number

    items = ahead(making())
    assert next(items) == 0
    assert third.wait(5)  # the next is made while the first is used
    time.sleep(0.05)
    assert made == [0, 1]
    assert list(items) == [1, 2, 3, 4]


def test_an_error_of_making_comes_in_its_place():
    def making():
        yield 1
        raise ValueError("second")

    items = ahead(making())
    assert next(items) == 1
    with pytest.raises(ValueError, match="second"):
        next(items)


def test_whoever_stops_early_does_not_wait():
    blocked = threading.Event()

    def making():
        yield 1
        blocked.wait(60)
        yield 2

    items = ahead(making())
    assert next(items) == 1
    started = time.monotonic()
    items.close()
    assert time.monotonic() - started < 5
    blocked.set()


def test_an_error_of_taking_is_raised_and_nothing_is_taken_after_it():
    taken: list[int] = []

    def take(item: int) -> None:
        if item == 2:
            raise ValueError("second")
        taken.append(item)

    def taking() -> None:
        with behind(take) as put:
            for item in range(1, 9):
                put(item)

    with pytest.raises(ValueError, match="second"):
        taking()
    assert taken == [1]


def test_an_error_of_taking_the_last_is_raised_at_the_end():
    def take(_: int) -> None:
        raise ValueError("last")

    with pytest.raises(ValueError, match="last"), behind(take) as put:
        put(1)


def test_what_is_being_taken_is_taken_whole_when_the_block_fails():
    taken: list[int] = []

    def take(item: int) -> None:
        time.sleep(0.05)
        taken.append(item)

    def failing() -> None:
        with behind(take) as put:
            put(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert taken == [1]
