"""Gather the rows of a source into a draft, and tell what was read and what could not be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.core.progress import Progress
from bert4text.data.columns import left_names, take_columns
from bert4text.data.config import PrepareConfig
from bert4text.data.deal_sides import columns_of_sides, deal_sides, named_columns
from bert4text.data.draft import Draft
from bert4text.data.interpret import interpret
from bert4text.data.normalize import normalize, repair_encoding
from bert4text.data.note import Note
from bert4text.data.read import open_source
from bert4text.data.table import Reading, Table

_MADE_HERE = {"origin", "generator", "source_row"}
_OF_A_CORPUS = ("episode", "site", "written_at", "origin")


def gather(source: Path, config: PrepareConfig, *, progress: Progress) -> Draft:
    """Read a source into a draft; labels are still cells.

    Raises:
        ConfigError: ``[prepare.sides]`` does not fit the other settings.
        DataError: the source cannot be read, has no text column, repeats an id, or holds no report; the
            question is asked of sides and a report names no patient.
    """
    mapping = dict(config.columns)
    reading = Reading(
        config.format,
        config.encoding,
        config.delimiter,
        config.sheet,
        config.label_file,
        label_key=mapping.get("id"),
        all_columns=True,
    )
    if config.split.column is not None:
        mapping.setdefault("split", config.split.column)
    if (config.labels_from is not None or config.sides) and not {"label", "labels"} & set(mapping):
        mapping["labels"] = ""
    mapping |= columns_of_sides(config)
    with open_source(source, reading) as table:
        if set(table.names) >= _MADE_HERE:  # a corpus, prepared again: synthetic reports stay synthetic
            mapping = {name: name for name in _OF_A_CORPUS if name in table.names} | mapping
        taken = take_columns(table.names, mapping)
        draft = Draft(own_ids="id" in taken, columns=taken)
        cells = _cells(table, draft, taken, progress)
        _tell_of_source(draft, table, source.name)
    by_side = {name: cells.pop(column, None) for name, column in named_columns(config).items()}
    interpret(draft, cells, config)
    _check(draft, source.name)
    if by_side:
        deal_sides(draft, by_side)
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
    _check_rows(draft, bad, delimited="delimiter" in table.facts)
    _tell_of_rows(draft, bad=bad, empty=empty, repaired=repaired, delimited="delimiter" in table.facts)
    return {name: column for name, column in zip(names, columns, strict=True) if name != "text"}


def _check_rows(draft: Draft, bad: list[int], *, delimited: bool) -> None:
    if len(bad) > max(1, draft.total // 2):
        raise SchemaError(
            "{count} of {total} rows do not fit the header"
            if delimited
            else "{count} of {total} rows cannot be read",
            hint="check [prepare] delimiter and the quotation marks of the table"
            if delimited
            else "the source is damaged, or of another kind than it seems",
            code="bad-rows",
            count=len(bad),
            total=draft.total,
        )


def _tell_of_rows(
    draft: Draft, *, bad: list[int], empty: list[int], repaired: list[int], delimited: bool
) -> None:
    draft.aside |= {code: len(rows) for code, rows in (("bad-row", bad), ("no-text", empty)) if rows}
    if bad:
        draft.note(
            "bad-row",
            message="rows that do not fit the header, set aside: {count} (rows: {first})"
            if delimited
            else "rows that cannot be read, set aside: {count} (rows: {first})",
            warning=True,
            rows=bad,
            count=len(bad),
        )
    if empty:
        draft.note(
            "no-text",
            message="rows without a text, set aside: {count} (rows: {first})",
            warning=True,
            rows=empty,
            count=len(empty),
        )
    if repaired:
        draft.note(
            "repaired",
            message="texts of damaged encoding, repaired: {count} (rows: {first})",
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
    left = left_names(table.names, draft.columns.values())
    message = "columns taken: {taken}; left: {left}" if left else "columns taken: {taken}"
    taken = [f"{ours} = {theirs}" for ours, theirs in draft.columns.items()]
    draft.notes.insert(1, Note(code="columns", message=message, values={"taken": taken, "left": left}))
    strays = int(facts.get("strays", 0))
    if strays:
        draft.note(
            "strays",
            message="bytes that are not {encoding}, read as Windows-1252: {count}",
            warning=True,
            count=strays,
            encoding=facts["encoding"],
        )
    unmatched = int(facts.get("unmatched", 0))
    if unmatched:
        draft.note(
            "unmatched",
            message="rows of the label file that name no text file: {count}",
            warning=True,
            count=unmatched,
        )


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
