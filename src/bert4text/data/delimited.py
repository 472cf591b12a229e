"""CSV and TSV: find the delimiter, read in a stream, quoted line ends and all."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter

from bert4text.core.errors import ConfigError, EmptyCorpusError, SchemaError
from bert4text.data.table import Row, Table, WholeRow

DELIMITERS = (",", ";", "\t", "|")
LARGEST_CELL = 1 << 28
"""Characters a cell may hold; more is a quotation mark that is never closed."""

LONGEST_SLIP = 2000
"""Lines that one stray quotation mark may take with it before the table is refused."""

_SAMPLE_LINES = 400
_SAMPLE_CHARACTERS = 1 << 20
_DECLARED = re.compile(r"\s*sep=(.)\s*")


def open_delimited(lines: Iterable[str], *, name: str, delimiter: str | None = None) -> Table:
    """A table of delimited text; ``lines`` keep their ends.

    A row that a stray quotation mark joined with those after it is one bad row; the others are read anew,
    each for itself.

    Raises:
        ConfigError: nothing can be separated by that delimiter.
        EmptyCorpusError: there is no header.
        SchemaError: the header cannot be read, or (while rows are read) a quotation mark is never closed.
    """
    stream = iter(lines)
    if delimiter is not None and delimiter in '"\r\n':
        raise ConfigError(
            "{delimiter!r} cannot separate columns",
            hint="leave [prepare] delimiter out and it is detected",
            code="bad-delimiter",
            delimiter=delimiter,
        )
    head = _head(stream)
    if head and (declared := _DECLARED.fullmatch(head[0])):  # Excel's own first line
        delimiter = delimiter or declared.group(1)
        del head[0]
    if not any(line.strip() for line in head):
        raise EmptyCorpusError(
            "{name} is empty", hint="check the export that made it", code="empty-file", name=name
        )
    while head and not head[0].strip():
        del head[0]
    delimiter = delimiter or detect_delimiter(head)
    csv.field_size_limit(LARGEST_CELL)
    records = _Records(chain(head, stream), delimiter or "\x1f", name=name)
    names = _header(records, name)

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        return _rows(records, [names.index(entry) for entry in wanted], width=len(names))

    def whole() -> Iterator[WholeRow]:
        every = tuple(names)
        for row in _rows(records, list(range(len(every))), width=len(every)):
            yield None if row is None else (every, row)

    facts = {"delimiter": delimiter or "none", "line_end": "\r\n" if head[0].endswith("\r\n") else "\n"}
    return Table(tuple(names), read, facts, whole)


def _header(records: _Records, name: str) -> list[str]:
    try:
        names = records.read() or []
    except SchemaError:
        names = []
    if not names:
        raise SchemaError(
            "the first row of {name} cannot be read",
            hint="it must hold the names of the columns; check its quotation marks",
            code="bad-header",
            name=name,
        )
    return [entry.strip() for entry in names]


def detect_delimiter(lines: Sequence[str]) -> str | None:
    """The delimiter under which most rows are as wide as the header; None for a single column."""
    best: tuple[float, int] = (0.0, 1)
    found = None
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best:
            best, found = score, delimiter
    return found


def _head(stream: Iterator[str]) -> list[str]:
    head: list[str] = []
    size = 0
    for line in islice(stream, _SAMPLE_LINES):
        head.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            break
    return head


def _widths(lines: Sequence[str], delimiter: str) -> list[int]:
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    widths = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error:
            row = [""]
        if row:
            widths.append(len(row))
    return widths[:-1] if len(widths) > 2 else widths  # the sample may cut the last


class _Records:
    """The records of delimited lines, one at a time.

    Args:
        lines: with their ends.
        delimiter: between the cells.
        name: what errors call the table.

    Attributes:
        row: the row that is read next, for errors; 0 is the header.
    """

    def __init__(self, lines: Iterator[str], delimiter: str, *, name: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._name = name
        self._taken: list[str] = []
        self._waiting: deque[str] = deque()
        self.row = 0
        self._reader = self._anew()

    def _anew(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines, None)
            if line is None:
                return
            self._taken.append(line)
            yield line

    def read(self) -> list[str] | None:
        """The next record, empty for a blank line; None where it cannot be read.

        Raises:
            StopIteration: there is none.
            SchemaError: a quotation mark is never closed.
        """
        self._taken.clear()
        try:
            return next(self._reader)
        except csv.Error as error:
            self._reread(str(error))
            return None

    def _reread(self, problem: str) -> None:
        """Go back to the line after the one where a record that failed began."""
        if "unexpected end" in problem or "field larger" in problem or len(self._taken) > LONGEST_SLIP:
            raise SchemaError(
                "a quotation mark opened in row {row} of {name} is never closed",
                hint='double it inside a quoted text (""), or export the table again',
                code="open-quote",
                row=self.row,
                name=self._name,
            ) from None
        if len(self._taken) > 1:
            self._waiting.extendleft(reversed(self._taken[1:]))
            self._reader = self._anew()


def _rows(records: _Records, places: list[int], *, width: int) -> Iterator[Row]:
    pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    blanks = 0
    while True:
        records.row += 1
        try:
            row = records.read()
        except StopIteration:
            return
        if row == []:  # in a single column an empty cell, unless nothing follows
            blanks += 1
            records.row -= width > 1
            continue
        for _ in range(blanks if width == 1 else 0):
            yield pick(("",))
        blanks = 0
        while row is not None and len(row) > width and not row[-1]:
            row.pop()
        yield pick(row) if row is not None and len(row) == width else None
