"""De-identify a table of any format: a stream of rows in, the same rows in the same order out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bert4text.core.config import Record
from bert4text.core.digest import file_digest
from bert4text.core.errors import ConfigError, SchemaError
from bert4text.core.executor import Executor, local
from bert4text.core.language import detect
from bert4text.core.output import check_file, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.execution.processes import Processes
from bert4text.privacy.columns import AGE, Column, columns_of
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.corpus import Code
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.table import Row, Tally, deidentify_rows
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.decided import decisions_of
from bert4text.verbs.opening import settings_of
from bert4text.verbs.privacy import key_of, told_of
from bert4text.verbs.recognized import beside, find_recognizer

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


class DeidentifiedTable(Record):
    """What was done with a table; the rows themselves are where ``out`` said.

    Attributes:
        rows: how many there are.
        bad: rows that could not be read: they are there, and empty.
        columns: what was done with each.
        deidentified: policy, settings and counts, as a de-identified corpus has them.
        sheets_left: sheets of a workbook that were not read, and are not in what was written.
    """

    rows: int
    bad: int
    columns: tuple[Treated, ...]
    deidentified: dict[str, Any]
    sheets_left: int = 0


def is_corpus(path: Path) -> bool:
    """Whether a file is a corpus, whatever its name; what is not there is told by who opens it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        return path.suffix.casefold() == ".parquet"
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return False
    return bool(metadata.get(b"bert4text.format", b"").startswith(b'"corpus/'))


def deidentify_table(
    source: Path | str | BinaryIO | Any,
    *,
    config: DeidentifyConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | BinaryIO,
    format: str | None = None,  # noqa: A002 - the word of the command line
    overwrite: bool = False,
    executor: Executor | None = None,
    progress: Progress = silent,
) -> DeidentifiedTable:
    """Replace what identifies persons in a table: the same rows, the same columns, in the same order.

    Which columns hold the text, ids, patients and dates says ``[prepare.columns]``, as for ``prepare``. Texts
    are de-identified, ids, patients, episodes and sites get random codes, dates go by the policy. A column
    whose name tells what stands in it (``cpf``, ``medico``) is replaced cell by cell; every other is read by
    the detectors. A cell in which nothing is found stays as it is.

    Args:
        source: a table (its path), a folder of texts, an open binary stream, or whatever speaks Arrow, such
            as a data frame.
        config: settings; the project's ``[deidentify]`` if not given.
        project: the project; none but the defaults if not given.
        out: a file, whose name says the format, or a binary stream (csv, tsv, jsonl: that of the source).
        format: of the source; found from its name if not given, JSON lines of a stream.
        overwrite: whether a file may be replaced.
        executor: where rows are read; as ``workers`` says if not given.
        progress: told how far it is.

    Raises:
        ConfigError: a bad setting, or an action that the policy refuses.
        DataError: the table cannot be read, or has no text column and nobody said that it has none
            (``text = ""`` in ``[prepare.columns]``).
        StoreError: the project's keys or codes cannot be read or made.
        OutputError: ``out`` exists or cannot be written.
    """
    project = project or Project()
    settings = settings_of(DeidentifyConfig, config, project=project)
    target = Path(out) if isinstance(out, str | Path) else out
    if isinstance(target, Path):
        check_file(target, overwrite=overwrite)
    key = key_of(settings, project)
    decisions, tally = decisions_of(project), Tally()
    recognizer = find_recognizer(settings.recognizer)
    with opened_rows(source, project=project, settings=settings, format=format) as opened:
        table, columns, rows, language = opened
        done = deidentify_rows(
            rows,
            Deidentifier(
                settings, language=language, key=key, detectors=beside(recognizer), decisions=decisions
            ),
            said=said,
            code=_codes(project),
            tally=tally,
            executor=executor or (Processes(settings.workers) if settings.workers > 1 else local),
            progress=progress,
        )
        _write(done, target, table, columns, overwrite=overwrite)
        sheets = int(table.facts.get("sheets", 1)) - 1
    found = DeidentifiedTable(
        rows=tally.rows,
        bad=tally.bad,
        columns=columns.treated(tally),
        deidentified=told_of(settings, tally, recognizer, reports=tally.rows),
        sheets_left=sheets,
    )
    _record(project, settings, tally, target, review=decisions.summary() if decisions else None)
    return found


def _codes(project: Project) -> Code:
    """Gives codes as corpora get them: of a patient that of the pseudonym, under which alone it is known."""
    codes = project.codes

    def code(kind: str, values: Sequence[str]) -> dict[str, str]:
        named = {value: project.pseudonymise(value) if kind == "patient" else value for value in values}
        given = codes.of(kind, named.values())
        return {value: given[name] for value, name in named.items()}

    return code


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
        self._said = {
            find_default(names, [name.strip().casefold()]) or name: kind for name, kind in said_of.items()
        }
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


def _write(
    done: Iterable[tuple[Sequence[Column], list[Any]] | None],
    target: Path | BinaryIO,
    table: Table,
    columns: Columns,
    *,
    overwrite: bool,
) -> None:
    """Write the rows as they come; a file is there whole or not at all."""
    from bert4text.data.write_table import table_format

    own = table.facts["format"]
    if not isinstance(target, Path):
        _append(done, target, own, table, columns)
        return
    kind = table_format(target, like=own)
    with writing_file(target, overwrite=overwrite) as partial:
        _append(done, partial, kind, table, columns)


def _append(
    done: Iterable[tuple[Sequence[Column], list[Any]] | None],
    target: Path | BinaryIO,
    kind: str,
    table: Table,
    columns: Columns,
) -> None:
    from bert4text.data.write_table import writing_rows

    as_text = [column.name for column in columns if column.role in {"code", "kind"}]
    with writing_rows(target, kind, table, as_text=as_text) as append:
        for row in done:
            append(None if row is None else (tuple(column.name for column in row[0]), tuple(row[1])))


def _record(
    project: Project,
    settings: DeidentifyConfig,
    tally: Tally,
    target: Path | BinaryIO,
    *,
    review: dict[str, Any] | None,
) -> None:
    """A line in the trail: of a file its digest, of a stream none."""
    subject = f"sha256:{file_digest(target)}" if isinstance(target, Path) else "stream"
    details = {"rows": tally.rows, "policy": settings.policy, "found": dict(sorted(tally.counts.items()))}
    if review is not None:
        details["review"] = review
    record(project.trail, "table.deidentified", subject=subject, details=details)
