"""Excel: a sheet of a workbook as a table; apart, because openpyxl takes long to load."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from bert4text.core.errors import ConfigError
from bert4text.data.table import Row, Table, WholeRow, blank, cell, empty, unreadable

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

LONGEST = 32767
"""Characters that a cell of a workbook holds."""


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
            raise unreadable(name, "Excel") from None
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
        raise empty(name)
    page = book[sheet] if sheet is not None else book.worksheets[0]
    rows = _cells(page, name)
    header = next((row for row in rows if not _is_empty(row)), None)
    if header is None:
        raise empty(name)
    names = [(cell(value) or "").strip() for value in header]
    while names and not names[-1]:
        names.pop()

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        places = [names.index(entry) for entry in wanted]
        for row in _filled(rows):
            yield tuple(cell(row[place]) if place < len(row) else None for place in places)

    def whole() -> Iterator[WholeRow]:
        every = tuple(names)
        for row in _filled(rows):
            yield every, tuple(row[place] if place < len(row) else None for place in range(len(every)))

    return Table(tuple(names), read, {"sheet": page.title, "sheets": str(len(book.sheetnames))}, whole)


def _is_empty(row: tuple[Any, ...]) -> bool:
    return all(blank(cell(value)) for value in row)


def _filled(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows, without those that are empty to the end of the sheet: these are none."""
    blanks = 0
    for row in rows:
        if _is_empty(row):
            blanks += 1
            continue
        for _ in range(blanks):
            yield ()
        blanks = 0
        yield row


def _cells(page: Any, name: str) -> Iterator[tuple[Any, ...]]:
    page.reset_dimensions()  # some programs write wrong ones
    rows = page.iter_rows(values_only=True)
    while True:
        try:
            row = next(rows, None)
        except _DAMAGE:
            raise unreadable(name, "Excel") from None
        if row is None:
            return
        yield tuple(None if value in ERROR_CODES else value for value in row)


@contextmanager
def writing_excel(
    path: Path, names: Sequence[str], *, sheet: str
) -> Iterator[Callable[[Sequence[Any]], None]]:
    """Yield what appends a row of cells to a workbook of one sheet; it is written when the block ends.

    Args:
        path: the workbook.
        names: of the columns: its first row.
        sheet: its title.
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)

    def append(values: Sequence[Any]) -> None:
        page.append([_typed(page, value) for value in values])

    append(names)
    yield append
    book.save(path)


def _typed(page: Any, value: Any) -> Any:
    """A cell: text that begins with an equals sign stays text, signs that no workbook holds go."""
    if not isinstance(value, str):
        return value
    kept = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST])
    kept.data_type = "s"
    return kept
