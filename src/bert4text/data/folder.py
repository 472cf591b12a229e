"""A folder of ``.txt`` files, with a table beside them that holds the labels."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.data.columns import DEFAULT_NAMES, find_default, shown_names
from bert4text.data.encoding import MIXED, detect_encoding, known_encoding
from bert4text.data.table import Row, Table

FILE_COLUMNS = (*DEFAULT_NAMES["id"], "file", "filename", "arquivo", "archivo")
"""Columns of the label file that may name the text file, in this order."""


def text_files(folder: Path) -> list[Path]:
    """The texts of a folder, in order of name.

    Raises:
        EmptyCorpusError: there are none.
    """
    found = _files(folder, {".txt"})
    if not found:
        raise EmptyCorpusError(
            "the folder {name} holds no .txt file",
            hint="give a folder with one .txt for each report, or a table (CSV, Excel, Parquet ...)",
            code="no-text-files",
            name=folder.name,
        )
    return found


def _files(folder: Path, suffixes: set[str]) -> list[Path]:
    """Files of a folder in order of name, without those that systems and spreadsheets keep for themselves."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.casefold() in suffixes and not path.name.startswith((".", "~$")) and path.is_file()
    )


def label_file(folder: Path, wanted: str | None) -> Path | None:
    """The table that holds the labels: the one named, else the only one, else none.

    Raises:
        SchemaError: it is missing, or there are several.
    """
    tables = _files(folder, {".csv", ".tsv", ".xlsx", ".jsonl", ".parquet"})
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


def open_folder(
    folder: Path, labels: Table | None, *, encoding: str | None = None, key: str | None = None
) -> Table:
    """A table of a folder of texts: ``id`` is the file's name without suffix, ``text`` what it holds.

    The rows of ``labels`` are joined by the column that names the file: with or without its folder and
    suffix, in any case, and without the leading zeros that spreadsheets drop, where that fits one file
    alone; a row of it without a file is counted in ``facts["unmatched"]``. A file that is no text is a row
    that cannot be read.

    Args:
        folder: the texts.
        labels: the label file, opened.
        encoding: of the texts; found if not given.
        key: the column of ``labels`` that names the files; one of ``FILE_COLUMNS`` if not given, and its
            name is the one that the ids go under.

    Raises:
        EmptyCorpusError: there is no ``.txt``.
        SchemaError: the label file has no column that names the files, or names one twice.
    """
    files = text_files(folder)
    identity, unmatched = "id", 0
    names: tuple[str, ...] = ()
    rows: dict[str, tuple[str | None, ...]] = {}
    if labels is not None:
        named = _key_column(labels, key)
        identity = "id" if key is None else named
        names = tuple(name for name in labels.names if name not in {named, "id", "text"})
        rows, unmatched = _by_file(labels, named, names, _Stems(files))

    def read(wanted: Sequence[str]) -> Iterator[Row]:
        for path in files:
            text = _text(path, encoding) if "text" in wanted else ""
            values: dict[str, str | None] = dict(zip(names, rows.get(path.stem, ()), strict=False))
            values |= {identity: path.stem, "text": text}
            yield None if text is None else tuple(values.get(name) for name in wanted)

    return Table((identity, "text", *names), read, {"unmatched": str(unmatched)})


def _key_column(labels: Table, wanted: str | None) -> str:
    known = FILE_COLUMNS if wanted in {None, "id"} else (str(wanted),)
    key = find_default(labels.names, known)
    if key is None:
        raise SchemaError(
            "the label file has no column that names the text files; it has {found}",
            hint="name that column id or file, or say which it is: --columns id=NAME",
            code="missing-column",
            found=shown_names(labels.names),
        )
    return key


class _Stems:
    """Finds the text file that a cell of the label file names.

    Args:
        files: the texts.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self._exact = {_composed(path.stem): path.stem for path in files}
        loose: dict[str, set[str]] = {}
        for stem in self._exact:
            loose.setdefault(_loose(stem), set()).add(stem)
        self._loose = {name: self._exact[stems.pop()] for name, stems in loose.items() if len(stems) == 1}

    def find(self, given: str) -> str | None:
        """The name of the file without its suffix; None if there is none, or no single one."""
        name = _composed(given).strip().replace("\\", "/").rpartition("/")[2]
        bare = name[:-4] if name.casefold().endswith(".txt") else name
        return self._exact.get(name) or self._exact.get(bare) or self._loose.get(_loose(bare))


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _loose(name: str) -> str:
    folded = name.casefold()
    return folded.lstrip("0") or folded[:1]


def _by_file(
    labels: Table, key: str, names: Sequence[str], stems: _Stems
) -> tuple[dict[str, tuple[str | None, ...]], int]:
    """The rows of the label file by the file they name, and how many name none."""
    rows: dict[str, tuple[str | None, ...]] = {}
    unmatched = 0
    for number, row in enumerate(labels.read([key, *names]), start=1):
        name = None if row is None else stems.find(row[0] or "")
        if name in rows:
            raise SchemaError(
                "row {row} of the label file names a text file that another row names too",
                hint="keep one row for each file",
                code="duplicate-id",
                row=number,
            )
        if row is None or name is None:
            unmatched += 1
        else:
            rows[name] = row[1:]
    return rows, unmatched


def _text(path: Path, encoding: str | None) -> str | None:
    """What a file says; None if it cannot be opened or is no text."""
    known = known_encoding(encoding) if encoding else None
    try:
        with path.open("rb") as stream:
            found = known or detect_encoding(stream, name="a .txt file of the folder")
            return stream.read().decode(found.name, MIXED if found.errors == "strict" else found.errors)
    except (OSError, SchemaError):
        return None
