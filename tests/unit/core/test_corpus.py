from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.errors import EmptyCorpusError, SchemaError
from bert4text.core.report import Report
from bert4text.core.rows import SCHEMA
from conftest import make_corpus


def test_reports_go_in_and_come_out() -> None:
    report = Report(
        id="1", text="laudo", labels=("a",), patient="p-1", written_at=datetime(2026, 1, 2, tzinfo=UTC),
        split="train", attributes={"sex": "F"}, source_row=4,
    )  # fmt: skip
    assert list(Corpus.from_reports([report])) == [report]


def test_repr_shows_no_text_and_no_id() -> None:
    report = Report(id="12345678901", text="segredo", patient="p-1", attributes={"nome": "segredo"})
    for shown in (repr(report), str(report), repr(Corpus.from_reports([report]))):
        assert "segredo" not in shown
        assert "12345678901" not in shown


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_fingerprint_ignores_order_and_chunks(random: object) -> None:
    corpus = make_corpus(12)
    order = list(range(12))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = corpus.select(order)
    chunked = corpus.replace(table=pa.concat_tables([corpus.table.slice(0, 5), corpus.table.slice(5)]))
    assert shuffled.fingerprint == chunked.fingerprint == corpus.fingerprint


@pytest.mark.parametrize("column", ["text", "labels", "patient", "split", "origin", "attributes"])
def test_fingerprint_sees_every_column(column: str) -> None:
    corpus = make_corpus(4)
    values = corpus.table[column].to_pylist()
    values[2] = {"labels": ["maligno", "x"], "attributes": [("a", "b")]}.get(column, "changed")
    assert corpus.with_column(column, values).fingerprint != corpus.fingerprint


def test_splits_and_their_absence() -> None:
    corpus = make_corpus(120)
    assert list(corpus.splits) == ["train", "validation", "calibration", "test"]
    assert sum(len(corpus[name]) for name in corpus.splits) == 120
    with pytest.raises(EmptyCorpusError, match="no reports in the split 'test'; it has train"):
        corpus["train"]["test"]


def test_repeated_ids_and_missing_columns_are_refused() -> None:
    table = make_corpus(3).table
    with pytest.raises(SchemaError, match="1 report ids repeat"):
        Corpus(pa.concat_tables([table, table.slice(0, 1)]), None)
    with pytest.raises(SchemaError, match="no column 'id'"):
        Corpus(table.drop_columns(["id"]), None)
    with pytest.raises(SchemaError, match="'origin' is empty in 3 rows"):
        Corpus(table.set_column(8, SCHEMA.field("origin"), pa.nulls(3, pa.string())), None)


def test_a_column_of_the_wrong_kind_is_named_without_its_values() -> None:
    table = make_corpus(2).table
    place = table.schema.get_field_index("source_row")
    broken = table.set_column(place, "source_row", pa.array(["segredo", "1"]))
    with pytest.raises(SchemaError, match="'source_row' is string") as caught:
        Corpus(broken, None)
    assert "segredo" not in str(caught.value)


def test_from_arrow_takes_any_arrow_stream() -> None:
    corpus = make_corpus(5)
    reader = pa.RecordBatchReader.from_batches(corpus.table.schema, corpus.table.to_batches())
    assert Corpus.from_arrow(reader, corpus.label_space).fingerprint == corpus.fingerprint


def test_summary_counts() -> None:
    summary = make_corpus(120).summary()
    assert summary["reports"] == 120
    assert summary["patients"] == 60
    assert sum(summary["labels"].values()) == 120
