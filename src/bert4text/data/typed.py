"""JSON lines, Parquet and Excel: sources whose cells have types."""

from __future__ import annotations

import json
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.exceptions import InvalidFileException

from bert4text.core.errors import ConfigError, EmptyCorpusError, SchemaError
from bert4text.data.table import Row, Table, blank, cell

_DAMAGE = (
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    SyntaxError,
    zipfile.BadZipFile,
    EOFError,
    zlib.error,
    InvalidFileException,
)
"""What openpyxl raises over a workbook that is damaged, or holds charts alone."""


def open_json_lines(lines: Iterable[str | bytes], *, name: str, ahead: int | None = 1000) -> Table:
    """A table of JSON objects, one a line; the columns are the keys of the first ``ahead`` (None: of all).

    Raises:
        EmptyCorpusError: there is no line.
        SchemaError: none of the first lines is a JSON object.
    """
    stream = (line for line in lines if line.strip())
    head = list(islice(stream, ahead))
    if not head:
        raise _empty(name)
    names = tuple(dict.fromkeys(key for line in head for key in _object(line) or ()))
    if not names:
        raise SchemaError(
            "{name} does not hold one JSON object a line",
            hint='for example {{"id": "1", "text": "..."}} on each line, without a comma between them',
            code="bad-json-lines",
            name=name,
        )

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        for line in chain(head, stream):
            found = _object(line)
            yield None if found is None else tuple(cell(found.get(entry)) for entry in wanted)

    return Table(names, read)


def _object(line: str | bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def open_parquet(source: Path | BinaryIO, *, name: str) -> Iterator[Table]:
    """A table of a Parquet file, read in batches.

    Raises:
        SchemaError: it is no Parquet file, or is damaged.
    """
    try:
        file = pq.ParquetFile(source)
    except (pa.ArrowException, OSError):
        raise _unreadable(name, "Parquet") from None

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        batches = file.iter_batches(batch_size=2048, columns=list(dict.fromkeys(wanted)))
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError):
                raise _unreadable(name, "Parquet") from None
            if batch is None:
                return
            columns = [_values(batch.column(entry), name) for entry in wanted]
            yield from zip(*columns, strict=True)

    with file:
        yield Table(tuple(file.schema_arrow.names), read)


def _values(column: pa.Array, name: str) -> list[str | None]:
    try:
        return [cell(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # times finer or farther away than Python's
        pass
    try:
        return list(column.cast(pa.string()).to_pylist())
    except pa.ArrowException:
        raise _unreadable(name, "Parquet") from None


@contextmanager
def open_excel(source: Path | BinaryIO, *, name: str, sheet: str | None) -> Iterator[Table]:
    """A table of a sheet of an Excel workbook (.xlsx); its first row that holds anything names the columns.

    Raises:
        ConfigError: there is no such sheet.
        EmptyCorpusError: the sheet is empty.
        SchemaError: it is no Excel file, or is damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styles it does not know
        try:
            book = openpyxl.load_workbook(source, read_only=True, data_only=True)
        except _DAMAGE:
            raise _unreadable(name, "Excel") from None
    try:
        yield _sheet(book, name, sheet)
    finally:
        book.close()


def _sheet(book: Any, name: str, sheet: str | None) -> Table:
    sheets = [page.title for page in book.worksheets]  # not those that are charts
    if sheet is not None and sheet not in sheets:
        raise ConfigError(
            "{name} has no sheet {wanted!r}; it has {found}",
            hint="set [prepare] sheet to one of them",
            code="unknown-sheet",
            name=name,
            wanted=sheet,
            found=sheets,
        )
    if not sheets:
        raise _empty(name)
    page = book[sheet] if sheet is not None else book.worksheets[0]
    rows = _cells(page, name)
    header = next((row for row in rows if not all(blank(value) for value in row)), None)
    if header is None:
        raise _empty(name)
    names = [(value or "").strip() for value in header]
    while names and not names[-1]:
        names.pop()

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        places = [names.index(entry) for entry in wanted]
        blanks = 0
        for row in rows:
            if all(blank(value) for value in row):
                blanks += 1  # rows that are empty to the end of the sheet are none
                continue
            for _ in range(blanks):
                yield tuple(None for _ in places)
            blanks = 0
            yield tuple(row[place] if place < len(row) else None for place in places)

    return Table(tuple(names), read, {"sheet": page.title})


def _cells(page: Any, name: str) -> Iterator[tuple[str | None, ...]]:
    page.reset_dimensions()  # some programs write wrong ones
    rows = page.iter_rows(values_only=True)
    while True:
        try:
            row = next(rows, None)
        except _DAMAGE:
            raise _unreadable(name, "Excel") from None
        if row is None:
            return
        yield tuple(None if value in ERROR_CODES else cell(value) for value in row)


def _empty(name: str) -> EmptyCorpusError:
    return EmptyCorpusError(
        "{name} is empty", hint="check the export that made it", code="empty-file", name=name
    )


def _unreadable(name: str, kind: str) -> SchemaError:
    return SchemaError(
        "{name} cannot be read as {kind}",
        hint="the file is damaged, or its name has the wrong suffix",
        code="unreadable",
        name=name,
        kind=kind,
    )
