"""Excel: a sheet of a workbook as a table; apart, because openpyxl takes long to load."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.exceptions import InvalidFileException

from bert4text.core.errors import ConfigError
from bert4text.data.table import Row, Table, blank, cell, empty, unreadable

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
    header = next((row for row in rows if not all(blank(value) for value in row)), None)
    if header is None:
        raise empty(name)
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
            raise unreadable(name, "Excel") from None
        if row is None:
            return
        yield tuple(None if value in ERROR_CODES else cell(value) for value in row)
