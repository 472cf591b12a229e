"""The fairness part of the command evaluate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bert4text as library
from bert4text.data.write import write_corpus
from bert4text.project import Project
from conftest import told_apart

PROJECT = {
    "train": {"encoder": "tfidf"},
    "audit": {"fail_on": "never"},
    "evaluate": {"fairness": {"attributes": ["sex"], "minimum_n": 10, "tolerance": 0.1}},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run under a contract, and a corpus in which it does not hold."""
    folder = tmp_path_factory.mktemp("fair")
    library.train(told_apart(), project=Project(folder, PROJECT), out=folder / "run")
    write_corpus(told_apart(unfair=True), folder / "unfair.parquet", overwrite=False)
    write_corpus(told_apart(), folder / "fair.parquet", overwrite=False)
    return folder


QUICK = ("--set", "evaluate.resamples=100", "--overwrite")


def test_a_contract_that_fails_is_shown_and_ends_in_status_1(
    bert4text: Callable[..., Any], place: Path
) -> None:
    ended = bert4text("evaluate", place / "run", place / "unfair.parquet", *QUICK)
    assert ended.status == 1
    assert "The fairness contract does not hold. Gaps between groups above 0.10: 1." in ended.out
    assert "M − F" in ended.out
    assert "scorecard:" in ended.out
    assert ended.err.splitlines()[0].startswith("error[fairness-failed]:")
    told = bert4text("evaluate", place / "run", place / "unfair.parquet", *QUICK, "--json")
    assert told.status == 1
    assert json.loads(told.out)["fairness"]["verdict"] == "fails"
    assert told.problem["code"] == "fairness-failed"
    assert "evaluation" not in told.problem


def test_one_that_does_not_fail_lets_it_pass_in_both_languages(
    bert4text: Callable[..., Any], place: Path
) -> None:
    ended = bert4text("evaluate", place / "run", place / "fair.parquet", *QUICK, "--language", "pt-BR")
    assert ended.status == 0, ended.err
    assert "contrato de equidade" in ended.out
    assert "declarado antes do treino" in " ".join(ended.out.split())
    shown = bert4text("evaluate", place / "run", place / "fair.parquet", *QUICK)
    assert "declared before training" in " ".join(shown.out.split())


def test_training_says_what_the_run_will_be_held_to(
    bert4text: Callable[..., Any], place: Path, tmp_path: Path
) -> None:
    words = ("--set", "train.encoder=tfidf", "--set", "audit.fail_on=never", "--project", tmp_path)
    contract = ("--set", 'evaluate.fairness.attributes=["sex"]')
    ended = bert4text("train", place / "fair.parquet", "-o", tmp_path / "b", *words, *contract)
    assert ended.status == 0, ended.err
    assert "fairness contract" in ended.out
    assert "equal opportunity; sex; tolerance 0.05" in ended.out
