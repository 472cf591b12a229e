"""A folder of ``.txt`` files, with a table beside them that holds the labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.data.columns import DEFAULT_NAMES, find_default
from bert4text.data.encoding import MIXED, detect_encoding, known_encoding
from bert4text.data.table import Row, Table, blank

FILE_COLUMNS = (*DEFAULT_NAMES["id"], "file", "filename", "arquivo", "archivo")
"""Columns of the label file that may name the text file, in this order."""


def text_files(folder: Path) -> list[Path]:
    """The texts of a folder, in order of name.

    Raises:
        EmptyCorpusError: there are none.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".txt" and path.is_file())
    if not found:
        raise EmptyCorpusError(
            "the folder {name} holds no .txt file",
            hint="give a folder with one .txt for each report, or a table (CSV, Excel, Parquet ...)",
            code="no-text-files",
            name=folder.name,
        )
    return found


def label_file(folder: Path, wanted: str | None) -> Path | None:
    """The table that holds the labels: the one named, else the only one, else none.

    Raises:
        SchemaError: it is missing, or there are several.
    """
    tables = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.casefold() in {".csv", ".tsv", ".xlsx", ".jsonl", ".parquet"} and path.is_file()
    )
    if wanted is not None:
        path = folder / wanted
        if not path.is_file():
            raise SchemaError(
                "the folder {folder} has no label file {wanted!r}; it has {found}",
                hint="set [prepare] label_file to one of them",
                code="missing-file",
                folder=folder.name,
                wanted=wanted,
                found=[table.name for table in tables],
            )
        return path
    if len(tables) > 1:
        raise SchemaError(
            "the folder {folder} has several tables: {found}",
            hint="name the one with the labels in [prepare] label_file",
            code="several-label-files",
            folder=folder.name,
            found=[table.name for table in tables],
        )
    return tables[0] if tables else None


def open_folder(folder: Path, labels: Table | None, *, encoding: str | None = None) -> Table:
    """A table of a folder of texts: ``id`` is the file's name without suffix, ``text`` what it holds.

    The rows of ``labels`` are joined by the column that names the file, with or without its suffix;
    a row of it without a file is counted in ``facts["unmatched"]``.

    Raises:
        EmptyCorpusError: there is no ``.txt``.
        SchemaError: the label file has no column that names the files, or names one twice.
    """
    files = text_files(folder)
    names: tuple[str, ...] = ()
    rows: dict[str, tuple[str | None, ...]] = {}
    if labels is not None:
        key = find_default(labels.names, FILE_COLUMNS)
        if key is None:
            raise SchemaError(
                "the label file has no column that names the text files; it has {found}",
                hint="name that column id or file",
                code="missing-column",
                found=labels.names,
            )
        names = tuple(name for name in labels.names if name != key and name not in {"id", "text"})
        rows = _by_file(labels, key, names)
    unmatched = len(set(rows) - {path.stem for path in files})

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        for path in files:
            values: dict[str, str | None] = dict(zip(names, rows.get(path.stem, ()), strict=False))
            values |= {"id": path.stem, "text": _text(path, encoding) if "text" in wanted else None}
            yield tuple(values.get(name) for name in wanted)

    return Table(("id", "text", *names), read, {"unmatched": str(unmatched)})


def _by_file(labels: Table, key: str, names: Sequence[str]) -> dict[str, tuple[str | None, ...]]:
    rows: dict[str, tuple[str | None, ...]] = {}
    for number, row in enumerate(labels.read([key, *names]), start=1):
        if row is None or blank(row[0]):
            continue
        name = str(row[0]).strip()
        name = name[:-4] if name.casefold().endswith(".txt") else name
        if name in rows:
            raise SchemaError(
                "row {row} of the label file names a text file that another row names too",
                hint="keep one row for each file",
                code="duplicate-id",
                row=number,
            )
        rows[name] = row[1:]
    return rows


def _text(path: Path, encoding: str | None) -> str:
    with path.open("rb") as stream:
        known = (
            known_encoding(encoding)
            if encoding
            else detect_encoding(stream, name="a .txt file of the folder")
        )
        return stream.read().decode(known.name, MIXED if known.errors == "strict" else known.errors)
