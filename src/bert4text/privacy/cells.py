"""De-identify the cells of one row of a table, each as its column asks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from bert4text.core.fold import fold
from bert4text.privacy.columns import Column, columns_of
from bert4text.privacy.dates import DATE
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.known import Known, told_by
from bert4text.privacy.replace import OLDEST
from bert4text.privacy.shift import year_of

Said = Callable[[Any], str | None]
"""A cell as text, as detectors are to read it; None where nothing stands in it."""

_IN_TEXT = PERSONS | {"record", "exam", "plan", "cpf", "cns", "national-id", "phone", "e-mail", "council"}
"""Kinds whose cells are looked for in the texts of their row."""
_CODED = {"id": "exam", "patient": "record", "episode": "record"}
"""What an id is called where it stands in a text of its row."""


class Row(NamedTuple):
    """One row of a table; its ``repr`` shows no cell.

    Attributes:
        columns: what is done with each cell.
        values: the cells, as the table has them.
        subject: whose dates move together.
        report: the id of the report, or the number of the row.
    """

    columns: Sequence[Column]
    values: Sequence[Any]
    subject: str
    report: str

    def __repr__(self) -> str:
        return f"Row({len(self.values)} cells)"


class Done(NamedTuple):
    """A row whose cells are replaced, and what was found in it; ids wait for their codes."""

    columns: Sequence[Column]
    values: list[Any]
    counts: Counter[str]
    left: Counter[str]
    changed: Counter[str]


def known_of(row: Row, said: Said) -> Known:
    """Finds in the texts of a row what its other cells say for certain.

    Args:
        row: the row.
        said: a cell as text.
    """
    return Known(told_by(_telling(row, said)))


class Cells:
    """One row, whose cells are replaced one after the other."""

    def __init__(self, deidentifier: Deidentifier, said: Said, row: Row) -> None:
        self._deidentifier = deidentifier
        self._said = said
        self._row = row
        self._counts: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._known = known_of(row, said)
        self._year = self._written()

    def done(self) -> Done:
        """The row with its cells replaced; ids are left for their codes."""
        changed: Counter[str] = Counter()
        values = []
        for column, value in zip(self._row.columns, self._row.values, strict=True):
            made = self._cell(column, value)
            if column.role == "code" or made is not value:
                changed[column.name] += 1
            values.append(made)
        return Done(self._row.columns, values, self._counts, self._left, changed)

    def _written(self) -> int | None:
        """The year that the date of the report tells."""
        for column, value in zip(self._row.columns, self._row.values, strict=True):
            if column.role == "date" and column.what == "date":
                year = value.year if isinstance(value, date) else year_of((self._said(value) or "")[:20])
                if year is not None:
                    return int(year)
        return None

    def _cell(self, column: Column, value: Any) -> Any:
        if value is None or isinstance(value, bool) or column.role in {"keep", "code"}:
            return value
        if isinstance(value, Mapping):
            inner = {key: self._cell(_within(column, str(key)), each) for key, each in value.items()}
            return value if all(inner[key] is each for key, each in value.items()) else inner
        if isinstance(value, list | tuple):
            made = [self._cell(column, each) for each in value]
            same = all(new is old for new, old in zip(made, value, strict=True))
            return value if same else made
        if isinstance(value, date):
            return self._moment(column, value)
        if isinstance(value, bytes):
            return self._bytes(column, value)
        told = self._said(value)
        return value if told is None else self._told(column, value, told)

    def _bytes(self, column: Column, value: bytes) -> bytes | None:
        """Text in bytes; what is no text cannot be read, and goes."""
        try:
            told = value.decode("utf-8")
        except UnicodeDecodeError:
            return None
        made = self._cell(column, told)
        return value if made is told else str(made).encode()

    def _told(self, column: Column, value: Any, told: str) -> Any:
        """A cell that says something; itself where nothing of it identifies anybody."""
        if column.role == "kind":
            made = self._whole(column.what, told) if _says(told) else told
        elif column.role == "date":
            made = self._date(column.what, told)
        else:
            lead = "" if column.role in {"text", "label"} else f"{column.what}: "
            made = self._read(told, lead, reported=column.role == "text")
        return value if made == told else made

    def _read(self, told: str, lead: str, *, reported: bool) -> str:
        """A cell read by the detectors, its column's name beside it as the field of a report is."""
        written = None if self._year is None else datetime(self._year, 1, 1, tzinfo=UTC)
        replaced = self._deidentifier(
            told,
            subject=self._row.subject,
            written_at=written,
            report=self._row.report if reported else "",
            lead=lead,
            known=self._known,
        )
        self._counts += replaced.counts
        if reported:
            self._left += self._deidentifier.left(replaced)
        return replaced.text

    def _whole(self, kind: str, told: str) -> str:
        made = self._deidentifier.whole(kind, told, subject=self._row.subject, year=self._year)
        self._counts[kind] += made != told
        return made

    def _date(self, kind: str, told: str) -> str:
        """A date in letters; what is no date of any calendar goes, but for a year alone."""
        if _YEAR.fullmatch(told) or not _says(told):
            return told
        when = _ZONE.sub("", told)
        if DATE.fullmatch(fold(when)):
            return self._whole(kind, when)
        lead = "data: "
        made = self._read(told, lead, reported=False)
        if made != told and not any(map(str.isalnum, _TAGGED.sub("", made))):
            return made
        return told if self._deidentifier.policy.actions[kind] == "keep" else self._hidden(kind)

    def _hidden(self, kind: str) -> str:
        self._counts[kind] += 1
        return self._deidentifier.tag(kind)

    def _moment(self, column: Column, value: date) -> Any:
        """A date that the table has as one: moved, the first day of its year, as it is, or none."""
        kind = column.what if column.role == "date" else "date"
        aware = datetime(value.year, value.month, value.day, tzinfo=UTC)
        made = self._deidentifier.moment(aware, subject=self._row.subject, kind=kind)
        written = self._year or datetime.now(UTC).year
        if made is not None and kind == "birth-date" and written - value.year > OLDEST:
            made = None if self._deidentifier.policy.actions[kind] == "year" else made
        if made == aware:
            return value
        self._counts[kind] += 1
        if made is None:
            return None
        if isinstance(value, datetime):
            action = self._deidentifier.policy.actions[kind]
            if action == "year":
                return value.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
            return value + (made - aware)
        return made.date()


def _telling(row: Row, said: Said) -> Iterator[tuple[str, str]]:
    """Kinds and values of cells that are identifiers from their first sign to their last."""
    for column, value in zip(row.columns, row.values, strict=True):
        kind = _CODED.get(column.what) if column.role == "code" else column.what
        if column.role in {"code", "kind"} and kind in _IN_TEXT and (told := said(value)) is not None:
            yield kind, told


def _within(column: Column, key: str) -> Column:
    """A cell inside a cell: as its own name tells, but for what the whole column is."""
    return column if column.role in {"kind", "date", "text"} else columns_of([key], {})[0]


def _says(told: str) -> bool:
    """Whether a cell says anything: "-" and "..." do not."""
    return any(map(str.isalnum, told))


_YEAR = re.compile(r"(?:19|20)\d\d")
_ZONE = re.compile(r"(?<=\d)(?:[.,]\d+)?(?:[ ]?(?:[+-]\d\d:?\d\d|UTC|GMT))$")
_TAGGED = re.compile(r"\[[^\]\n]{1,40}\]")
