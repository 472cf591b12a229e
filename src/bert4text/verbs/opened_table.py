"""Open a table whose rows are to be de-identified: what each column is, and its rows as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bert4text.core.config import Record
from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.language import detect
from bert4text.privacy.cells import Row
from bert4text.privacy.columns import AGE, Column, columns_of
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.table import Tally
from bert4text.project import Project

if TYPE_CHECKING:
    from bert4text.data.table import Table

_FIRST = 64
"""Rows whose texts tell the language of all."""


class Treated(Record):
    """What was done with one column.

    Attributes:
        name: of the column; its number where the name seems to hold data.
        role: ``text``, ``code``, ``date``, ``kind``, ``read``, ``label`` or ``keep``.
        what: the kind of identifier, or of code; None of other roles.
        changed: in how many rows it was changed.
    """

    name: str
    role: str
    what: str | None = None
    changed: int = 0


@contextmanager
def opened_rows(
    source: Any,
    *,
    project: Project,
    settings: DeidentifyConfig,
    format: str | None = None,  # noqa: A002 - the word of the command line
) -> Iterator[tuple[Table, Columns, Iterator[Row | None], str | None]]:
    """A table opened: itself, its columns, its rows as a stream, and the language of its texts.

    Args:
        source: as of ``deidentify_table``.
        project: how tables are read.
        settings: what is said of their columns.
        format: of the source; found from its name if not given.
    """
    with _opened(source, project, format) as table:
        columns = Columns(_taken(table, project), settings.columns, table.names)
        rows = _rows(table, columns, project)
        first = list(islice(rows, _FIRST))
        language = project.settings.language or detect("\n".join(_texts(first)))
        yield table, columns, chain(first, rows), language


def said(value: Any) -> str | None:
    """A cell as text, as ``prepare`` would read it."""
    from bert4text.data.normalize import normalize
    from bert4text.data.table import cell

    told = cell(value)
    return None if told is None else normalize(told) or None


@contextmanager
def _opened(source: Any, project: Project, kind: str | None) -> Iterator[Table]:
    """The table, read as ``[prepare]`` says."""
    from bert4text.data.read import open_source
    from bert4text.data.table import Reading

    if hasattr(source, "__arrow_c_stream__"):
        import pyarrow as pa

        from bert4text.data.typed import table_of_arrow

        yield table_of_arrow(pa.RecordBatchReader.from_stream(source))
        return
    settings = project.section("prepare")
    file = isinstance(source, str | Path)
    reading = Reading(
        kind or (settings.format if file else None),
        settings.encoding,
        settings.delimiter,
        settings.sheet,
        settings.label_file,
        label_key=settings.columns.get("id"),
    )
    with open_source(Path(source) if file else source, reading) as table:
        yield table


def _taken(table: Table, project: Project) -> dict[str, str]:
    """Ours -> the table's; without a text column only where somebody said that there is none.

    Raises:
        SchemaError: there is no text column, one of the mapping is missing, or the first row names none.
    """
    from bert4text.data.columns import looks_like_data, shown_names, take_columns

    mapping = dict(project.section("prepare").columns)
    if looks_like_data([name for name in table.names if name]):
        raise SchemaError(
            "the first row does not seem to name the columns: {found}",
            hint="the first row must hold the names of the columns: it is written as it is",
            code="no-header",
            found=shown_names(table.names),
        )
    if mapping.get("text") != "":
        return take_columns(table.names, mapping)
    placeholder = "\0"  # no table has a column of that name
    taken = take_columns([*table.names, placeholder], {**mapping, "text": placeholder})
    return {ours: theirs for ours, theirs in taken.items() if theirs != placeholder}


class Columns:
    """The columns of the rows: of one table all the same, of JSON lines each row's own."""

    def __init__(self, taken: Mapping[str, str], said_of: Mapping[str, str], names: tuple[str, ...]) -> None:
        from bert4text.data.columns import find_default

        self._taken = taken
        self._said = {find_default(names, [name]) or name: kind for name, kind in said_of.items()}
        if unknown := sorted(set(self._said) - set(names)):
            raise ConfigError(
                "[deidentify.columns] names {unknown}, which the table has not",
                hint="check their spelling; the keys are columns of the table",
                code="missing-column",
                unknown=unknown,
            )
        self._known: dict[tuple[str, ...], tuple[Column, ...]] = {}
        self.of(names)

    def of(self, names: tuple[str, ...]) -> tuple[Column, ...]:
        """What is done with the cells of a row."""
        found = self._known.get(names)
        if found is None:
            found = self._known[names] = columns_of(names, self._taken, self._said)
        return found

    def __iter__(self) -> Iterator[Column]:
        yield from {column.name: column for columns in self._known.values() for column in columns}.values()

    def treated(self, tally: Tally) -> tuple[Treated, ...]:
        """What was done with each column."""
        from bert4text.data.columns import looks_like_data

        return tuple(
            Treated(
                name=f"#{place}" if looks_like_data([column.name]) else column.name,
                role=column.role,
                what=_what(column),
                changed=tally.changed[column.name],
            )
            for place, column in enumerate(self, start=1)
        )


def _what(column: Column) -> str | None:
    """The kind of identifier or of code that a column holds, where that is known."""
    if column.role == "read":
        return "age" if column.what == AGE else None
    return column.what if column.role in {"code", "date", "kind"} else None


def _rows(table: Table, columns: Columns, project: Project) -> Iterator[Row | None]:
    for number, row in enumerate(table.rows(), start=1):
        if row is None:
            yield None
            continue
        kept = columns.of(row[0])
        values = list(row[1])
        report, subject = str(number), None
        for place, column in enumerate(kept):
            if column.role != "code" or column.what not in {"id", "patient"}:
                continue
            told = said(values[place])
            if told is not None and column.what == "id":
                report = told
            elif told is not None:
                subject = project.pseudonymise(told)
        yield Row(kept, values, subject or f"report:{report}", report)


def _texts(rows: Sequence[Row | None]) -> Iterator[str]:
    for row in rows:
        for column, value in zip(row.columns, row.values, strict=True) if row else ():
            if column.role in {"text", "read"} and isinstance(value, str):
                yield value
