"""De-identify a table of any format: a stream of rows in, the same rows in the same order out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bert4text.core.config import Record
from bert4text.core.digest import file_digest
from bert4text.core.executor import Executor, local
from bert4text.core.output import check_file, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.execution.processes import Processes
from bert4text.privacy.columns import Column
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.corpus import Code
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.table import Tally, deidentify_rows
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.decided import decisions_of
from bert4text.verbs.opened_table import Columns, Treated, opened_rows, said
from bert4text.verbs.opening import settings_of
from bert4text.verbs.privacy import key_of, told_of
from bert4text.verbs.recognized import beside, find_recognizer

if TYPE_CHECKING:
    from bert4text.data.table import Table


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
