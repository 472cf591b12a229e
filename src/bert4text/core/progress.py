"""How long work tells of itself: a protocol handed in by the door; libraries never draw."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
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
