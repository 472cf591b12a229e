"""How long work tells of itself: a protocol handed in by the door; libraries never draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol


class Task(Protocol):
    """One piece of work under way."""

    def advance(self, n: int = 1) -> None:
        """Tell that ``n`` more units are done."""

    def note(self, key: str, value: float | str) -> None:
        """Tell a figure to show beside the bar: a name and a number or code, never report text."""


class Progress(Protocol):
    """Makes tasks; ``label`` is an English message id that the door translates."""

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Start a task of ``total`` units (None: unknown)."""


class _SilentTask:
    def advance(self, n: int = 1) -> None:
        """Do nothing."""

    def note(self, key: str, value: float | str) -> None:
        """Do nothing."""


class _Silent:
    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Return a task that shows nothing."""
        return nullcontext(_SilentTask())


silent: Progress = _Silent()
"""The progress of a library call: none."""

_hearing: ContextVar[Callable[[int], None] | None] = ContextVar("hearing", default=None)


@contextmanager
def hearing(task: Task) -> Iterator[Callable[[int], None]]:
    """Let work deeper down tell of pieces of a unit while it lasts, in this process.

    Yields:
        What ends a unit: called with all its pieces, it advances the task by those not told of yet.
    """
    heard = 0

    def hear(n: int) -> None:
        nonlocal heard
        heard += n
        task.advance(n)

    def end(pieces: int) -> None:
        nonlocal heard
        heard, before = 0, heard
        task.advance(pieces - before)

    token = _hearing.set(hear)
    try:
        yield end
    finally:
        _hearing.reset(token)


def tell(n: int) -> None:
    """Tell whoever hears that ``n`` more pieces of the unit under way are done."""
    hear = _hearing.get()
    if hear is not None and n:
        hear(n)
