"""Draft: the reports while they are prepared, column by column, and what was told on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bert4text.data.labels import LabelSet
from bert4text.data.note import ROWS_SHOWN, Note, first_rows

COLUMNS = (
    "rows",
    "ids",
    "texts",
    "cells",
    "labels",
    "patients",
    "episodes",
    "sites",
    "written",
    "splits",
    "origins",
    "attributes",
)
"""The lists of a draft that go together, one entry for each report."""


@dataclass(repr=False)  # it holds texts
class Draft:
    """Reports that are being prepared: lists of equal length, and what was told on the way.

    Attributes:
        rows: source rows, from 1.
        cells: what the label column holds.
        own_ids: whether the source gave the ids.
        aside: reason -> how many rows were set aside; nothing is lost without standing here.
    """

    rows: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    cells: list[str | None] = field(default_factory=list)
    labels: list[LabelSet | None] = field(default_factory=list)
    patients: list[str | None] = field(default_factory=list)
    episodes: list[str | None] = field(default_factory=list)
    sites: list[str | None] = field(default_factory=list)
    written: list[datetime | None] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(default_factory=list)
    own_ids: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    aside: dict[str, int] = field(default_factory=dict)
    total: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    def note(
        self, code: str, *, message: str, warning: bool = False, rows: Sequence[int] = (), **values: Any
    ) -> None:
        """Tell of something; ``rows`` are the source rows concerned."""
        self.notes.append(
            Note(
                code=code,
                message=message,
                values={**values, "first": first_rows(rows)} if rows else values,
                severity="warning" if warning else "info",
                reports=len(rows) or None,
                rows=tuple(rows[:ROWS_SHOWN]),
            )
        )

    def set_aside(self, places: Sequence[int], code: str) -> list[int]:
        """Take reports out, count them under a reason, and return their source rows."""
        rows = [self.rows[place] for place in places]
        if places:
            gone = set(places)
            for name in COLUMNS:
                values = getattr(self, name)
                setattr(self, name, [value for place, value in enumerate(values) if place not in gone])
            self.aside[code] = self.aside.get(code, 0) + len(rows)
        return rows
