"""Executor: where a function is mapped over units of work; ``local`` maps them in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Maps a function over items and gives the results in the order of the items.

    Items are drawn lazily, so a stream of any length fits in memory; an error of the function is raised
    where its result would have been.
    """

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Apply the function to each item, in order."""


class Local:
    """One item after the other, in this process."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Apply the function to each item, in order; nothing is drawn before it is asked for."""
        for item in items:
            yield function(item)

    def __repr__(self) -> str:
        return "local"


local: Executor = Local()
"""The executor of a call that names none."""
