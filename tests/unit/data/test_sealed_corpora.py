"""A sealed corpus gives back every report as it was, to who has the keys, and nothing to others."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError, EmptyCorpusError, SchemaError, StoreError
from bert4text.core.keys import Keys
from bert4text.core.labels import LabelSpace
from bert4text.core.patient_keys import PatientKeys
from bert4text.core.report import Report
from bert4text.data.read_corpus import read_corpus
from bert4text.data.sealed import is_closed, is_sealed_file, open_sealed, seal_corpus, without_seals
from bert4text.data.typed import open_parquet
from bert4text.data.write import write_corpus

pytest.importorskip("cryptography")

SPACE = LabelSpace(task="binary", names=("a", "b"))
SECRETS = ("nódulo", "EPISODIO", "HOSPITAL", "Ana Lima", "1999", "maligno")


def reports(n=6):
    return [
        Report(
            id=f"EX-{place}",
            text=f"nódulo {place} maligno",
            labels=None if place == 3 else ("ab"[place % 2],),
            patient=None if place % 3 == 2 else f"p-{place // 3:016x}",
            episode=f"EPISODIO{place}",
            site="HOSPITAL",
            written_at=datetime(1999, 3, 12, 4, 5, 6, 789, tzinfo=UTC),
            split=("train", "test")[place % 2],
            source_row=place + 1,
            attributes={"medico": "Ana Lima", "vazio": ""},
        )
        for place in range(n)
    ]


@pytest.fixture
def given_corpus():
    corpus = Corpus.from_reports(reports(), SPACE, language="pt-BR")
    further = pa.array([["x"], None, [], ["y"], None, ["x", "y"]], pa.list_(pa.string()))
    return corpus.replace(table=corpus.table.append_column("labels.second", further))


@pytest.fixture
def keys():
    return PatientKeys(Keys())


@pytest.fixture
def sealed(given_corpus, keys):
    return seal_corpus(given_corpus, keys)


def test_what_is_sealed_comes_back_as_it_was(given_corpus, sealed, keys, tmp_path):
    write_corpus(sealed, tmp_path / "s.parquet", overwrite=False)
    closed = read_corpus(tmp_path / "s.parquet")
    opened = open_sealed(closed, PatientKeys(Keys()))
    assert without_seals(opened).table.equals(given_corpus.table)
    assert without_seals(opened).fingerprint == given_corpus.fingerprint
    assert list(opened) == list(given_corpus)
    assert opened.unopened == 0


def test_the_file_holds_nothing_personal_beside_id_and_pseudonym(sealed, tmp_path):
    write_corpus(sealed, tmp_path / "s.parquet", overwrite=False)
    table = pq.read_table(tmp_path / "s.parquet")
    for name in ("text", "labels", "labels.second", "episode", "site", "written_at", "attributes"):
        assert table[name].null_count == 6, name
    assert table["sealed"].null_count == 0
    shown = repr((table.to_pylist(), table.schema.metadata)).encode() + (tmp_path / "s.parquet").read_bytes()
    for word in SECRETS:
        assert word.encode() not in shown
    for name in ("id", "patient", "split", "origin", "source_row"):
        assert table[name].to_pylist() == sealed.table[name].to_pylist()
    assert table.schema.metadata[b"bert4text.sealed"] == b"6"


def test_opening_changes_no_fingerprint_and_sealing_anew_does(given_corpus, sealed, keys):
    assert sealed.fingerprint == sealed.closed.fingerprint
    assert open_sealed(sealed.closed, keys).fingerprint == sealed.fingerprint
    assert sealed.fingerprint != given_corpus.fingerprint != seal_corpus(given_corpus, keys).fingerprint
    assert open_sealed(sealed.closed, keys)["test"].fingerprint == sealed.closed["test"].fingerprint
    assert sealed.fingerprint != seal_corpus(given_corpus, keys).fingerprint


def test_a_report_that_is_changed_loses_its_seal_and_one_that_is_closed_keeps_it(sealed):
    told = sealed.map_text(str.upper)
    assert told.sealed == 0
    assert told.fingerprint != sealed.fingerprint
    for name in ("id", "patient", "labels", "attributes"):
        changed = sealed.with_column(name, sealed.table[name].to_pylist())
        assert changed.sealed == 0, name
    assert sealed.with_column("split", ["train"] * 6).sealed == 6
    assert sealed.closed.with_column("text", [None] * 6).sealed == 6


@settings(deadline=None, max_examples=40)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    attributes=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        max_size=3,
    ),
    at=st.none() | st.datetimes(timezones=st.just(UTC)),
    labels=st.none() | st.just(()) | st.just(("a",)),
)
def test_any_report_comes_back(text, name, attributes, at, labels):
    report = Report(id=name, text=text, labels=labels, written_at=at, attributes=attributes)
    corpus, keys = Corpus.from_reports([report], SPACE), PatientKeys(Keys())
    closed = seal_corpus(corpus, keys).closed
    assert without_seals(open_sealed(closed, keys)).table.equals(corpus.table)


def boxes(corpus):
    return corpus.table["sealed"].to_pylist()


def with_seals(corpus, changed):
    place = corpus.table.schema.get_field_index("sealed")
    return corpus.replace(table=corpus.table.set_column(place, "sealed", pa.array(changed, pa.binary())))


@settings(deadline=None, max_examples=40)
@given(row=st.integers(0, 5), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_bit_that_is_changed_is_noticed(row, place, bit):
    keys = PatientKeys(Keys())
    closed = seal_corpus(Corpus.from_reports(reports(), SPACE), keys).closed
    changed = boxes(closed)
    box = bytearray(changed[row])
    box[place % len(box)] ^= 1 << bit
    changed[row] = bytes(box)
    with pytest.raises(DataError, match=rf"do not open: 1 \(rows: {row + 1}\)") as caught:
        open_sealed(with_seals(closed, changed), keys)
    assert caught.value.error_code == "broken-seal"
    assert f"EX-{row}" not in str(caught.value)


def test_seals_that_were_swapped_are_refused(sealed, keys):
    found = boxes(sealed)
    same_patient = [found[1], found[0], *found[2:]]  # one key, two reports
    other_patient = [found[3], *found[1:3], found[0], *found[4:]]
    for swapped in (same_patient, other_patient):
        with pytest.raises(DataError, match="do not open: 2"):
            open_sealed(with_seals(sealed.closed, swapped), keys)


@pytest.mark.parametrize("name", ["id", "patient"])
def test_a_seal_under_another_id_or_patient_is_refused(sealed, keys, name):
    values = sealed.table[name].to_pylist()
    values[0], values[3] = values[3], values[0]
    with pytest.raises(DataError, match="do not open: 2"):
        open_sealed(sealed.closed.with_column(name, values), keys)


def test_without_the_keys_nothing_opens_and_no_key_is_made(sealed):
    other = PatientKeys(Keys("other"))
    with pytest.raises(StoreError, match="this project does not have: 6") as caught:
        open_sealed(sealed.closed, other)
    assert (caught.value.error_code, caught.value.exit_status) == ("sealed", 6)
    assert "--project" in str(caught.value.hint)
    assert not other.keys.folder.exists()
    other.make(["p-9"])
    with pytest.raises(StoreError, match="this project does not have: 6"):
        open_sealed(sealed.closed, other)


def test_reports_of_a_destroyed_key_are_left_out_and_counted(sealed, keys):
    keys.destroy([f"p-{0:016x}"])
    opened = open_sealed(sealed.closed, keys)
    assert (len(opened), opened.unopened) == (4, 2)
    assert opened["train"].unopened == 2
    assert opened.table["id"].to_pylist() == ["EX-2", "EX-3", "EX-4", "EX-5"]
    assert opened.fingerprint == sealed.closed.select([2, 3, 4, 5]).fingerprint != sealed.fingerprint
    keys.destroy(keys.named(["EX-5"], [None]))
    assert open_sealed(sealed.closed, keys).unopened == 3


def test_nothing_of_a_destroyed_patient_is_sealed_again(given_corpus, sealed, keys):
    keys.destroy([f"p-{0:016x}"])
    again = seal_corpus(given_corpus, keys)
    assert (len(again), again.unopened) == (4, 2)
    assert open_sealed(again.closed, keys).table["id"].to_pylist() == ["EX-2", "EX-3", "EX-4", "EX-5"]


def test_a_corpus_of_destroyed_keys_alone_says_so(sealed, keys):
    keys.destroy(keys.named(sealed.table["id"].to_pylist(), sealed.table["patient"].to_pylist()))
    with pytest.raises(EmptyCorpusError, match="keys of all 6 reports"):
        open_sealed(sealed.closed, keys)


def test_reports_that_were_never_sealed_stay_beside_those_that_are(given_corpus, sealed, keys):
    mixed = Corpus(pa.concat_tables([sealed.closed.table.slice(0, 3), given_corpus.table.slice(3)]), SPACE)
    opened = open_sealed(mixed, keys)
    assert (opened.sealed, is_closed(mixed), is_closed(opened)) == (3, True, False)
    assert without_seals(opened).table.equals(given_corpus.table)


def test_a_sealed_corpus_is_written_as_parquet_alone(sealed, tmp_path):
    for corpus in (sealed, sealed.closed):
        for name in ("x.csv", "x.jsonl"):
            with pytest.raises(ConfigError, match=r"written as \.parquet") as caught:
                write_corpus(corpus, tmp_path / name, overwrite=False)
            assert caught.value.error_code == "sealed-format"
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_file_is_told_from_others_and_is_no_table(given_corpus, sealed, tmp_path):
    write_corpus(sealed, tmp_path / "s.parquet", overwrite=False)
    write_corpus(given_corpus, tmp_path / "p.parquet", overwrite=False)
    (tmp_path / "no.parquet").write_text("PAR1")
    names = ("s.parquet", "p.parquet", "no.parquet", "none.parquet")
    assert [is_sealed_file(tmp_path / name) for name in names] == [True, False, False, False]
    with (
        pytest.raises(SchemaError, match=r"s\.parquet is a sealed corpus"),
        open_parquet(tmp_path / "s.parquet", name="s.parquet"),
    ):
        pass


def test_ten_thousand_reports_are_sealed_and_opened_in_seconds(keys):
    """A bound far above what it takes (0.3 and 0.2 s on one core), against work done for each report."""
    made = [
        Report(id=f"R{place}", text="nódulo oval " * 90, patient=f"p-{place // 2:016x}", labels=("a",))
        for place in range(10_000)
    ]
    corpus = Corpus.from_reports(made, SPACE)
    started = time.process_time()
    closed = seal_corpus(corpus, keys).closed
    sealing, started = time.process_time() - started, time.process_time()
    assert open_sealed(closed, keys).table["text"].to_pylist() == corpus.table["text"].to_pylist()
    opening = time.process_time() - started
    assert (sealing < 10, opening < 10) == (True, True), (sealing, opening)
