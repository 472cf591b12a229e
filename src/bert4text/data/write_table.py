"""Write a table anew, row by row, in the format it came in or another: the names and the order stay."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from bert4text.core.errors import ConfigError
from bert4text.data.read import FORMATS
from bert4text.data.table import Table, WholeRow, cell

Append = Callable[[WholeRow], None]
"""Adds a row: its names and cells, or an empty one for None."""

STREAMS = ("csv", "tsv", "jsonl")
"""Formats that can go through a pipe."""
_GROUP_ROWS = 8192


def table_format(path: Path, *, like: str | None = None) -> str:
    """The format that the name of a file asks for.

    Args:
        path: the file.
        like: the format of the source, taken where the name has no suffix.

    Raises:
        ConfigError: no format goes by that suffix.
    """
    suffix = path.suffix.casefold()
    if suffix in FORMATS:
        return FORMATS[suffix]
    if not suffix and like is not None and like not in {"folder", "arrow"}:
        return like
    raise ConfigError(
        "a table is written as {known}, not as {suffix!r}",
        hint="choose a name that ends in one of them",
        code="unknown-format",
        known=list(FORMATS),
        suffix=suffix,
    )


def writing_rows(
    target: Path | BinaryIO, kind: str, table: Table, *, as_text: Sequence[str] = ()
) -> AbstractContextManager[Append]:
    """Open what appends rows to a file or a stream.

    Delimited text keeps the delimiter, the line ends and the encoding of its source; a sign that the encoding
    does not hold is written as ``&#8805;``. A column of a Parquet table keeps its type: what does not fit it,
    since something else was put in its place, is null.

    Args:
        target: a file, or for ``STREAMS`` an open binary stream.
        kind: csv, tsv, jsonl, parquet or excel.
        table: the source.
        as_text: columns of a Parquet table whose cells are text from now on.
    """
    if kind == "jsonl":
        return _json_lines(target, table)
    if kind in {"csv", "tsv"}:
        return _delimited(target, kind, table)
    if not isinstance(target, Path):
        raise ConfigError(
            "{wanted} cannot go through a pipe; {known} can",
            hint="give -o PATH",
            code="no-stream",
            wanted=kind,
            known=list(STREAMS),
        )
    return _parquet(target, table, as_text) if kind == "parquet" else _excel(target, table)


@contextmanager
def _stream(target: Path | BinaryIO, encoding: str, newline: str) -> Iterator[io.TextIOBase]:
    if isinstance(target, Path):
        with target.open("w", encoding=encoding, errors="xmlcharrefreplace", newline=newline) as stream:
            yield stream
        return
    wrapper = io.TextIOWrapper(target, encoding, "xmlcharrefreplace", newline=newline, write_through=True)
    try:
        yield wrapper
    finally:
        wrapper.detach()


@contextmanager
def _delimited(target: Path | BinaryIO, kind: str, table: Table) -> Iterator[Append]:
    facts = table.facts if table.facts.get("format") in {"csv", "tsv"} else {}
    encoding = facts.get("encoding", "utf-8-sig" if kind == "csv" else "utf-8")
    delimiter = facts.get("delimiter", "none")
    if facts.get("format") != kind or delimiter == "none":
        delimiter = "\t" if kind == "tsv" else ","
    with _stream(target, encoding, "") as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=facts.get("line_end", "\n"))
        writer.writerow(table.names)
        places = {name: place for place, name in enumerate(table.names)}

        def append(row: WholeRow) -> None:
            names, values = row or ((), ())
            if names == table.names:
                writer.writerow([cell(value) for value in values])
                return
            cells: list[str | None] = [None] * len(table.names)
            for name, value in zip(names, values, strict=True):
                if name in places:
                    cells[places[name]] = cell(value)
            writer.writerow(cells)

        yield append


@contextmanager
def _json_lines(target: Path | BinaryIO, table: Table) -> Iterator[Append]:
    own = table.facts.get("format") == "jsonl"  # others' values may be none of JSON's
    with _stream(target, "utf-8", "\n") as stream:

        def append(row: WholeRow) -> None:
            names, values = row or ((), ())
            kept = {name: value if own else _plain(value) for name, value in zip(names, values, strict=True)}
            stream.write(json.dumps(kept, ensure_ascii=False) + "\n")

        yield append


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else cell(value)


@contextmanager
def _excel(target: Path, table: Table) -> Iterator[Append]:
    module = importlib.import_module("bert4text.data.excel")
    own = table.facts.get("format") == "excel"
    sheet = table.facts.get("sheet", "Sheet1")
    with module.writing_excel(target, table.names, sheet=sheet) as append_cells:

        def append(row: WholeRow) -> None:
            values = row[1] if row else ()
            append_cells([value if own else _as_cell(value) for value in values])

        yield append


def _as_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)  # a workbook knows no zones
    return value if value is None or isinstance(value, bool | int | float | date) else cell(value)


@contextmanager
def _parquet(target: Path, table: Table, as_text: Sequence[str]) -> Iterator[Append]:
    schema = _schema(table, frozenset(as_text))
    waiting: list[Sequence[Any]] = []
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:

        def flush() -> None:
            columns = zip(*waiting, strict=True) if waiting else ([] for _ in schema)
            arrays = [
                pa.array([_fitting(value, entry.type) for value in values], entry.type)
                for values, entry in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            waiting.clear()

        def append(row: WholeRow) -> None:
            waiting.append((None,) * len(schema) if row is None else _ordered(row, table.names))
            if len(waiting) == _GROUP_ROWS:
                flush()

        yield append
        flush()


def _ordered(row: tuple[tuple[str, ...], tuple[Any, ...]], names: tuple[str, ...]) -> Sequence[Any]:
    if row[0] == names:
        return row[1]
    cells = dict(zip(*row, strict=True))
    return [cells.get(name) for name in names]


def _schema(table: Table, as_text: frozenset[str]) -> pa.Schema:
    """The types of the source, nothing said of it besides: what a program wrote there may name somebody."""
    if table.schema is None:
        return pa.schema([pa.field(name, pa.string()) for name in table.names])
    return pa.schema(
        [
            pa.field(entry.name, pa.string() if entry.name in as_text else _bare(entry.type))
            for entry in table.schema
        ]
    )


def _bare(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _fitting(value: Any, kind: pa.DataType) -> Any:
    """A value that a column can hold; None where another was put in its place that it cannot."""
    types = pa.types
    if value is None:
        return None
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return cell(value)
    if types.is_list(kind) or types.is_large_list(kind):
        return [_fitting(each, kind.value_type) for each in value] if isinstance(value, list) else None
    if types.is_struct(kind):
        if not isinstance(value, Mapping):
            return None
        return {entry.name: _fitting(value.get(entry.name), entry.type) for entry in kind}
    if types.is_map(kind):
        return [(key, _fitting(each, kind.item_type)) for key, each in value]
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return value if isinstance(value, bytes) else None
    return None if isinstance(value, str) else value
