"""The commands one after another: a CSV becomes predictions; TF-IDF alone, so that it is quick."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bert4text.cli.main import run
from conftest import DECLARED, make_corpus


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object, status: int = 0) -> Any:
        ended = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert ended == status, captured.err
        return captured

    return command


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A hospital's export: semicolons, Windows-1252, columns of its own."""
    path = tmp_path / "laudos.csv"
    with path.open("w", encoding="cp1252", newline="") as stream:
        rows = csv.writer(stream, delimiter=";")
        rows.writerow(["id", "laudo", "classe", "prontuario"])
        for report in make_corpus(200):
            rows.writerow([report.id, report.text, report.labels[0], report.patient])
    return path


def test_from_a_table_to_predictions(call: Callable[..., Any], table: Path, tmp_path: Path) -> None:
    call("init", "--from", "laudos.csv")
    assert 'source = "laudos.csv"' in (tmp_path / "bert4text.toml").read_text(encoding="utf-8")

    summary = json.loads(call("prepare", "-o", "corpus.parquet", "--json").out)
    assert summary["reports"] > 150
    assert set(summary["splits"]) == {"train", "validation", "calibration", "test"}
    assert summary["patients"] == 100

    call("prepare", "-o", "corpus.parquet", status=8)
    issues = json.loads(call("audit", "corpus.parquet", "--json", "--set", "audit.fail_on=never").out)
    assert issues["corpus"] == summary["fingerprint"]

    call("train", "corpus.parquet", "--encoder", "tfidf", "-o", "runs/a", status=5)
    assert not (tmp_path / "runs" / "a").exists()
    options = ("--encoder", "tfidf", "--set", "audit.fail_on=never", *DECLARED, "-o", "runs/a")
    made = json.loads(call("train", "corpus.parquet", *options, "--json").out)
    assert (made["encoder"], made["delivered"]) == ("tfidf", "tfidf")

    evaluation = json.loads(call("evaluate", "runs/a", "corpus.parquet", "--json").out)
    figures = {(found["system"], found["name"]): found["value"] for found in evaluation["metrics"]}
    assert figures["tfidf", "macro_f1"] > figures["majority", "macro_f1"] + 0.2
    assert evaluation["seen"] == 1
    folder = tmp_path / "runs" / "a" / "evaluations" / "corpus-test"
    assert {"metrics.json", "scorecard.html"} <= {path.name for path in folder.iterdir()}
    call("evaluate", "runs/a", "corpus.parquet", status=8)
    again = json.loads(call("evaluate", "runs/a", "corpus.parquet", "--overwrite", "--json").out)
    assert again["seen"] == 2

    lines = call("predict", "runs/a", "laudos.csv").out.splitlines()
    assert len(lines) == 200
    assert [json.loads(line)["row"] for line in lines] == list(range(1, 201))
    call("predict", "runs/a", "laudos.csv", "-o", "answers.csv")
    with (tmp_path / "answers.csv").open(encoding="utf-8", newline="") as stream:
        answers = list(csv.DictReader(stream))
    assert [answer["label"] for answer in answers] == [json.loads(line)["label"] for line in lines]


def test_the_founding_recipe_is_stopped_at_the_gate(call: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("faker")
    call("synthesize", "founding", "-n", 120, "-o", "founding.parquet")
    issues = json.loads(call("audit", "founding.parquet", "--json", status=1).out)
    assert issues["verdict"] == "blocked"
    assert "stated-label" in {issue["check"] for issue in issues["items"] if issue["severity"] == "error"}
    call("train", "founding.parquet", "--encoder", "tfidf", "-o", "runs/a", status=1)
    assert not (tmp_path / "runs" / "a").exists()


def test_groups_costs_and_an_indeterminate_label(call: Callable[..., Any], tmp_path: Path) -> None:
    settings = (
        '[project]\ntask = "binary"\nindeterminate = "indeterminado"\nlabels = ["benigno", "maligno"]\n'
        '[audit]\nfail_on = "never"\n'
        '[evaluate.management.groups]\nrotina = ["benigno"]\nbiopsia = ["maligno"]\n'
        '"nova coleta" = ["indeterminado"]\n'
        "[evaluate.management.costs]\n"
        'rotina = { biopsia = 50, "nova coleta" = 5 }\nbiopsia = { rotina = 10, "nova coleta" = 8 }\n'
        '"nova coleta" = { rotina = 2, biopsia = 6 }\n'
    )
    (tmp_path / "bert4text.toml").write_text(settings, encoding="utf-8")
    with (tmp_path / "laudos.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "laudo", "classe", "paciente"])
        for place, report in enumerate(make_corpus(400)):
            unclear = place % 6 == 0
            text = f"{report.text} Material escasso, campo {place}." if unclear else report.text
            rows.writerow([report.id, text, "indeterminado" if unclear else report.labels[0], report.patient])
    call("prepare", "laudos.csv", "-o", "corpus.parquet")
    call("train", "corpus.parquet", "--encoder", "tfidf", *DECLARED, "-o", "runs/a")
    shown = call("evaluate", "runs/a", "corpus.parquet", "--language", "pt-BR").out
    assert "custo de 1.000 laudos" in shown
    assert "“indeterminado”" in shown
    place = tmp_path / "runs" / "a" / "evaluations" / "corpus-test"
    found = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
    assert found["indeterminate"] == "indeterminado"
    figures = {(one["system"], one["name"], one["label"]): one for one in found["metrics"]}
    assert (
        figures["tfidf", "determinate_sensitivity", None]["value"]
        == figures["tfidf", "recall", "maligno"]["value"]
    )
    assert (
        figures["tfidf", "lost", None]["n"] + figures["tfidf", "overclaimed", None]["n"] == found["reports"]
    )
    costs = {
        one["system"]: one["value"] for one in found["management"]["metrics"] if one["name"] == "mean_cost"
    }
    assert 0 <= costs["tfidf"] < costs["majority"]
    page = (place / "scorecard.html").read_text(encoding="utf-8")
    assert "nova coleta" in page
    refused = call(
        "evaluate", "runs/a", "corpus.parquet", "--overwrite", "--json",
        "--set", 'evaluate.management.groups.rotina=["benigna"]', status=2,
    )  # fmt: skip
    assert json.loads(refused.err.splitlines()[-1])["code"] == "group-of-unknown-label"
    assert (place / "metrics.json").exists()
    line = call("predict", "runs/a", "laudos.csv").out.splitlines()[0]
    assert json.loads(line)["status"] == "ok"
    assert set(json.loads(line)["probabilities"]) == {"benigno", "maligno", "indeterminado"}
