"""Read reports from any source: as a stream of rows for ``predict``, as a whole table for ``prepare``."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from bert4text.core.errors import ConfigError, DataError, SchemaError
from bert4text.data.columns import find_default, take_columns
from bert4text.data.delimited import open_delimited
from bert4text.data.encoding import MIXED, Encoding, detect_encoding, known_encoding
from bert4text.data.folder import label_file, open_folder
from bert4text.data.normalize import normalize
from bert4text.data.table import Reading, Row, Table
from bert4text.data.typed import open_json_lines, open_parquet

FORMATS: dict[str, str] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
"""Suffix -> format."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a source; its ``repr`` shows neither the text nor the id.

    Attributes:
        row: row of the source, from 1.
        id: the report's own id, or the row's number.
        text: the normalized text; None when there is a problem.
        problem: why the row cannot be used: ``no-text`` or ``bad-row``.
        side: which side of the report is meant, where the question is asked of each.
        attributes: what else was asked for of the patient, where the source tells it.
    """

    row: int
    id: str = field(repr=False)
    text: str | None = field(repr=False)
    problem: str | None = None
    side: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_batches(
    source: Path | BinaryIO,
    *,
    columns: Mapping[str, str] | None = None,
    format: str | None = None,  # noqa: A002 - the word of the command line
    batch_rows: int = 4096,
    view: Callable[[str], str] | None = None,
    attributes: Sequence[str] = (),
) -> Iterator[list[SourceRow]]:
    """Yield the rows of a source in order, in batches; every row of it gives exactly one ``SourceRow``.

    Memory stays flat however long the source is (a folder and an Excel sheet are read in a stream too).
    Texts are normalized as ``prepare`` does.

    Args:
        source: a file, a folder of ``.txt``, or an open binary stream (JSON lines unless ``format`` says).
        columns: ours -> the source's, for ``id``, ``text`` and attributes; default names otherwise.
        format: csv, tsv, jsonl, parquet, excel or folder; found from the name if None.
        batch_rows: rows of a batch.
        view: cuts a normalized text down to what the model may see, as its training corpus was cut
            (``visible_text`` under the settings of that corpus); None shows all.
        attributes: that are read too, where there is a column for them: the one that is mapped, else the one
            of that name.

    Raises:
        DataError: the source cannot be read (``missing-file``, ``empty-file``, ``not-text`` ...).
        SchemaError: it has no text column; the error lists those it has.
    """
    with open_source(source, Reading(format=format, label_key=(columns or {}).get("id"))) as table:
        wanted = {ours: name for ours, name in (columns or {}).items() if ours in {"id", "text", *attributes}}
        for name in attributes:
            if name not in wanted and (found := find_default(table.names, [name])) is not None:
                wanted[name] = found
        taken = take_columns(table.names, wanted)
        ours = [name for name in ("text", "id", *attributes) if name in taken]
        names = [taken[name] for name in ours]
        batch: list[SourceRow] = []
        for number, row in enumerate(table.read(names), start=1):
            batch.append(_source_row(number, row, ours, view))
            if len(batch) == batch_rows:
                yield batch
                batch = []
        if batch:
            yield batch


def _source_row(number: int, row: Row, ours: Sequence[str], view: Callable[[str], str] | None) -> SourceRow:
    if row is None:
        return SourceRow(number, str(number), None, "bad-row")
    given = {name: "" if cell is None else normalize(cell) for name, cell in zip(ours, row, strict=True)}
    text, own = given.pop("text"), given.pop("id", "")
    if view is not None:
        text = view(text)
    known = {name: value for name, value in given.items() if value}
    return SourceRow(number, own or str(number), text or None, None if text else "no-text", attributes=known)


@contextmanager
def open_source(source: Path | BinaryIO, reading: Reading) -> Iterator[Table]:
    """Open a source of any format.

    Raises:
        ConfigError: the format, the encoding or the sheet is unknown.
        DataError: the source is missing, empty, no text, or damaged.
    """
    if isinstance(source, Path):
        check_source(source)
        kind = reading.format or _format(source)
    else:
        kind = reading.format or "jsonl"
    name = source.name if isinstance(source, Path) else "the input"
    with _opened(source, reading, kind=kind, name=name) as table:
        yield replace(table, facts={**table.facts, "format": kind})


def _opened(
    source: Path | BinaryIO, reading: Reading, *, kind: str, name: str
) -> AbstractContextManager[Table]:
    if kind == "folder":
        if not isinstance(source, Path) or not source.is_dir():
            raise SchemaError("{name} is not a folder", code="not-a-folder", name=name)
        return _folder(source, reading)
    if kind == "parquet":
        return open_parquet(source, name=name)
    if kind == "excel":
        opened: AbstractContextManager[Table] = importlib.import_module("bert4text.data.excel").open_excel(
            source, name=name, sheet=reading.sheet
        )
        return opened
    if kind in {"csv", "tsv", "jsonl"}:
        return _text_table(source, reading, kind=kind, name=name)
    raise ConfigError(
        "there is no format {wanted!r}; there are {known}",
        code="unknown-format",
        wanted=kind,
        known=["csv", "tsv", "jsonl", "parquet", "excel", "folder"],
    )


def check_source(source: Path) -> None:
    """Refuse a source that is missing or empty.

    Raises:
        DataError: there is nothing of that name (``missing-file``), or nothing in it (``empty-file``).
    """
    if not source.exists():
        raise DataError(
            "there is no file or folder {name}",
            hint="check its name and the folder you are in",
            code="missing-file",
            name=source.name,
        )
    if source.is_file() and source.stat().st_size == 0:
        raise DataError(
            "{name} is empty", hint="check the export that made it", code="empty-file", name=source.name
        )


def _format(source: Path) -> str:
    if source.is_dir():
        return "folder"
    suffix = source.suffix.casefold()
    if suffix not in FORMATS:
        raise SchemaError(
            "the suffix {suffix!r} of {name} is not known; these are: {known}",
            hint="save the table as CSV, Excel (.xlsx) or Parquet, or set [prepare] format",
            code="unknown-format",
            suffix=suffix,
            name=source.name,
            known=list(FORMATS),
        )
    return FORMATS[suffix]


@contextmanager
def _folder(source: Path, reading: Reading) -> Iterator[Table]:
    labels = label_file(source, reading.label_file)
    if labels is None:
        yield open_folder(source, None, encoding=reading.encoding)
        return
    within = Reading(delimiter=reading.delimiter, sheet=reading.sheet, all_columns=reading.all_columns)
    with open_source(labels, within) as table:
        yield open_folder(source, table, encoding=reading.encoding, key=reading.label_key or None)


@contextmanager
def _text_table(source: Path | BinaryIO, reading: Reading, *, kind: str, name: str) -> Iterator[Table]:
    stream = _stream(source) if isinstance(source, Path) else source
    try:
        if stream.seekable():
            found = (
                known_encoding(reading.encoding) if reading.encoding else detect_encoding(stream, name=name)
            )
            lines = _decoded(stream, found, name=name, newline="\n" if kind == "jsonl" else "")
        else:
            found = known_encoding(reading.encoding) if reading.encoding else Encoding("utf-8", MIXED)
            lines = _as_they_come(stream, found)
        if kind == "jsonl":
            ahead = None if reading.all_columns else 1000 if stream.seekable() else 1
            table = open_json_lines(lines, name=name, ahead=ahead)
        else:
            delimiter = reading.delimiter or ("\t" if kind == "tsv" else None)
            table = open_delimited(lines, name=name, delimiter=delimiter)
        facts = {**table.facts, "encoding": found.name, "strays": str(found.strays)}
        yield replace(table, facts=facts)
    finally:
        if isinstance(source, Path):
            stream.close()


def _stream(source: Path) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError:
        raise DataError(
            "{name} cannot be opened",
            hint="check that it is a file and that you may read it",
            code="unreadable",
            name=source.name,
        ) from None


def _decoded(stream: BinaryIO, encoding: Encoding, *, name: str, newline: str) -> Iterator[str]:
    wrapper = io.TextIOWrapper(stream, encoding.name, encoding.errors, newline=newline)
    try:
        while True:
            try:
                line = wrapper.readline()
            except UnicodeError:
                raise SchemaError(
                    "{name} is not encoded as {encoding}",
                    hint="leave [prepare] encoding out and it is detected",
                    code="bad-encoding",
                    name=name,
                    encoding=encoding.name,
                ) from None
            if not line:
                return
            yield line
    finally:
        with suppress(ValueError):  # it is closed already after an error
            wrapper.detach()  # who opened the stream closes it


def _as_they_come(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    for number, line in enumerate(stream):
        start = line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line
        yield start.decode(encoding.name, encoding.errors if encoding.errors != "strict" else "replace")
