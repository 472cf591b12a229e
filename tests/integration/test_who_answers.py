"""Encoder and TF-IDF together, from training to a measured, exported and used model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bert4text
from bert4text.core.report import Report
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.models.hybrid import Hybrid
from bert4text.project import Project
from conftest import make_corpus

pytest.importorskip("torch")
TEXTS = ["nódulo oval em mama direita", "nódulo espiculado " * 60, "margens circunscritas lisas"]


@pytest.fixture(scope="module")
def place(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and a run that answers with both."""
    folder = tmp_path_factory.mktemp("together")
    write_corpus(make_corpus(240), folder / "corpus.parquet", overwrite=False)
    train = {
        "encoder": str(_tiny_encoder),
        "epochs": 12,
        "learning_rate": 2e-3,
        "patience": 0,
        "calibration": {"deliver": "hybrid"},
    }
    bert4text.train(folder / "corpus.parquet", project=Project(folder, {"train": train}), out=folder / "run")
    return folder


def test_both_answer_and_the_manifest_says_why(place: Path) -> None:
    run = Classifier.load(place / "run")
    assert run.delivered == "hybrid"
    assert isinstance(run.backend, Hybrid)
    alone = {name: calibrator.probabilities(backend.forward(TEXTS).logits)
             for name, (backend, calibrator) in run.systems().items()}  # fmt: skip
    np.testing.assert_allclose(run.probabilities(TEXTS), alone["hybrid"])
    assert np.abs(alone["hybrid"] - alone["model"]).max() > 1e-3
    found = run.info.manifest.notes["decision"]
    assert set(found["macro_f1"]) == {"model", "tfidf", "hybrid"}
    assert run.predict([Report(id="a", text=TEXTS[0])])[0].label in run.label_space.names


def test_the_scorecard_is_about_both(place: Path) -> None:
    found = bert4text.evaluate(
        place / "run",
        place / "corpus.parquet",
        config={"effort": "quick"},
        html=place / "card.html",
        language="pt-BR",
    )
    assert [system.name for system in found.systems] == ["model", "tfidf", "hybrid", "majority"]
    assert (found.comparisons[0].a, found.comparisons[0].b) == ("hybrid", "tfidf")
    assert found.metric("macro_f1", system="hybrid") is not None
    page = (place / "card.html").read_text(encoding="utf-8")
    assert "BERT e TF-IDF juntos" in page


@pytest.mark.parametrize("delivered", ["tfidf", "model"])
def test_the_evaluation_is_about_what_answers_new_reports(place: Path, delivered: str) -> None:
    run = Classifier.load(place / "run")
    systems = run.systems()
    other = Classifier(
        run.label_space, *systems["model"], baseline=run.baseline, hybrid=run.hybrid, delivered=delivered,
        info=run.info,
    )  # fmt: skip
    page = place / f"{delivered}.html"
    found = bert4text.evaluate(other, place / "corpus.parquet", config={"effort": "quick"}, html=page)
    assert [system.name for system in found.systems if system.delivered] == [delivered]
    led = [(one.a, one.b) for one in found.comparisons if one.metric == "macro_f1"][:3]
    assert {a for a, _ in led} == {delivered}
    name = {"tfidf": "TF-IDF", "model": "BERT"}[delivered]
    said = {"better", "worse", "not-shown-better", "too-few"}
    assert {one.verdict for one in found.comparisons} <= said
    assert f"New reports are answered by {name}" in page.read_text(encoding="utf-8")


def test_an_export_answers_with_both_and_without_pytorch(place: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    made = bert4text.export(
        place / "run", place / "corpus.parquet", out=tmp_path / "onnx", config={"precision": "float32"}
    )
    run = Classifier.load(place / "run")
    assert (made.delivered, made.backend.precision) == ("hybrid", "float32")
    np.testing.assert_allclose(made.probabilities(TEXTS), run.probabilities(TEXTS), atol=1e-5)
    code = (
        "import sys, json; from bert4text.models.classifier import Classifier;"
        f"found = Classifier.load(__import__('pathlib').Path({str(tmp_path / 'onnx')!r}))"
        f".probabilities({TEXTS!r});"
        "heavy = [m for m in ('torch', 'transformers', 'sklearn') if m in sys.modules];"
        "print(json.dumps([found.tolist(), heavy]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answers, heavy = json.loads(ran.stdout)
    np.testing.assert_allclose(answers, made.probabilities(TEXTS), atol=1e-6)
    assert heavy == []
