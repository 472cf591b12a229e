"""De-identify the rows of a table: each cell as its column asks, the rows in their order, memory flat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bert4text.core.codes import PREFIXES
from bert4text.core.executor import Executor, local
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.privacy.cells import Cells, Done, Row, Said
from bert4text.privacy.columns import Column
from bert4text.privacy.corpus import UNIT, Code
from bert4text.privacy.deidentify import Deidentifier


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

    def add(self, done: Done) -> None:
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


def _give_codes(unit: Sequence[Done], code: Code, said: Said) -> None:
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


class _Work:
    """De-identifies a unit of rows; a class, so that an executor can send it elsewhere."""

    def __init__(self, deidentifier: Deidentifier, said: Said) -> None:
        self.deidentifier = deidentifier
        self.said = said

    def __call__(self, unit: Sequence[Row | None]) -> list[Done | None]:
        return [None if row is None else Cells(self.deidentifier, self.said, row).done() for row in unit]
