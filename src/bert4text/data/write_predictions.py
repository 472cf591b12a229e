"""Write predictions as Parquet, CSV or JSON lines: ``predictions/1``, appended unit by unit.

Every format holds the same values: probabilities are rounded to float32 once, and text formats write the
shortest decimal that reads back as that float32. An id is written as it was given: a CSV opened in a
spreadsheet may take an id that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, so import such a file
with its columns declared as text.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.core.output import writing_file
from bert4text.core.prediction import Prediction
from bert4text.data.columnar import table_of

FORMAT = "predictions/1"

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("side", pa.string()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("label", pa.string()),
        pa.field("labels", pa.list_(pa.string())),
        pa.field("probability", pa.float32()),
        pa.field("probabilities", pa.list_(pa.float32())),
        pa.field("prediction_set", pa.list_(pa.string())),
        pa.field("tokens", pa.int32()),
        pa.field("windows", pa.int32()),
        pa.field("unread", pa.int32()),
        pa.field("point", pa.string()),
        pa.field("model", pa.string()),
        pa.field("key", pa.string()),
    ]
)
"""The columns of ``predictions/1``, without metadata."""

SUFFIXES: dict[str, str] = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Which format the name of a file asks for."""


class PredictionWriter(Protocol):
    """Takes predictions unit by unit, in order."""

    def append(self, predictions: Iterable[Prediction]) -> None:
        """Add predictions after those already there."""

    def append_table(self, table: pa.Table) -> None:
        """Add a table of ``SCHEMA`` after what is already there."""


def to_table(predictions: Iterable[Prediction]) -> pa.Table:
    """Predictions as an Arrow table of ``SCHEMA``."""
    kept = list(predictions)
    return table_of({name: [getattr(one, name) for one in kept] for name in SCHEMA.names}, SCHEMA)


def from_table(table: pa.Table) -> Iterator[Prediction]:
    """The predictions of a table of ``SCHEMA``; probabilities are float32 values."""
    for row in table.to_pylist():
        for name in ("labels", "probabilities", "prediction_set"):
            row[name] = None if row[name] is None else tuple(row[name])
        yield Prediction.model_construct(**row)


def metadata(label_space: LabelSpace, *, model: str) -> dict[bytes, bytes]:
    """What a Parquet file of predictions says about itself: UTF-8 JSON values."""
    values = {
        "format": FORMAT,
        "labels": list(label_space.names),
        "task": label_space.task,
        "indeterminate": label_space.indeterminate,
        "model": model,
    }
    return {
        f"bert4text.{key}".encode(): json.dumps(value, ensure_ascii=False).encode()
        for key, value in values.items()
    }


def as_json(row: Mapping[str, Any], label_space: LabelSpace) -> dict[str, Any]:
    """One row of a table as an item of ``predictions/1``: probabilities become an object by label."""
    item = dict(row)
    item["probability"] = _shortest(row["probability"])
    if row["probabilities"] is not None:
        item["probabilities"] = {
            name: _shortest(value)
            for name, value in zip(label_space.names, row["probabilities"], strict=True)
        }
    return item


def output_format(path: Path, given: str | None = None) -> str:
    """The format a file of predictions is written in: what was given, or by its name.

    Raises:
        ConfigError: neither says one that is known.
    """
    if given in _WRITERS:
        return str(given)
    if given is None and path.suffix.casefold() in SUFFIXES:
        return SUFFIXES[path.suffix.casefold()]
    raise ConfigError(
        "predictions cannot be written as {wanted!r}; the formats are {known}",
        hint="give the output a name that ends in .parquet, .csv or .jsonl",
        code="output-format",
        wanted=path.suffix if given is None else given,
        known=list(_WRITERS),
    )


@contextmanager
def writing_predictions(
    path: Path,
    label_space: LabelSpace,
    *,
    model: str,
    format: str | None = None,  # noqa: A002 - the setting's own name
    overwrite: bool = False,
) -> Iterator[PredictionWriter]:
    """Yield a writer; the file takes its place whole when the block ends well, else nothing is left.

    Args:
        path: the target; its suffix says the format unless ``format`` does.
        label_space: names and order of the probabilities.
        model: first 16 hex of the bundle's digest.
        format: ``parquet``, ``csv`` or ``jsonl``.
        overwrite: whether a file that exists is replaced, once the new one is complete.

    Raises:
        ConfigError: the format is not known.
        OutputError: the target exists, is read-only, or there is no space.
    """
    opened = _WRITERS[output_format(path, format)]
    with (
        writing_file(path, overwrite=overwrite) as partial,
        opened(partial, label_space, model) as writer,
    ):
        yield writer


class JsonLinesWriter:
    """One JSON object a line, to an open stream (standard output, a socket, a file).

    Args:
        stream: where the lines go; each unit is flushed.
        label_space: names and order of the probabilities.
    """

    def __init__(self, stream: TextIO, label_space: LabelSpace) -> None:
        self._stream = stream
        self._label_space = label_space

    def append(self, predictions: Iterable[Prediction]) -> None:
        """Write a line for each prediction."""
        self.append_table(to_table(predictions))

    def append_table(self, table: pa.Table) -> None:
        """Write a line for each row."""
        for row in table.to_pylist():
            self._stream.write(json.dumps(as_json(row, self._label_space), ensure_ascii=False) + "\n")
        self._stream.flush()


class _ParquetWriter:
    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema

    def append(self, predictions: Iterable[Prediction]) -> None:
        self.append_table(to_table(predictions))

    def append_table(self, table: pa.Table) -> None:
        if table.num_rows:
            self._writer.write_table(table.cast(self._schema), row_group_size=table.num_rows)


class _CsvWriter:
    def __init__(self, stream: TextIO, label_space: LabelSpace) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(_csv_header(label_space))
        self._width = len(label_space)

    def append(self, predictions: Iterable[Prediction]) -> None:
        self.append_table(to_table(predictions))

    def append_table(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            cells: list[Any] = []
            for name in SCHEMA.names:
                cells.extend(_csv_cells(name, row[name], self._width))
            self._writer.writerow(cells)


@contextmanager
def _parquet(path: Path, label_space: LabelSpace, model: str) -> Iterator[PredictionWriter]:
    schema = SCHEMA.with_metadata(metadata(label_space, model=model))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield _ParquetWriter(writer, schema)


@contextmanager
def _csv(path: Path, label_space: LabelSpace, model: str) -> Iterator[PredictionWriter]:
    del model  # a column says it
    with path.open("w", encoding="utf-8", newline="") as stream:
        yield _CsvWriter(stream, label_space)


@contextmanager
def _jsonl(path: Path, label_space: LabelSpace, model: str) -> Iterator[PredictionWriter]:
    del model  # a key says it
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        yield JsonLinesWriter(stream, label_space)


_WRITERS: dict[str, Callable[[Path, LabelSpace, str], AbstractContextManager[PredictionWriter]]] = {
    "parquet": _parquet,
    "csv": _csv,
    "jsonl": _jsonl,
}


def _csv_header(label_space: LabelSpace) -> list[str]:
    header: list[str] = []
    for name in SCHEMA.names:
        header.extend([f"p:{label}" for label in label_space.names] if name == "probabilities" else [name])
    return header


def _csv_cells(name: str, value: Any, width: int) -> list[Any]:
    """The cells of one column: lists are JSON, missing is empty."""
    if name == "probabilities":
        return ["" for _ in range(width)] if value is None else [_shortest(item) for item in value]
    if name == "probability":
        return [_shortest(value)]
    if name in {"labels", "prediction_set"} and value is not None:
        return [json.dumps(value, ensure_ascii=False)]
    return [value]


def _shortest(value: float | None) -> float | None:
    """The shortest decimal that reads back as the same float32."""
    return None if value is None else float(str(np.float32(value)))
