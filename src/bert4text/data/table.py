"""Table: the rows of any source as one stream, and the kinds of source there are."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bert4text.core.errors import EmptyCorpusError, SchemaError

Row = tuple[str | None, ...] | None
"""The cells that were asked for, or None where the row cannot be read."""

WholeRow = tuple[tuple[str, ...], tuple[Any, ...]] | None
"""The names of a row's cells and the cells themselves, typed as the source has them; None as of ``Row``."""


@dataclass(frozen=True)
class Table:
    """A source that was opened: its column names, and its rows when asked for.

    Attributes:
        names: the columns, in the order of the source.
        read: given some of the names, yields one ``Row`` for each row of the source, in order.
        facts: what was found out: format, encoding, delimiter; names and codes only.
        whole: yields every cell of each row, in order, for who writes the table anew; instead of ``read``.
        schema: the Arrow schema of a source that has one.
    """

    names: tuple[str, ...]
    read: Callable[[Sequence[str]], Iterator[Row]]
    facts: dict[str, str] = field(default_factory=dict)
    whole: Callable[[], Iterator[WholeRow]] | None = None
    schema: Any = None

    def rows(self) -> Iterator[WholeRow]:
        """Every cell of each row, in order."""
        if self.whole is not None:
            return self.whole()
        return (None if row is None else (self.names, row) for row in self.read(self.names))


@dataclass(frozen=True)
class Reading:
    """How to read a source; None is detected.

    Attributes:
        format: csv, tsv, jsonl, parquet, excel or folder.
        encoding: a codec of Python.
        delimiter: the character between columns.
        sheet: the sheet of an Excel file.
        label_file: the table inside a folder of texts.
        label_key: its column that names the text files.
        all_columns: whether JSON lines are read to the end for their keys, not the first of them alone.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    label_file: str | None = None
    label_key: str | None = None
    all_columns: bool = False


def cell(value: Any) -> str | None:
    """A value of any typed source as text: whole floats lose their point, lists become JSON, NaN is None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def blank(value: str | None) -> bool:
    """Whether a cell holds nothing."""
    return value is None or not value.strip()


def empty(name: str) -> EmptyCorpusError:
    """The error for a source in which nothing is."""
    return EmptyCorpusError(
        "{name} is empty", hint="check the export that made it", code="empty-file", name=name
    )


def unreadable(name: str, kind: str) -> SchemaError:
    """The error for a source that is not of the kind it is said to be, or is damaged."""
    return SchemaError(
        "{name} cannot be read as {kind}",
        hint="the file is damaged, or its name has the wrong suffix",
        code="unreadable",
        name=name,
        kind=kind,
    )
