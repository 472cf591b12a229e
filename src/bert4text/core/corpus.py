"""Corpus: an immutable Arrow table of reports and the question asked of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from bert4text.core.digest import canonical
from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest
from bert4text.core.report import SPLITS, Report
from bert4text.core.rows import BOUND, SCHEMA, closed, conformed, plain, report_of, row_of, unbound

FORMAT = "corpus/1"

SAME = "same_as"
"""Note of a manifest: digests of other corpora of these very reports, sealed or not."""


class Corpus:
    """Reports and the question asked of them; immutable.

    Args:
        table: an Arrow table of ``SCHEMA``; extra ``labels.<question>`` columns are kept.
        label_space: the question; None while the reports are unlabelled.
        language: BCP 47 code of the reports' language, or None.
        manifest: where it comes from.
        deidentified: policy, recognizer digest and residue, or None.
        unopened: how many sealed reports were left out, because their keys were destroyed.

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
        unopened: int = 0,
    ) -> None:
        self.table = conformed(table)
        self.label_space = label_space
        self.language = language
        self.manifest = manifest
        self.deidentified = deidentified
        self.unopened = unopened

    @classmethod
    def from_reports(
        cls,
        reports: Iterable[Report],
        label_space: LabelSpace | None = None,
        *,
        language: str | None = None,
    ) -> Self:
        """A corpus of report records, in their order."""
        rows = [row_of(report) for report in reports]
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
                yield report_of(row)

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
            "unopened": self.unopened,
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
        """The same reports with one column of ``SCHEMA`` replaced; a seal that no longer fits goes."""
        table = unbound(self.table) if name in BOUND else self.table
        place, field = table.schema.get_field_index(name), SCHEMA.field(name)
        return self.replace(table=table.set_column(place, field, pa.array(values, field.type)))

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
    def sealed(self) -> int:
        """How many reports are sealed, whether they were opened or not."""
        return int(self.table.num_rows - self.table["sealed"].null_count)

    @property
    def identities(self) -> tuple[str, ...]:
        """The digests that tell these reports: that of this corpus first, then of those it was sealed from.

        A sealed corpus of which reports were left out counts as the one it was when it was whole.
        """
        known = [f"sha256:{self.fingerprint}"]
        if self.manifest is not None:
            known += [self.manifest.digest] if self.sealed and self.manifest.digest else []
            known += self.manifest.notes.get(SAME, [])
        return tuple(dict.fromkeys(known))

    @property
    def closed(self) -> Self:
        """The corpus as it may be written: of a sealed report nothing beside its seal."""
        return self.replace(table=closed(self.table))

    @property
    def synthetic(self) -> int:
        """How many reports are synthetic."""
        return sum(origin != "real" for origin in self.table["origin"].to_pylist())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the rows in order of id, each as canonical JSON of all columns; hex.

        Of a sealed report its seal is read and not what it holds, so that opening changes no fingerprint.
        """
        table = self.table.sort_by("id")
        total = sha256()
        for batch in table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                total.update(canonical(plain(row)))
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
            "sealed": self.sealed or None,
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
            "sealed": self.sealed,
            "unopened": self.unopened,
            "language": self.language,
            "task": self.label_space.task if self.label_space else None,
            "labels": {name: labels[name] for name in names},
            "unlabelled": sum(row is None for row in self.table["labels"].to_pylist()),
            "splits": self.splits,
        }
