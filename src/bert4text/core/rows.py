"""The rows of a corpus: their columns, what of them a seal holds, and each as a record and as JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bert4text.core.errors import SchemaError
from bert4text.core.report import Report

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string()),
        pa.field("labels", pa.list_(pa.string())),
        pa.field("patient", pa.string()),
        pa.field("episode", pa.string()),
        pa.field("site", pa.string()),
        pa.field("written_at", pa.timestamp("us", tz="UTC")),
        pa.field("split", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("generator", pa.string()),
        pa.field("source_row", pa.int64()),
        pa.field("attributes", pa.map_(pa.string(), pa.string())),
        pa.field("sealed", pa.binary()),
    ]
)
"""The columns of ``corpus/1``, without metadata."""

SEALED = ("text", "labels", "episode", "site", "written_at", "attributes")
"""What a seal holds of a report; columns of further questions (``labels.<question>``) too."""

BOUND = ("id", "patient", *SEALED)
"""What a seal no longer fits to once it is changed."""


def conformed(table: pa.Table) -> pa.Table:
    """The table with the columns of ``SCHEMA``, in its order; columns of further questions are kept.

    Raises:
        SchemaError: a column is missing or of another type, or an id repeats.
    """
    columns = []
    for field in SCHEMA:
        if field.name in table.column_names:
            columns.append(_cast(table[field.name], field))
        elif field.nullable:
            columns.append(pa.nulls(table.num_rows, field.type))
        else:
            raise SchemaError(
                "the corpus has no column {wanted!r}; it has {found}",
                hint="make a corpus with `bert4text prepare`",
                code="missing-column",
                wanted=field.name,
                found=table.column_names,
            )
    made = pa.Table.from_arrays(columns, schema=SCHEMA)
    for name in table.column_names:
        if name.startswith("labels."):
            made = made.append_column(name, table[name])
    distinct = pc.count_distinct(made["id"]).as_py()
    if distinct != made.num_rows:
        raise SchemaError(
            "{count} report ids repeat",
            hint="give each report an id of its own",
            code="duplicate-id",
            count=made.num_rows - distinct,
        )
    return made


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    problem = None
    try:
        column = column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        problem = str(column.type)
    if problem is not None:
        raise SchemaError(
            "the column {name!r} is {found}, not {wanted}",
            code="column-type",
            name=field.name,
            found=problem,
            wanted=str(field.type),
        )
    if not field.nullable and column.null_count:
        raise SchemaError(
            "the column {name!r} is empty in {count} rows",
            code="null-column",
            name=field.name,
            count=column.null_count,
        )
    return column


def row_of(report: Report) -> dict[str, Any]:
    """A report as a row of the table."""
    row = report.model_dump()
    row["labels"] = None if report.labels is None else list(report.labels)
    row["attributes"] = list(report.attributes.items())
    row["sealed"] = None
    return row


def report_of(row: dict[str, Any]) -> Report:
    """A row of the table as a report; one that is sealed has no text."""
    labels = row["labels"]
    return Report.model_construct(
        id=row["id"],
        text=row["text"] or "",
        labels=None if labels is None else tuple(labels),
        patient=row["patient"],
        episode=row["episode"],
        site=row["site"],
        written_at=row["written_at"],
        split=row["split"],
        origin=row["origin"],
        generator=row["generator"],
        source_row=row["source_row"],
        attributes=dict(row["attributes"] or ()),
    )


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row as canonical JSON takes it; of a sealed one the seal stands for what it holds.

    So a corpus has one fingerprint, whether it was opened or not, and none that tells of a text.
    """
    found = dict(row)
    if found["sealed"] is not None:
        found.update(dict.fromkeys(held(found)))
        found["sealed"] = base64.b64encode(found["sealed"]).decode()
    elif isinstance(found["written_at"], datetime):
        found["written_at"] = found["written_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    found["attributes"] = dict(found["attributes"] or ())
    return found


def held(names: Iterable[str]) -> list[str]:
    """The columns that a seal holds, of those of a table."""
    return [name for name in names if name in SEALED or name.startswith("labels.")]


def closed(table: pa.Table) -> pa.Table:
    """The table with nothing beside their seals of the rows that are sealed: what may lie on a disk."""
    sealed = table["sealed"]
    if sealed.null_count == table.num_rows:
        return table
    bare = pc.is_valid(sealed).to_pylist()
    for name in held(table.column_names):
        place, field = table.schema.get_field_index(name), table.schema.field(name)
        pairs = zip(bare, table[name].to_pylist(), strict=True)
        values = pa.array([None if gone else value for gone, value in pairs], field.type)
        table = table.set_column(place, field, values)
    return table


def unbound(table: pa.Table) -> pa.Table:
    """The table without the seals of rows that stand open: they are about to say something else.

    A row that is not open keeps its seal, since nothing else is left of it.
    """
    if table["sealed"].null_count == table.num_rows:
        return table
    place, field = table.schema.get_field_index("sealed"), SCHEMA.field("sealed")
    kept = pc.if_else(pc.is_null(table["text"]), table["sealed"], pa.scalar(None, field.type))
    return table.set_column(place, field, kept)
