from __future__ import annotations

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.errors import Bert4TextError, ConfigError, ModelError, OutputError
from bert4text.core.manifest import Manifest
from bert4text.core.report import Report
from bert4text.data.read_corpus import read_corpus
from bert4text.data.write import write_corpus


def test_a_corpus_is_read_as_it_was_written(tmp_path, corpus):
    told = corpus.replace(manifest=Manifest(kind="corpus", verb="prepare", seed=3, notes={"rows": 120}))
    write_corpus(told, tmp_path / "c.parquet", overwrite=False)
    read = read_corpus(tmp_path / "c.parquet")
    assert read.fingerprint == corpus.fingerprint
    assert read.manifest == told.manifest
    assert read.label_space == corpus.label_space
    assert read.language == "pt-BR"
    assert list(read) == list(corpus)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), max_size=20),
            st.none() | st.lists(st.text(st.characters(codec="utf-8"), max_size=5), max_size=3),
            st.dictionaries(
                st.text("ab", max_size=2), st.text(st.characters(codec="utf-8"), max_size=5), max_size=2
            ),
            st.none() | st.datetimes(timezones=st.timezones()),
        ),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_fingerprint_survives_every_text(tmp_path, rows):
    corpus = Corpus.from_reports(
        Report(id=str(i), text=text, labels=labels, attributes=attributes, written_at=date)
        for i, (text, labels, attributes, date) in enumerate(rows)
    )
    write_corpus(corpus, tmp_path / "c.parquet", overwrite=True)
    assert read_corpus(tmp_path / "c.parquet").fingerprint == corpus.fingerprint


def rewrite(path, *, table=None, **metadata):
    read = pq.read_table(path)
    said = dict(read.schema.metadata) | {
        f"bert4text.{key}".encode(): value for key, value in metadata.items()
    }
    pq.write_table((table or read).replace_schema_metadata(said), path)


def test_what_is_no_corpus_newer_or_altered_is_refused(tmp_path, corpus):
    path = tmp_path / "c.parquet"

    def refused(code):
        with pytest.raises(Bert4TextError) as caught:
            read_corpus(path)
        assert caught.value.error_code == code
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        return caught.value

    assert refused("missing-file").exit_status == 3
    path.write_bytes(b"id,text\n1,a\n")
    assert "prepare c.parquet" in refused("not-a-corpus").hint
    pq.write_table(pa.table({"text": ["a"]}), path)
    refused("not-a-corpus")
    write_corpus(corpus, path, overwrite=True)
    rewrite(path, format=b'"corpus/2"')
    error = refused("newer-format")
    assert isinstance(error, ModelError)
    assert error.exit_status == 4
    for broken in (
        {"format": b'"bundle/1"'},
        {"format": b"{"},
        {"questions": b'[{"task": "odd"}]'},
        {"manifest": b"3"},
        {"questions": b"7"},
    ):
        write_corpus(corpus, path, overwrite=True)
        rewrite(path, **broken)
        refused("not-a-corpus")
    write_corpus(corpus, path, overwrite=True)
    altered = corpus.map_text(lambda text: text.replace("oval", "redondo"))
    rewrite(path, table=altered.table)
    refused("altered")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused("not-a-corpus")


def test_row_order_and_row_groups_do_not_matter(tmp_path, corpus):
    path = tmp_path / "c.parquet"
    write_corpus(corpus, path, overwrite=False)
    read = pq.read_table(path)
    pq.write_table(read.take(list(range(len(corpus)))[::-1]), path, row_group_size=7)
    assert read_corpus(path).fingerprint == corpus.fingerprint


def test_csv_and_json_lines(tmp_path):
    corpus = Corpus.from_reports(
        [
            Report(
                id="1", text='a "b"\nc', labels=("x", "y"), attributes={"sex": "F", "id": "9"}, source_row=4
            ),
            Report(id="2", text="é", split="test"),
        ]
    )
    write_corpus(corpus, tmp_path / "c.csv", overwrite=False)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["text"] == 'a "b"\nc'
    assert rows[0]["labels"] == "x|y"
    assert (rows[0]["sex"], rows[0]["attributes.id"], rows[0]["source_row"]) == ("F", "9", "4")
    assert rows[1]["split"] == "test"
    write_corpus(corpus, tmp_path / "c.jsonl", overwrite=False)
    lines = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert lines[0]["attributes"] == {"id": "9", "sex": "F"}
    assert lines[1]["labels"] is None


def test_targets_that_cannot_be(tmp_path, corpus):
    with pytest.raises(ConfigError) as caught:
        write_corpus(corpus, tmp_path / "c.xml", overwrite=False)
    assert caught.value.error_code == "unknown-format"
    (tmp_path / "c.parquet").write_text("mine")
    with pytest.raises(OutputError):
        write_corpus(corpus, tmp_path / "c.parquet", overwrite=False)
    assert (tmp_path / "c.parquet").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["c.parquet"]
