from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core.digest import canonical, sha256
from bert4text.core.errors import StoreError, TrailBroken
from bert4text.store import chain
from bert4text.store.trail import ledger_path, looks, read_trail, record, record_look


def test_events_are_chained_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "trail.jsonl"
    first = record(path, "corpus.prepared", subject="sha256:1", details={"reports": 3})
    second = record(path, "model.trained", subject="sha256:2")
    assert (first.previous, second.previous) == ("", first.digest)
    body = second.model_dump(exclude={"previous", "digest"})
    assert second.digest == sha256(second.previous.encode() + canonical(body))
    assert read_trail(path) == [first, second]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_changing_any_byte_is_noticed(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "trail.jsonl"
    path.unlink(missing_ok=True)
    for i in range(3):
        record(path, "corpus.prepared", subject=f"sha256:{i}")
    raw = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    other = st.integers(0, 255) | st.sampled_from(b"\n\r\x0b \t")
    raw[place] = data.draw(other.filter(lambda byte: byte != raw[place]))
    path.write_bytes(bytes(raw))
    with pytest.raises(TrailBroken):
        read_trail(path)


def test_a_removed_line_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    for i in range(3):
        record(path, "corpus.prepared", subject=f"sha256:{i}")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    with pytest.raises(TrailBroken, match="line 2"):
        read_trail(path)


def test_a_write_cut_short_is_dropped_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    record(path, "corpus.prepared", subject="sha256:1")
    with path.open("ab") as stream:
        stream.write(b'{"action":"model.tr')
    record(path, "model.trained", subject="sha256:2")
    assert [event.subject for event in read_trail(path)] == ["sha256:1", "sha256:2"]


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b" \n", b","])
def test_another_end_of_line_is_noticed(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "trail.jsonl"
    record(path, "corpus.prepared", subject="sha256:1")
    first = path.read_bytes().removesuffix(b"\n")
    record(path, "model.trained", subject="sha256:2")
    path.write_bytes(first + end + path.read_bytes().removeprefix(first).removeprefix(b"\n"))
    with pytest.raises(TrailBroken):
        read_trail(path)
    path.write_bytes(first + end)
    with pytest.raises(TrailBroken):
        read_trail(path)


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_a_look_cut_short_by_a_kill_does_not_close_the_ledger(tmp_path: Path, kept: int) -> None:
    corpus = tmp_path / "clean.parquet"
    record_look(corpus, model="m", metrics="a")
    whole = ledger_path(corpus).read_bytes()
    record_look(corpus, model="m", metrics="é")
    second = ledger_path(corpus).read_bytes().removeprefix(whole)
    ledger_path(corpus).write_bytes(whole + second[:kept])
    assert looks(corpus) == 1
    assert record_look(corpus, model="m", metrics="c") == 2
    assert [line["metrics"] for line in chain.read(ledger_path(corpus))] == ["a", "c"]


def test_words_after_the_last_line_are_noticed_when_writing(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    record(path, "corpus.prepared", subject="sha256:1")
    path.write_bytes(path.read_bytes() + b"all is well")
    with pytest.raises(TrailBroken):
        record(path, "model.trained", subject="sha256:2")


def _look(corpus: str) -> list[int]:
    return [record_look(Path(corpus), model="m", metrics="a") for _ in range(10)]


def test_looks_at_once_each_have_their_number(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2) as pool:
        first, second = pool.map(_look, [str(tmp_path / "clean.parquet")] * 2)
    assert sorted(first + second) == list(range(1, 21))


def _append(path: str) -> None:
    for _ in range(10):
        chain.append(Path(path), {"n": 1})


def test_two_writers_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "trail.jsonl"
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_append, [str(path)] * 2))
    assert len(chain.read(path)) == 20


def test_looks_at_the_test_split_are_counted(tmp_path: Path) -> None:
    corpus = tmp_path / "clean.parquet"
    assert looks(corpus) == 0
    assert record_look(corpus, model="m", metrics="a") == 1
    assert record_look(corpus, model="m", metrics="b") == 2
    ledger_path(corpus).write_text(ledger_path(corpus).read_text().replace('"a"', '"c"'))
    with pytest.raises(TrailBroken):
        record_look(corpus, model="m", metrics="d")


def test_a_folder_in_the_way_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "trail.jsonl").mkdir()
    with pytest.raises(StoreError, match=r"trail\.jsonl cannot be written"):
        record(tmp_path / "trail.jsonl", "corpus.prepared", subject="x")
    with pytest.raises(StoreError, match=r"trail\.jsonl cannot be read"):
        read_trail(tmp_path / "trail.jsonl")
