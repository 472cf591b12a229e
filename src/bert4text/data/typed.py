"""JSON lines and Parquet: sources whose cells have types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from bert4text.core.errors import SchemaError
from bert4text.data.table import Row, Table, WholeRow, cell, empty, unreadable


def open_json_lines(lines: Iterable[str | bytes], *, name: str, ahead: int | None = 1000) -> Table:
    """A table of JSON objects, one a line; the columns are the keys of the first ``ahead`` (None: of all).

    Raises:
        EmptyCorpusError: there is no line.
        SchemaError: none of the first lines is a JSON object.
    """
    stream = (line for line in lines if line.strip())
    head = list(islice(stream, ahead))
    if not head:
        raise empty(name)
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

    def whole() -> Iterator[WholeRow]:
        for line in chain(head, stream):
            found = _object(line)
            yield None if found is None else (tuple(found), tuple(found.values()))

    return Table(names, read, whole=whole)


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
        SchemaError: it is no Parquet file, is damaged, or is a corpus whose texts are sealed.
    """
    try:
        file = pq.ParquetFile(source)
    except (pa.ArrowException, OSError):
        raise unreadable(name, "Parquet") from None
    if (file.schema_arrow.metadata or {}).get(b"bert4text.sealed", b"null") != b"null":
        raise SchemaError(
            "{name} is a sealed corpus: as a table it has no text",
            hint="give it where a corpus is asked for, or open it with `bert4text unseal`",
            code="sealed-table",
            name=name,
        )

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        for batch in _batches(file, name, list(dict.fromkeys(wanted))):
            columns = [_values(batch.column(entry), name) for entry in wanted]
            yield from zip(*columns, strict=True)

    def whole() -> Iterator[WholeRow]:
        every = tuple(file.schema_arrow.names)
        for batch in _batches(file, name):
            columns = [_typed(column, name) for column in batch.columns]
            for row in zip(*columns, strict=True):
                yield every, row

    with file:
        yield Table(tuple(file.schema_arrow.names), read, whole=whole, schema=file.schema_arrow)


def table_of_arrow(reader: pa.RecordBatchReader) -> Table:
    """A table of what speaks Arrow, such as a data frame."""
    names = tuple(reader.schema.names)

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        for batch in reader:
            yield from zip(*(_values(batch.column(entry), "") for entry in wanted), strict=True)

    def whole() -> Iterator[WholeRow]:
        for batch in reader:
            for row in zip(*(_typed(column, "") for column in batch.columns), strict=True):
                yield names, row

    return Table(names, read, {"format": "arrow"}, whole, reader.schema)


def _batches(
    file: pq.ParquetFile, name: str, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    batches = file.iter_batches(batch_size=2048, columns=columns)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError):
            raise unreadable(name, "Parquet") from None
        if batch is None:
            return
        yield batch


def _typed(column: pa.Array, name: str) -> list[Any]:
    """The values of a column as Python has them; as text where it has none such."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return list(_values(column, name))


def _values(column: pa.Array, name: str) -> list[str | None]:
    try:
        return [cell(value) for value in column.to_pylist()]
    except (ValueError, OverflowError):  # times finer or farther away than Python's
        pass
    try:
        return list(column.cast(pa.string()).to_pylist())
    except pa.ArrowException:
        raise unreadable(name, "Parquet") from None
