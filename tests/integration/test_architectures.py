"""Every architecture of the catalog, tiny and random: it learns, is saved, opened, answers, is exported."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from conftest import make_corpus

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

USUAL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 66,
}
KINDS: dict[str, dict[str, Any]] = {
    "bert": USUAL,
    "roberta": {**USUAL, "type_vocab_size": 1},
    "xlm-roberta": {**USUAL, "type_vocab_size": 1},
    "distilbert": {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 66},
    "deberta-v2": {
        **USUAL,
        "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
        "position_buckets": 16,
    },
    "modernbert": {
        **USUAL,
        "cls_token_id": 2,
        "sep_token_id": 3,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "local_attention": 16,
    },
}
"""Kind of transformers -> its sizes; LaBSE, e5, BERTimbau and BioBERT are BERT, Albertina is DeBERTa,
moBERTo and mmBERT are ModernBERT."""

TEXTS = ["nódulo oval em mama direita", "nódulo espiculado " * 50, "margens circunscritas lisas"]


@pytest.fixture(params=list(KINDS))
def encoder(request: pytest.FixtureRequest, _tiny_encoder: Path, tmp_path: Path) -> Path:
    """The tiny encoder's tokenizer before a body of another kind."""
    folder = tmp_path / "encoder"
    shutil.copytree(_tiny_encoder, folder)
    pieces = len(transformers.AutoTokenizer.from_pretrained(folder))
    config = transformers.AutoConfig.for_model(
        request.param, vocab_size=pieces, pad_token_id=0, **KINDS[request.param]
    )
    torch.manual_seed(1)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("adaptation", ["full", "lora"])
def test_it_learns_is_saved_opened_and_answers_alike(
    encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adaptation: str
) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything
    if adaptation == "lora":
        pytest.importorskip("peft")
    corpus = make_corpus(240)
    settings = {
        "encoder": str(encoder),
        "adaptation": adaptation,
        "epochs": 2,
        "learning_rate": 3e-3,
        "calibration": {"deliver": "model"},
        "optimizer": {"layer_decay": 0.9},
    }
    project = Project(tmp_path, {"train": settings, "audit": {"fail_on": "never"}})
    made = bert4text.train(corpus, project=project, out=tmp_path / "run")
    opened = Classifier.load(tmp_path / "run")
    assert not list((tmp_path / "run").glob("*adapter*"))
    wanted = made.probabilities(TEXTS)
    np.testing.assert_allclose(opened.probabilities(TEXTS), wanted, atol=1e-5)
    plain = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path / "run")
    assert tuple(plain.config.id2label.values()) == corpus.label_space.names
    if adaptation == "lora":
        return
    pytest.importorskip("onnxscript")
    config = {"precision": "float32"}
    exported = bert4text.export(
        tmp_path / "run", corpus, out=tmp_path / "onnx", config=config, project=project
    )
    np.testing.assert_allclose(exported.probabilities(TEXTS), wanted, atol=1e-4)
