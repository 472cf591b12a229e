"""De-identify the rows of a table: each cell as its column asks, the rows in their order, memory flat."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from bert4text.core.codes import PREFIXES
from bert4text.core.executor import Executor, local
from bert4text.core.fold import fold
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.privacy.columns import Column, columns_of
from bert4text.privacy.corpus import UNIT, Code
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


class _Done(NamedTuple):
    columns: Sequence[Column]
    values: list[Any]
    counts: Counter[str]
    left: Counter[str]
    changed: Counter[str]


@dataclass
class Tally:
    """What was found in a table and what was left, in counts; it grows as rows go by.

    Attributes:
        rows: how many there were.
        bad: rows that could not be read: they are empty.
        counts: kind -> how many were replaced.
        reports: kind -> in how many rows.
        left: kind -> in how many rows something of it is still found afterwards.
        leaking: rows in which anything is still found.
        changed: column -> in how many rows it was changed.
    """

    rows: int = 0
    bad: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    leaking: int = 0
    changed: Counter[str] = field(default_factory=Counter)

    def add(self, done: _Done) -> None:
        """Count a row."""
        self.counts += done.counts
        self.reports.update(done.counts.keys())
        self.left.update(done.left.keys())
        self.leaking += bool(done.left)
        self.changed += done.changed


def deidentify_rows(
    rows: Iterable[Row | None],
    deidentifier: Deidentifier,
    *,
    said: Said,
    code: Code,
    tally: Tally,
    executor: Executor = local,
    progress: Progress = silent,
) -> Iterator[tuple[Sequence[Column], list[Any]] | None]:
    """De-identify rows, unit by unit.

    What the cells of a row tell - the patient's name, the number of the record - is looked for in its texts
    too, whatever stands beside it there.

    Args:
        rows: the rows of the table; None where one could not be read.
        deidentifier: finds and replaces.
        said: a cell as text.
        code: gives ids, patients, episodes and sites their codes.
        tally: counts what is found.
        executor: where rows are read.
        progress: told how far it is.

    Yields:
        The columns and cells of each row; None where it could not be read.
    """
    with progress.task(N_("looking for identifiers")) as task:
        for unit in executor.map(_Work(deidentifier, said), _units(rows)):
            _give_codes([done for done in unit if done is not None], code, said)
            for done in unit:
                tally.rows += 1
                if done is None:
                    tally.bad += 1
                else:
                    tally.add(done)
                yield None if done is None else (done.columns, done.values)
            task.advance(len(unit))


def _units(rows: Iterable[Row | None]) -> Iterator[list[Row | None]]:
    unit: list[Row | None] = []
    for row in rows:
        unit.append(row)
        if len(unit) == UNIT:
            yield unit
            unit = []
    if unit:
        yield unit


def _give_codes(unit: Sequence[_Done], code: Code, said: Said) -> None:
    """Put codes in the place of ids, of a whole unit at once."""
    for kind in PREFIXES:
        places = [
            (done, place, told)
            for done in unit
            for place, column in enumerate(done.columns)
            if (column.role, column.what) == ("code", kind) and (told := said(done.values[place]))
        ]
        codes = code(kind, list(dict.fromkeys(told for _, _, told in places))) if places else {}
        for done, place, told in places:
            done.values[place] = codes[told]


def known_of(row: Row, said: Said) -> Known:
    """Finds in the texts of a row what its other cells say for certain.

    Args:
        row: the row.
        said: a cell as text.
    """
    return Known(told_by(_telling(row, said)))


class _Work:
    """De-identifies a unit of rows; a class, so that an executor can send it elsewhere."""

    def __init__(self, deidentifier: Deidentifier, said: Said) -> None:
        self.deidentifier = deidentifier
        self.said = said

    def __call__(self, unit: Sequence[Row | None]) -> list[_Done | None]:
        return [None if row is None else _Cells(self.deidentifier, self.said, row).done() for row in unit]


class _Cells:
    """One row, whose cells are replaced one after the other."""

    def __init__(self, deidentifier: Deidentifier, said: Said, row: Row) -> None:
        self._deidentifier = deidentifier
        self._said = said
        self._row = row
        self._counts: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._known = known_of(row, said)
        self._year = self._written()

    def done(self) -> _Done:
        """The row with its cells replaced; ids are left for their codes."""
        changed: Counter[str] = Counter()
        values = []
        for column, value in zip(self._row.columns, self._row.values, strict=True):
            made = self._cell(column, value)
            if column.role == "code" or made is not value:
                changed[column.name] += 1
            values.append(made)
        return _Done(self._row.columns, values, self._counts, self._left, changed)

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
