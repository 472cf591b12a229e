"""Pieces of a unit are heard of while it is under way, and counted once."""

from __future__ import annotations

from bert4text.core.progress import hearing, tell


class Noting:
    def __init__(self):
        self.told = []

    def advance(self, n=1):
        self.told.append(n)

    def note(self, key, value):
        raise AssertionError


def test_pieces_are_told_and_a_units_end_tells_the_rest():
    task = Noting()
    with hearing(task) as ended:
        tell(3)
        tell(4)
        ended(10)
        ended(5)
    assert task.told == [3, 4, 3, 5]


def test_a_unit_begun_anew_counts_once():
    task = Noting()
    with hearing(task) as ended:
        tell(7)
        tell(7)
        ended(10)
        ended(10)
    assert sum(task.told) == 20


def test_nobody_hears_outside_and_the_inner_one_inside():
    outer, inner = Noting(), Noting()
    tell(1)
    with hearing(outer) as ended:
        with hearing(inner):
            tell(2)
        tell(3)
        ended(3)
    tell(4)
    assert (outer.told, inner.told) == ([3, 0], [2])
