"""Corpus: an immutable Arrow table of reports and the question asked of them."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from bert4text.core.digest import canonical
from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.core.report import SPLITS, Report

FORMAT = "corpus/1"

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


class Corpus:
    """Reports and the question asked of them; immutable.

    Args:
        table: an Arrow table of ``SCHEMA``; extra ``labels.<question>`` columns are kept.
        label_space: the question; None while the reports are unlabelled.
        language: BCP 47 code of the reports' language, or None.
        manifest: where it comes from.
        deidentified: policy, recognizer digest and residue, or None.

    Raises:
        SchemaError: a column is missing or of another type, or an id repeats.
    """

    def __init__(
        self,
        table: pa.Table,
        label_space: LabelSpace | None,
        *,
        language: str | None = None,
        manifest: Manifest | None = None,
        deidentified: dict[str, Any] | None = None,
    ) -> None:
        self.table = _conform(table)
        self.label_space = label_space
        self.language = language
        self.manifest = manifest
        self.deidentified = deidentified

    @classmethod
    def from_reports(
        cls,
        reports: Iterable[Report],
        label_space: LabelSpace | None = None,
        *,
        language: str | None = None,
    ) -> Self:
        """A corpus of report records, in their order."""
        rows = [_row(report) for report in reports]
        return cls(pa.Table.from_pylist(rows, schema=SCHEMA), label_space, language=language)

    @classmethod
    def from_arrow(
        cls, data: Any, label_space: LabelSpace | None = None, *, language: str | None = None
    ) -> Self:
        """A corpus of anything with ``__arrow_c_stream__`` (Arrow, pandas, polars), columns as ``SCHEMA``."""
        return cls(pa.table(data), label_space, language=language)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        labels = "unlabelled" if self.label_space is None else f"{len(self.label_space)} labels"
        return f"Corpus({len(self)} reports, {labels}, {self.fingerprint[:12]})"

    def __iter__(self) -> Iterator[Report]:
        for batch in self.table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                yield _report(row)

    def __getitem__(self, split: str) -> Self:
        """The reports of one split.

        Raises:
            EmptyCorpusError: there are none.
        """
        part = self.replace(table=self.table.filter(pc.equal(self.table["split"], split)))
        if not len(part):
            raise EmptyCorpusError(
                "the corpus has no reports in the split {split!r}; it has {found}",
                hint="give --split one of these, or split the corpus with `bert4text prepare`",
                code="empty-split",
                split=split,
                found=sorted(self.splits),
            )
        return part

    def replace(self, **changes: Any) -> Self:
        """A corpus with some constructor arguments changed."""
        kept = {
            "table": self.table,
            "label_space": self.label_space,
            "language": self.language,
            "manifest": self.manifest,
            "deidentified": self.deidentified,
        }
        kept.update(changes)
        return type(self)(kept.pop("table"), kept.pop("label_space"), **kept)

    def select(self, rows: Sequence[int] | Sequence[bool]) -> Self:
        """Some reports, by position or by a mask."""
        if len(rows) and isinstance(rows[0], bool):
            return self.replace(table=self.table.filter(pa.array(rows, pa.bool_())))
        return self.replace(table=self.table.take(pa.array(rows, pa.int64())))

    def map_text(self, function: Callable[[str], str]) -> Self:
        """The same reports with each text rewritten."""
        texts = [None if text is None else function(text) for text in self.table["text"].to_pylist()]
        return self.with_column("text", texts)

    def with_column(self, name: str, values: Sequence[Any]) -> Self:
        """The same reports with one column of ``SCHEMA`` replaced."""
        place = self.table.schema.get_field_index(name)
        field = SCHEMA.field(name)
        return self.replace(table=self.table.set_column(place, field, pa.array(values, field.type)))

    @property
    def texts(self) -> list[str]:
        """The texts, in order; a sealed report has none."""
        return [text or "" for text in self.table["text"].to_pylist()]

    @property
    def labels(self) -> list[str | None]:
        """The single label of each report, None where unlabelled (not for multilabel)."""
        return [labels[0] if labels else None for labels in self.table["labels"].to_pylist()]

    @property
    def groups(self) -> list[str]:
        """What belongs together: the patient, or else the report itself."""
        ids, patients = self.table["id"].to_pylist(), self.table["patient"].to_pylist()
        return [patient or f"report:{report_id}" for report_id, patient in zip(ids, patients, strict=True)]

    @property
    def splits(self) -> dict[str, int]:
        """How many reports each split has, in the usual order."""
        counts = Counter(split for split in self.table["split"].to_pylist() if split is not None)
        return {name: counts[name] for name in SPLITS if counts[name]}

    @property
    def patients(self) -> int | None:
        """How many patients, or None when no report names one."""
        count = int(pc.count_distinct(self.table["patient"], mode="only_valid").as_py())
        return count or None

    @property
    def synthetic(self) -> int:
        """How many reports are synthetic."""
        return sum(origin != "real" for origin in self.table["origin"].to_pylist())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows in order of id, each as canonical JSON of all columns; hex."""
        table = self.table.sort_by("id")
        total = sha256()
        for batch in table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                total.update(canonical(_plain(row)))
                total.update(b"\n")
        return total.hexdigest()

    def metadata(self) -> dict[bytes, bytes]:
        """What the Parquet file says about itself."""
        questions = [] if self.label_space is None else [self.label_space.model_dump(mode="json")]
        values = {
            "format": FORMAT,
            "questions": questions,
            "language": self.language,
            "fingerprint": self.fingerprint,
            "manifest": None if self.manifest is None else self.manifest.model_dump(mode="json"),
            "deidentified": self.deidentified,
        }
        return {
            f"bert4text.{key}".encode(): json.dumps(value, ensure_ascii=False).encode()
            for key, value in values.items()
        }

    def summary(self) -> dict[str, Any]:
        """Counts, as ``corpus-summary/1``; no text and no id."""
        labels = Counter(label for row in self.table["labels"].to_pylist() for label in row or [])
        names = list(self.label_space.names) if self.label_space else sorted(labels)
        return {
            "format": "corpus-summary/1",
            "fingerprint": f"sha256:{self.fingerprint}",
            "reports": len(self),
            "patients": self.patients,
            "synthetic": self.synthetic,
            "language": self.language,
            "task": self.label_space.task if self.label_space else None,
            "labels": {name: labels[name] for name in names},
            "unlabelled": sum(row is None for row in self.table["labels"].to_pylist()),
            "splits": self.splits,
        }


def _conform(table: pa.Table) -> pa.Table:
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
    conformed = pa.Table.from_arrays(columns, schema=SCHEMA)
    for name in table.column_names:
        if name.startswith("labels."):
            conformed = conformed.append_column(name, table[name])
    distinct = pc.count_distinct(conformed["id"]).as_py()
    if distinct != conformed.num_rows:
        raise SchemaError(
            "{count} report ids repeat",
            hint="give each report an id of its own",
            code="duplicate-id",
            count=conformed.num_rows - distinct,
        )
    return conformed


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


def _row(report: Report) -> dict[str, Any]:
    row = report.model_dump()
    row["labels"] = None if report.labels is None else list(report.labels)
    row["attributes"] = list(report.attributes.items())
    row["sealed"] = None
    return row


def _report(row: dict[str, Any]) -> Report:
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


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    plain = dict(row)
    if isinstance(plain["written_at"], datetime):
        plain["written_at"] = plain["written_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    plain["attributes"] = dict(plain["attributes"] or ())
    if plain["sealed"] is not None:
        plain["sealed"] = base64.b64encode(plain["sealed"]).decode()
    return plain
