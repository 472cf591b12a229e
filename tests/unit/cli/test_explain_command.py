"""The command explain."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bert4text as library
from bert4text.data.write import write_corpus
from bert4text.project import Project
from conftest import make_corpus

TABLE = 'id,text\nE1,"Nódulo irregular espiculado, distorção."\nE2,Nódulo oval.\nE3,\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of TF-IDF."""
    folder = tmp_path_factory.mktemp("explain")
    library.train(
        make_corpus(200), project=Project(folder, {"train": {"encoder": "tfidf"}}), out=folder / "run"
    )
    return folder / "run"


@pytest.fixture
def _table(tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text(TABLE, encoding="utf-8")


@pytest.mark.usefixtures("_table")
def test_explanations_are_shown_written_and_told_as_json(
    bert4text: Callable[..., Any], run: Path, tmp_path: Path
) -> None:
    shown = bert4text("explain", run, "new.csv", "--id", "E1", "--language", "pt-BR")
    assert shown.status == 0, shown.err
    first, *rest = shown.out.splitlines()
    assert first.startswith("linha 1: maligno, ")
    assert rest[0].startswith("A resposta depende do que é citado primeiro")
    assert "  Nódulo irregular espiculado, distorção." in [line.rstrip() for line in rest]
    assert any(line.split()[:1] == ["espiculado"] for line in rest)
    told = bert4text("explain", run, "new.csv", "--json")
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [(line["format"], line["id"]) for line in lines] == [
        ("explanation/1", "E1"),
        ("explanation/1", "E2"),
    ]
    assert told.err == ""
    written = bert4text(
        "explain", run, "new.csv", "-o", "why.jsonl", "--html", "why.html", "--label", "benigno"
    )
    assert (written.status, written.out) == (0, "")
    assert "why.html; it holds texts of reports" in written.err
    assert [json.loads(line)["label"] for line in Path("why.jsonl").read_text("utf-8").splitlines()] == [
        *("benigno", "benigno")
    ]
    assert "espiculado" in (tmp_path / "why.html").read_text(encoding="utf-8")
    assert "no report has an answer" in bert4text("explain", run, "new.csv", "--id", "E3").err


def test_one_report_comes_from_stdin_and_from_nowhere_else(
    bert4text: Callable[..., Any], run: Path, stdin: Callable[[bytes], None]
) -> None:
    stdin("Nódulo oval circunscrito.".encode("latin-1"))
    shown = bert4text("explain", run, "--text", "-", "--set", "explain.faithfulness=false")
    assert shown.status == 0, shown.err
    assert "Nódulo oval circunscrito." in shown.out
    assert "was not measured" in shown.out
    for wrong in ((), ("new.csv", "--text", "-"), ("--text", "Nódulo oval")):
        ended = bert4text("explain", run, *wrong, "--json")
        assert (ended.status, ended.problem["code"]) == (2, "bad-reports")
        assert "Nódulo" not in ended.err


def test_many_reports_are_looked_at_as_a_whole(
    bert4text: Callable[..., Any], run: Path, tmp_path: Path
) -> None:
    write_corpus(make_corpus(200), tmp_path / "c.parquet", overwrite=False)
    quick = ("--set", "explain.split=train", "--set", "explain.reports=60", "--set", "explain.draws=1")
    shown = bert4text(
        "explain", run, "c.parquet", "--global", *quick, "--language", "pt-BR", "--html", "d.html"
    )
    assert shown.status == 0, shown.err
    assert shown.out.startswith("60 laudos foram explicados.")
    assert "maligno (respostas: " in shown.out
    assert (tmp_path / "d.html").exists()
    told = bert4text("explain", run, "c.parquet", "--global", *quick, "--json").document
    assert told["format"] == "explanation-overview/1"
    for wrong in (("--global",), ("c.parquet", "--global", "--id", "R0001")):
        assert bert4text("explain", run, *wrong, "--json").problem["code"] == "bad-reports"


@pytest.mark.usefixtures("_table")
def test_similar_reports_are_named_by_their_rows(
    bert4text: Callable[..., Any], run: Path, tmp_path: Path
) -> None:
    corpus = make_corpus(200)
    write_corpus(corpus, tmp_path / "corpus.parquet", overwrite=False)
    asked = ("explain", run, "new.csv", "--id", "E1", "--similar", "corpus.parquet")
    shown = bert4text(*asked, "--set", "explain.similar.count=2", "--language", "pt-BR")
    assert shown.status == 0, shown.err
    assert "Dos 2 laudos de treino mais parecidos, 2 têm o rótulo maligno (120 comparados)." in shown.out
    assert "Parecido é o que o modelo tem por parecido." in shown.out
    told = json.loads(bert4text(*asked, "--json").out)["similar"]
    assert [one["labels"] for one in told["nearest"]] == [["maligno"]] * 5
    for one in told["nearest"]:
        assert corpus.table["id"][one["row"] - 1].as_py() == one["id"]
        assert one["id"] not in shown.out + shown.err
    for wrong in (("--global",), ("--for", "physician")):
        source = "corpus.parquet" if "--global" in wrong else "new.csv"
        ended = bert4text("explain", run, source, "--similar", "corpus.parquet", *wrong, "--json")
        assert (ended.status, ended.problem["code"]) == (2, "similar-of-many")
