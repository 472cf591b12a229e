"""A question of each side, from a table with two labels to the answers for new reports."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import bert4text
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.data.read_corpus import read_corpus
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from conftest import POLICY

SIDES = {"direita": "birads_d", "esquerda": "birads_e"}
FOUND = {
    "benigno": ["cisto simples", "nódulo oval circunscrito", "calcificações grosseiras"],
    "suspeito": ["nódulo espiculado", "calcificações pleomórficas", "distorção arquitetural"],
}


def write_table(path: Path, n: int, *, seed: int = 1) -> list[tuple[str, str]]:
    """Reports whose sides are drawn apart, and the label of each."""
    random = rng(seed, "test.sides")
    truth = []
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "texto", "paciente", *SIDES.values()])
        for i in range(n):
            labels = [str(random.choice(list(FOUND))) for _ in SIDES]
            said = [
                f"Mama {side}: {random.choice(FOUND[label])} de {random.integers(3, 30)} mm."
                for side, label in zip(SIDES, labels, strict=True)
            ]
            writer.writerow([f"E{i}", " ".join([*said, "Axilas livres."]), f"P{i}", *labels])
            truth.append((labels[0], labels[1]))
    return truth


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sides")
    write_table(folder / "laudos.csv", 240)
    project = Project(folder, {"prepare": {"sides": SIDES}, "train": {"encoder": "tfidf"}, "policy": POLICY})
    bert4text.prepare(folder / "laudos.csv", project=project, out=folder / "c.parquet")
    bert4text.train(folder / "c.parquet", project=project, out=folder / "run")
    return folder


def test_each_side_of_a_new_report_is_answered(place: Path, tmp_path: Path) -> None:
    truth = write_table(tmp_path / "novos.csv", 50, seed=2)
    counts = bert4text.predict(place / "run", tmp_path / "novos.csv", out=tmp_path / "p.parquet")
    answered = pq.read_table(tmp_path / "p.parquet").to_pylist()
    assert counts.rows == len(answered) == 100
    assert [(one["id"], one["row"], one["side"]) for one in answered[:3]] == [
        ("E0", 1, "direita"),
        ("E0", 1, "esquerda"),
        ("E1", 2, "direita"),
    ]
    right = sum(
        one["label"] == label
        for one, label in zip(answered, [x for pair in truth for x in pair], strict=True)
    )
    assert right >= 95  # the whole report would give every second one away
    assert len({one["key"] for one in answered}) == 100


def test_every_kind_of_source_gives_the_same(place: Path, tmp_path: Path) -> None:
    write_table(tmp_path / "novos.csv", 6, seed=3)
    with (tmp_path / "novos.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    of_table = bert4text.predict(place / "run", tmp_path / "novos.csv")
    of_reports = bert4text.predict(place / "run", [Report(id=row["id"], text=row["texto"]) for row in rows])
    of_texts = bert4text.predict(place / "run", [row["texto"] for row in rows])
    assert of_table == of_reports
    assert [(one.row, one.side, one.label) for one in of_texts] == [
        (one.row, one.side, one.label) for one in of_table
    ]
    assert "side='direita'" in repr(of_table[0])
    for name in ("p.jsonl", "p.csv"):
        bert4text.predict(place / "run", tmp_path / "novos.csv", out=tmp_path / name)
    first = json.loads((tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()[1])
    assert (first["id"], first["side"]) == ("E0", "esquerda")
    with (tmp_path / "p.csv").open(encoding="utf-8") as stream:
        assert [row["side"] for row in csv.DictReader(stream)] == ["direita", "esquerda"] * 6


def test_new_reports_are_read_as_those_learned_from(place: Path) -> None:
    learned = bert4text.predict(place / "run", read_corpus(place / "c.parquet"))
    asked = {f"{one.id}#{one.side}": one for one in bert4text.predict(place / "run", place / "laudos.csv")}
    assert len(learned) > 100
    for one in learned:
        assert asked[one.id].probabilities == pytest.approx(one.probabilities, abs=1e-12)
        assert asked[one.id].side == one.side


def test_a_row_without_a_text_fails_for_both_sides(place: Path, tmp_path: Path) -> None:
    (tmp_path / "vazio.csv").write_text("id,texto\na,\nb,Mama direita: cisto simples.\n", encoding="utf-8")
    found = bert4text.predict(place / "run", tmp_path / "vazio.csv")
    assert [(one.id, one.side, one.status, one.reason) for one in found] == [
        ("a", "direita", "failed", "no-text"),
        ("a", "esquerda", "failed", "no-text"),
        ("b", "direita", "ok", None),
        ("b", "esquerda", "failed", "no-text"),
    ]


def test_an_evaluation_may_tell_the_sides_apart(place: Path) -> None:
    config = {"effort": "quick", "subgroups": ["side"], "minimum_subgroup": 10}
    found = bert4text.evaluate(place / "run", place / "c.parquet", config=config, out=place / "e")
    groups = {metric.group for metric in found.metrics if metric.group is not None}
    assert groups == {"side=direita", "side=esquerda"}
    kept = pq.read_table(place / "e" / "predictions.parquet").to_pylist()
    assert {one["side"] for one in kept} == set(SIDES)
    assert found.patients < found.reports  # of sides that say the same one is kept


def test_what_an_audit_mends_is_still_asked_of_each_side(place: Path, tmp_path: Path) -> None:
    remedies = {"prepare": {"sentences": {"drop": ["axilas"]}}}
    bert4text.audit(place / "c.parquet", apply=remedies, out=tmp_path / "m.parquet")
    bert4text.train(
        tmp_path / "m.parquet",
        project=Project(tmp_path, {"train": {"encoder": "tfidf"}, "policy": POLICY}),
        out=tmp_path / "run",
    )
    reading = Classifier.load(tmp_path / "run").info.manifest.notes["reading"]
    assert (reading["sides"], reading["sentences"]) == (SIDES, {"drop": ["axilas"]})
    assert len(bert4text.predict(tmp_path / "run", ["Mama direita: cisto. Mama esquerda: nódulo oval."])) == 2
