"""CSV and TSV: find the delimiter, read in a stream, quoted line ends and all."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.data.table import Row, Table

DELIMITERS = (",", ";", "\t", "|")
LARGEST_CELL = 1 << 28
"""Characters a cell may hold; more is a quotation mark that is never closed."""

_SAMPLE_LINES = 400
_SAMPLE_CHARACTERS = 1 << 20
_DECLARED = re.compile(r"\s*sep=(.)\s*")


def open_delimited(lines: Iterable[str], *, name: str, delimiter: str | None = None) -> Table:
    """A table of delimited text; ``lines`` keep their ends.

    Raises:
        EmptyCorpusError: there is no header.
    """
    stream = iter(lines)
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
    reader = csv.reader(chain(head, stream), delimiter=delimiter or "\x1f", strict=True)
    try:
        names = next(reader)
    except csv.Error:
        names = []
    if not names:
        raise SchemaError(
            "the first row of {name} cannot be read",
            hint="it must hold the names of the columns; check its quotation marks",
            code="bad-header",
            name=name,
        )
    names = [entry.strip() for entry in names]

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        return _rows(reader, [names.index(entry) for entry in wanted], width=len(names), name=name)

    return Table(tuple(names), read, {"delimiter": delimiter or "none"})


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


def _rows(reader: Any, places: list[int], *, width: int, name: str) -> Iterator[Row]:
    pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
    blanks = 0
    number = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            if "unexpected end" in str(error) or "field larger" in str(error):
                raise SchemaError(
                    "a quotation mark opened in row {row} of {name} is never closed",
                    hint='double it inside a quoted text (""), or export the table again',
                    code="open-quote",
                    row=number,
                    name=name,
                ) from None
            yield None
            continue
        if not row:
            blanks += width == 1
            continue
        for _ in range(blanks):
            number += 1
            yield pick(("",))
        blanks = 0
        number += 1
        while len(row) > width and not row[-1]:
            row.pop()
        yield pick(row) if len(row) == width else None
