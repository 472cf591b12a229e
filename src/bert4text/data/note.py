"""Note: one thing that preparing a corpus did or found, as a template with values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.errors import fill


class Note(Record):
    """One line of what was done.

    Attributes:
        code: a stable machine name.
        message: an English template over ``values``; doors translate it.
        values: names, numbers and codes; never report text.
        severity: ``info`` for what was done, ``warning`` for what deserves a look.
        reports: how many reports are concerned.
        rows: source rows of some of them, from 1; the message names the first as ``{first}``.
    """

    code: str
    message: str
    values: dict[str, Any] = Field(default_factory=dict)
    severity: Literal["info", "warning"] = "info"
    reports: int | None = None
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        return fill(self.message, self.values)


ROWS_SHOWN = 50
"""How many source rows a note carries at most."""

ROWS_SAID = 5
"""How many of them its message names."""


def first_rows(rows: Sequence[int]) -> list[str]:
    """The first of many rows, fit for a message."""
    return [*map(str, rows[:ROWS_SAID]), *["..."] * (len(rows) > ROWS_SAID)]
