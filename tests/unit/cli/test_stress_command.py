"""The command stress."""

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

ONLY = ("--only", "accents-lost", "--only", "one-sentence", "--only", "finding-denied")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of TF-IDF, and the corpus beside it."""
    folder = tmp_path_factory.mktemp("stress")
    corpus = make_corpus(200)
    write_corpus(corpus, folder / "corpus.parquet", overwrite=False)
    library.train(corpus, project=Project(folder, {"train": {"encoder": "tfidf"}}), out=folder / "run")
    return folder / "run"


def test_rates_are_shown_written_and_told_as_json(
    bert4text: Callable[..., Any], run: Path, tmp_path: Path
) -> None:
    corpus = run.parent / "corpus.parquet"
    shown = bert4text("stress", run, corpus, *ONLY, "--language", "pt-BR", "-o", "out", "--html", "page.html")
    assert shown.status == 0, shown.err
    assert any(line.split()[:1] == ["accents-lost"] for line in shown.out.splitlines())
    assert "acentos perdidos" in shown.out
    assert "finding-denied" in shown.out.splitlines()[-1]
    assert (tmp_path / "out" / "stress.json").exists()
    assert "<script" not in (tmp_path / "page.html").read_text(encoding="utf-8")
    told = bert4text("stress", run, corpus, *ONLY, "--json")
    document = json.loads(told.out)
    assert document["format"] == "stress/1"
    assert [one["name"] for one in document["perturbations"]] == [
        *("finding-denied", "accents-lost", "one-sentence")
    ]
    assert told.err == ""


def test_a_gate_ends_with_status_one_after_the_rates(bert4text: Callable[..., Any], run: Path) -> None:
    corpus = run.parent / "corpus.parquet"
    gate = ("--set", "stress.at_most.nothing-said=0.1")
    ended = bert4text("stress", run, corpus, *ONLY, *gate, "--language", "en")
    assert ended.status == 1
    assert "one-sentence" in ended.out
    assert "error[stress-failed]" in ended.err
    assert "nothing-said" in ended.err
    asked = bert4text("stress", run, corpus, *ONLY, *gate, "--json")
    assert (asked.status, asked.problem["code"]) == (1, "stress-failed")
    assert json.loads(asked.out)["format"] == "stress/1"


def test_an_unknown_perturbation_is_refused_with_the_one_that_is_meant(
    bert4text: Callable[..., Any], run: Path
) -> None:
    ended = bert4text("stress", run, run.parent / "corpus.parquet", "--only", "accent-lost", "--json")
    assert (ended.status, ended.problem["code"]) == (2, "unknown-perturbation")
    assert "accents-lost" in ended.problem["hint"]
