"""Gather the rows of a source into a draft: cells become ids, dates, splits and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.core.progress import Progress
from bert4text.core.report import SPLITS
from bert4text.data.columns import OURS, shown_names, take_columns
from bert4text.data.config import PrepareConfig
from bert4text.data.dates import read_dates
from bert4text.data.draft import Draft
from bert4text.data.labels import shown_labels
from bert4text.data.normalize import normalize, repair_encoding
from bert4text.data.note import Note
from bert4text.data.read import open_source
from bert4text.data.table import Reading, Table

ORIGINS = ("real", "synthetic", "synthetic-reviewed")


def gather(source: Path, config: PrepareConfig, *, progress: Progress) -> Draft:
    """Read a source into a draft; labels are still cells.

    Raises:
        DataError: the source cannot be read, has no text column, repeats an id, or holds no report.
    """
    reading = Reading(config.format, config.encoding, config.delimiter, config.sheet, config.label_file)
    mapping = dict(config.columns)
    if config.split.column is not None:
        mapping.setdefault("split", config.split.column)
    if config.labels_from is not None and not {"label", "labels"} & set(mapping):
        mapping["labels"] = ""
    with open_source(source, reading) as table:
        taken = take_columns(table.names, mapping)
        draft = Draft(own_ids="id" in taken, columns=taken)
        cells = _cells(table, draft, taken, progress)
        _tell_of_source(draft, table, source.name)
    _fill(draft, cells, config)
    _check(draft, source.name)
    return draft


def _cells(
    table: Table, draft: Draft, taken: Mapping[str, str], progress: Progress
) -> dict[str, list[str | None]]:
    """The cells of the taken columns of every row that can be read and has a text."""
    names = list(taken)
    at = names.index("text")
    columns: list[list[str | None]] = [[] for _ in names]
    bad: list[int] = []
    empty: list[int] = []
    repaired: list[int] = []
    with progress.task("reading reports") as task:
        for number, row in enumerate(table.read(list(taken.values())), start=1):
            draft.total = number
            if number % 1000 == 0:
                task.advance(1000)
            if row is None:
                bad.append(number)
                continue
            raw = row[at] or ""
            text = normalize(raw)
            if not text:
                empty.append(number)
                continue
            if not raw.isascii() and repair_encoding(raw) != raw:
                repaired.append(number)
            draft.rows.append(number)
            draft.texts.append(text)
            for column, value in zip(columns, row, strict=True):
                column.append(value)
    _tell_of_rows(draft, bad=bad, empty=empty, repaired=repaired)
    return {name: column for name, column in zip(names, columns, strict=True) if name != "text"}


def _tell_of_rows(draft: Draft, *, bad: list[int], empty: list[int], repaired: list[int]) -> None:
    if len(bad) > max(1, draft.total // 2):
        raise SchemaError(
            "{count} of {total} rows do not fit the header",
            hint="check [prepare] delimiter and the quotation marks of the table",
            code="bad-rows",
            count=len(bad),
            total=draft.total,
        )
    draft.aside |= {code: len(rows) for code, rows in (("bad-row", bad), ("no-text", empty)) if rows}
    if bad:
        draft.note(
            "bad-row",
            message="{count} rows do not fit the header and were set aside",
            warning=True,
            rows=bad,
            count=len(bad),
        )
    if empty:
        draft.note(
            "no-text",
            message="{count} rows have no text and were set aside",
            warning=True,
            rows=empty,
            count=len(empty),
        )
    if repaired:
        draft.note(
            "repaired",
            message="{count} texts had a damaged encoding and were repaired",
            rows=repaired,
            count=len(repaired),
        )


def _tell_of_source(draft: Draft, table: Table, name: str) -> None:
    facts = table.facts
    details = [facts[key] for key in ("format", "encoding", "sheet") if key in facts]
    if facts.get("delimiter", "none") != "none":
        details.append(repr(facts["delimiter"]))
    draft.notes.insert(
        0,
        Note(
            code="read",
            message="{total} rows read from {name} ({details})",
            values={"total": draft.total, "name": name, "details": details},
        ),
    )
    rest = [column for column in table.names if column not in draft.columns.values() and column]
    message = "columns taken: {taken}; left: {left}" if rest else "columns taken: {taken}"
    shown = [
        f"{ours} = {theirs}"
        for ours, theirs in zip(draft.columns, shown_names(list(draft.columns.values())), strict=True)
    ]
    draft.notes.insert(
        1, Note(code="columns", message=message, values={"taken": shown, "left": shown_names(rest)})
    )
    strays = int(facts.get("strays", 0))
    if strays:
        draft.note(
            "strays",
            message="{count} bytes are not {encoding} and were read as Windows-1252",
            warning=True,
            count=strays,
            encoding=facts["encoding"],
        )
    unmatched = int(facts.get("unmatched", 0))
    if unmatched:
        draft.note(
            "unmatched",
            message="{count} rows of the label file name no text file",
            warning=True,
            count=unmatched,
        )


def _fill(draft: Draft, cells: Mapping[str, list[str | None]], config: PrepareConfig) -> None:
    size = len(draft)
    nothing: list[str | None] = [None] * size
    values = {name: [_tidy(value) for value in column] for name, column in cells.items() if name != "labels"}
    ids = values.get("id", nothing)
    draft.ids = [given or str(row) for given, row in zip(ids, draft.rows, strict=True)]
    draft.labels = [None] * size
    draft.cells = cells.get("labels", nothing)
    draft.patients = values.get("patient", nothing)
    draft.episodes = values.get("episode", nothing)
    draft.sites = values.get("site", nothing)
    draft.written = _dates(draft, values.get("written_at"), config)
    draft.splits = _splits(draft, values.get("split"), config)
    draft.origins = _origins(values.get("origin"), size)
    others = {name: column for name, column in values.items() if name not in OURS}
    decimals = {name: _numbers(draft, name, column, config.decimal) for name, column in others.items()}
    draft.attributes = [
        {name: value for name, column in decimals.items() if (value := column[place]) is not None}
        for place in range(size)
    ]


def _tidy(value: str | None) -> str | None:
    return None if value is None else normalize(value) or None


def _dates(draft: Draft, column: list[str | None] | None, config: PrepareConfig) -> list[datetime | None]:
    if column is None:
        return [None] * len(draft)
    dates, order = read_dates(column, config.dates)
    bad = [row for row, given, date in zip(draft.rows, column, dates, strict=True) if given and date is None]
    if order == "month-first":
        draft.note("month-first", message="dates are read with the month first")
    if bad:
        draft.note(
            "bad-date",
            message="{count} dates cannot be read and were left empty",
            warning=True,
            rows=bad,
            count=len(bad),
        )
    return dates


def _splits(draft: Draft, column: list[str | None] | None, config: PrepareConfig) -> list[str | None]:
    if column is None:
        return [None] * len(draft)
    ours = {name.casefold(): name for name in SPLITS} | {
        theirs.casefold(): name for theirs, name in config.split.values.items()
    }
    unknown = sorted({value for value in column if value and ours.get(value.casefold()) not in SPLITS})
    if unknown:
        raise SchemaError(
            "{count} values of the split column are not known: {unknown}; ours are {known}",
            hint='say what they are: [prepare.split] values = {{dev = "validation"}}; '
            'to split anew: [prepare.columns] split = ""',
            code="unknown-split",
            count=len(unknown),
            unknown=shown_labels(unknown),
            known=list(SPLITS),
        )
    return [ours[value.casefold()] if value else None for value in column]


def _origins(column: list[str | None] | None, size: int) -> list[str]:
    if column is None:
        return ["real"] * size
    unknown = {value for value in column if value and value not in ORIGINS}
    if unknown:
        raise SchemaError(
            "{count} values of the origin column are not among {known}",
            code="unknown-origin",
            count=len(unknown),
            known=list(ORIGINS),
        )
    return [value or "real" for value in column]


_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)")


def _numbers(draft: Draft, name: str, column: list[str | None], decimal: str | None) -> list[str | None]:
    """The column with decimal points, where all of it is numbers with decimal commas."""
    given = [value for value in column if value is not None]
    commas = sum(_COMMA.fullmatch(value) is not None for value in given)
    whole = sum(_PLAIN.fullmatch(value) is not None for value in given)
    if decimal == "." or not commas or commas + whole < len(given):
        return column
    draft.note("decimal-comma", message="the decimal comma of {name} is read as a point", name=name)
    return [None if value is None else value.replace(".", "").replace(",", ".") for value in column]


def _check(draft: Draft, name: str) -> None:
    if not len(draft):
        raise EmptyCorpusError(
            "{name} holds no report with a text",
            hint="check the text column: --columns text=NAME",
            code="no-reports",
            name=name,
        )
    seen: dict[str, int] = {}
    repeated = [
        row
        for row, report_id in zip(draft.rows, draft.ids, strict=True)
        if seen.setdefault(report_id, row) != row
    ]
    if repeated:
        raise SchemaError(
            "{count} report ids repeat; the first of them in row {row}",
            hint='give each report an id of its own, or number them by row: --columns id=""',
            code="duplicate-id",
            count=len(repeated),
            row=repeated[0],
        )
