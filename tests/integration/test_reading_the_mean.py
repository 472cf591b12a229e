"""An encoder read by the mean of its tokens learns, is saved, opened by transformers, exported, explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.models.classifier import Classifier
from bert4text.models.sources import locate
from bert4text.project import Project
from conftest import make_corpus

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = ["nódulo oval em mama direita", "nódulo espiculado " * 50, "margens circunscritas lisas"]


def trained(encoder: Path, folder: Path, **settings: Any) -> tuple[Classifier, Project]:
    asked = {
        "encoder": str(encoder),
        "epochs": 2,
        "learning_rate": 3e-3,
        "adapt": {"reads": "mean", "layers": 2},
        "calibration": {"deliver": "model"},
        **settings,
    }
    project = Project(folder, {"train": asked, "audit": {"fail_on": "never"}})
    return bert4text.train(make_corpus(240), project=project, out=folder / "run"), project


@pytest.mark.parametrize("adaptation", ["full", "layers", "head"])
def test_it_learns_is_saved_and_opens_in_plain_transformers(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaptation: str
) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything
    made, _ = trained(tiny_encoder, tmp_path, adaptation=adaptation)
    opened = Classifier.load(tmp_path / "run")
    assert opened.info.encoder is not None
    assert opened.info.encoder.reads == "mean"
    assert "reads of a window | mean |" in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    np.testing.assert_allclose(opened.probabilities(TEXTS), made.probabilities(TEXTS), atol=1e-5)
    before = transformers.AutoConfig.from_pretrained(tiny_encoder).num_hidden_layers
    plain = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "run").eval()
    assert plain.config.num_hidden_layers == before + 1
    backend: Any = opened.backend
    ids = backend.tokenizer.encode(TEXTS[0]).ids
    with torch.no_grad():
        logits = plain(input_ids=torch.tensor([ids])).logits.numpy()
    np.testing.assert_allclose(backend.forward(TEXTS[:1]).logits, logits, atol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_layer_that_has_not_learned_is_exported_too(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    pytest.importorskip("onnxscript")
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)
    made, project = trained(tiny_encoder, tmp_path, adaptation="head")
    exported = bert4text.export(
        tmp_path / "run",
        make_corpus(240),
        out=tmp_path / "export",
        config={"precision": precision},
        project=project,
    )
    atol = 1e-4 if precision == "float32" else 0.05
    np.testing.assert_allclose(exported.probabilities(TEXTS), made.probabilities(TEXTS), atol=atol)


def test_its_words_are_weighed_as_those_of_any_other_run(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)
    made, _ = trained(tiny_encoder, tmp_path)
    (found,) = bert4text.explain(made, [TEXTS[0]])
    weighed = [TEXTS[0][one.start : one.end] for one in found.of("word")]
    assert weighed == TEXTS[0].split()
    assert any(one.value for one in found.of("word"))


def test_hidden_words_are_learned_by_the_encoder_alone_and_the_mean_is_remembered(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    origin = tiny_encoder / "encoder.json"
    origin.write_text('{"format": "encoder/1", "name": "own", "reads": "mean"}', encoding="utf-8")
    project = Project(tmp_path, {"pretrain": {"encoder": str(tiny_encoder), "epochs": 1, "window": 32}})
    bert4text.pretrain(make_corpus(240), project=project, out=tmp_path / "encoder")
    depths = [
        transformers.AutoConfig.from_pretrained(folder).num_hidden_layers
        for folder in (tiny_encoder, tmp_path / "encoder")
    ]
    assert depths[0] == depths[1]
    assert locate(str(tmp_path / "encoder")).reads == "mean"
