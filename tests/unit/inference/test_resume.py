"""A file of predictions: whole or not at all; a run that was killed goes on and gives the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from counting_predictor import Counting, rows

from bert4text.core.errors import ConfigError, ModelError, OutputError
from bert4text.data.read import read_batches
from bert4text.inference import resume
from bert4text.inference.predict import UNIT_ROWS
from bert4text.inference.resume import predict_to_file, source_digest

N = UNIT_ROWS + 100
LONG = 2 * UNIT_ROWS + 100
SOURCE = "0123456789abcdef" * 4


def unbroken(folder, name, n=N):
    folder.mkdir()
    counts = predict_to_file(Counting(), rows(n), target=folder / name, source=SOURCE)
    return (folder / name).read_bytes(), counts


def left(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.jsonl"])
def test_a_stopped_run_goes_on_and_gives_the_same_bytes(tmp_path, name):
    expected, whole = unbroken(tmp_path / "whole", name)
    assert left(tmp_path / "whole") == [name]
    target = tmp_path / "broken" / name
    with pytest.raises(KeyboardInterrupt):
        predict_to_file(Counting(stop_after=1), rows(N), target=target, source=SOURCE)
    assert left(target.parent) == [f".{name}.units-5be0c1d2a3f44e17-0123456789abcdef"]
    classifier = Counting()
    counts = predict_to_file(classifier, rows(N), target=target, source=SOURCE)
    assert target.read_bytes() == expected
    assert left(target.parent) == [name]
    assert counts.resumed == UNIT_ROWS
    assert counts == whole.model_copy(update={"resumed": UNIT_ROWS})
    assert classifier.answered == sum(1 for i in range(UNIT_ROWS, N) if i % 7 != 3)


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.jsonl"])
def test_a_stream_gives_the_same_bytes_as_a_file(tmp_path, name):
    expected, counts = unbroken(tmp_path / "whole", name)
    streamed = predict_to_file(Counting(), rows(N), target=tmp_path / name)
    assert (tmp_path / name).read_bytes() == expected
    assert streamed == counts
    assert counts.rows == N
    assert counts.reasons == {"no-text": sum(1 for i in range(N) if i % 7 == 3)}


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_a_killed_run_goes_on_where_it_was(tmp_path):
    expected, _ = unbroken(tmp_path / "whole", "out.parquet", LONG)
    folder = tmp_path / "killed"
    folder.mkdir()
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, signal, time
            from counting_predictor import Counting, rows
            from pathlib import Path
            from bert4text.inference.resume import predict_to_file

            class Killed(Counting):
                def stop(self):
                    while len(list(target.parent.glob(".out*/*.parquet"))) < int(os.environ["DONE"]):
                        time.sleep(0.01)  # the unit before is kept while this one is answered
                    os.kill(os.getpid(), signal.SIGKILL)

            target = Path({str(folder / "out.parquet")!r})
            predict_to_file(Killed(stop_after=1), rows({LONG}), target=target, source={SOURCE!r})
            """
        ),
        encoding="utf-8",
    )
    for done in (1, 2):
        ended = subprocess.run(
            [sys.executable, str(script)],
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "DONE": str(done)},
        )
        assert ended.returncode == -signal.SIGKILL
        (units,) = folder.iterdir()
        assert units.stat().st_mode & 0o077 == 0
        assert sum(path.suffix == ".parquet" for path in units.iterdir()) == done
    counts = predict_to_file(Counting(), rows(LONG), target=folder / "out.parquet", source=SOURCE)
    assert counts.resumed == 2 * UNIT_ROWS
    assert (folder / "out.parquet").read_bytes() == expected
    assert left(folder) == ["out.parquet"]


def test_units_of_another_model_or_source_are_not_taken_and_go_at_the_end(tmp_path):
    target = tmp_path / "out.csv"
    for digest, source in [("f" * 64, SOURCE), ("5be0c1d2a3f44e17" * 4, "f" * 64)]:
        with pytest.raises(KeyboardInterrupt):
            predict_to_file(Counting(digest, stop_after=1), rows(N), target=target, source=source)
    assert len(left(tmp_path)) == 2
    counts = predict_to_file(Counting(), rows(N), target=target, source=SOURCE)
    assert counts.resumed == 0
    assert left(tmp_path) == ["out.csv"]


def test_a_damaged_unit_is_done_again(tmp_path):
    expected, _ = unbroken(tmp_path / "whole", "out.csv", LONG)
    target = tmp_path / "broken" / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predict_to_file(Counting(stop_after=UNIT_ROWS), rows(LONG), target=target, source=SOURCE)
    first, second = sorted(target.parent.glob(".out.csv.units-*/*.parquet"))
    first.write_bytes(first.read_bytes()[:-9])
    pq.write_table(pq.read_table(second).slice(1), second)
    counts = predict_to_file(Counting(), rows(LONG), target=target, source=SOURCE)
    assert counts.resumed == 0
    assert target.read_bytes() == expected


def test_a_model_that_was_never_saved_keeps_no_units(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        predict_to_file(
            Counting(digest="", stop_after=1), rows(N), target=tmp_path / "out.csv", source=SOURCE
        )
    assert left(tmp_path) == []


def test_units_removed_under_a_run_are_an_error_and_not_a_short_file(tmp_path, monkeypatch):
    monkeypatch.setattr(resume._Kept, "save", lambda self, unit: None)
    with pytest.raises(OutputError, match=r"parts of out\.csv were changed"):
        predict_to_file(Counting(), rows(10), target=tmp_path / "out.csv", source=SOURCE)
    assert left(tmp_path) == []


def test_a_failure_before_the_first_unit_leaves_nothing(tmp_path):
    class Broken(Counting):
        def predict(self, reports):
            raise ModelError("damaged")

    (tmp_path / "out.csv").write_text("as before")
    with pytest.raises(ModelError):
        predict_to_file(Broken(), rows(10), target=tmp_path / "out.csv", source=SOURCE, overwrite=True)
    assert left(tmp_path) == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "as before"


def test_a_target_that_exists_or_a_format_unknown_is_refused_before_any_work(tmp_path):
    classifier = Counting()
    (tmp_path / "out.csv").write_text("as before")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        predict_to_file(classifier, rows(10), target=tmp_path / "out.csv", source=SOURCE)
    with pytest.raises(OutputError, match="is a folder"):
        predict_to_file(classifier, rows(10), target=tmp_path / "folder.csv", source=SOURCE, overwrite=True)
    with pytest.raises(ConfigError, match="cannot be written as"):
        predict_to_file(classifier, rows(10), target=tmp_path / "out.pdf", source=SOURCE)
    assert classifier.answered == 0
    assert left(tmp_path) == ["folder.csv", "out.csv"]


def test_two_runs_of_one_target_do_not_disturb_each_other(tmp_path):
    target = tmp_path / "out.csv"

    class Second(Counting):
        def predict(self, reports):
            if self.answered == 0:
                with pytest.raises(OutputError, match="another run is writing"):
                    predict_to_file(Counting(), rows(N), target=target, source=SOURCE)
            return super().predict(reports)

    counts = predict_to_file(Second(), rows(N), target=target, source=SOURCE)
    assert counts.rows == N
    assert left(tmp_path) == ["out.csv"]


def test_a_table_is_read_classified_and_written_row_by_row(tmp_path):
    source = tmp_path / "new.csv"
    source.write_text("exame;laudo\nA-1;Nódulo oval.\nA-2;\nA-3;Cisto.\n", encoding="cp1252")
    columns = {"id": "exame"}
    counts = predict_to_file(
        Counting(),
        read_batches(source, columns=columns),
        target=tmp_path / "out.parquet",
        source=source_digest(source, columns=columns),
    )
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(row["id"], row["row"], row["status"], row["reason"]) for row in rows] == [
        ("A-1", 1, "ok", None),
        ("A-2", 2, "failed", "no-text"),
        ("A-3", 3, "ok", None),
    ]
    assert (counts.rows, counts.ok, counts.failed) == (3, 2, 1)


def test_the_digest_of_a_source_changes_with_what_is_read_and_how(tmp_path):
    source = tmp_path / "new.csv"
    source.write_text("id,text\n1,a\n", encoding="utf-8")
    first = source_digest(source)
    assert first == source_digest(source)
    assert len(first) == 64
    assert source_digest(source, columns={"text": "laudo"}) != first
    assert source_digest(source, format="tsv") != first
    assert source_digest(source, precision="bfloat16") != first
    source.write_text("id,text\n1,b\n", encoding="utf-8")
    assert source_digest(source) != first
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "1.txt").write_text("a")
    before = source_digest(folder)
    (folder / "1.txt").rename(folder / "2.txt")
    assert source_digest(folder) != before
