"""Every kind of encoder gives the same answers when it is exported, whatever stands beside a report."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

import torch
import transformers

from bert4text.core.errors import ModelError
from bert4text.inference.onnx_graph import onnx_backend
from bert4text.models.onnx_backend import OnnxBackend
from bert4text.models.tokenizer import open_tokenizer
from bert4text.models.torch_backend import TorchBackend

SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
    "max_position_embeddings": 70,
}  # fmt: skip
DISTIL = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 70}
RELATIVE = {
    "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8, "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
}  # fmt: skip
LOCAL = {
    "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": None, "eos_token_id": None,
    "global_attn_every_n_layers": 2, "local_attention": 16,
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "BertConfig": SMALL,
    "RobertaConfig": {**SMALL, "pad_token_id": 0},
    "XLMRobertaConfig": {**SMALL, "pad_token_id": 0},
    "DistilBertConfig": DISTIL,
    "ElectraConfig": {**SMALL, "embedding_size": 32},
    "MPNetConfig": {**SMALL, "pad_token_id": 0},
    "DebertaV2Config": {**SMALL, **RELATIVE},
    "ModernBertConfig": {**SMALL, **LOCAL},
}
TEXTS = ["nódulo oval em mama direita", "", "a", "nódulo espiculado " * 40]


def made(kind: str, encoder: Path) -> TorchBackend:
    tokenizer = open_tokenizer(encoder / "tokenizer.json")
    config = getattr(transformers, kind)(vocab_size=tokenizer.get_vocab_size(), num_labels=3, **KINDS[kind])
    torch.manual_seed(3)
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    for parameter in model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.2)
    return TorchBackend(model.eval(), tokenizer, window=64)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_encoder(kind: str, tiny_encoder: Path, tmp_path: Path) -> None:
    run = made(kind, tiny_encoder)
    export = onnx_backend(run, tmp_path, precision="float32")
    before, after = run.forward(TEXTS), export.forward(TEXTS)
    assert np.abs(before.logits).max() > 0.05
    np.testing.assert_allclose(after.logits, before.logits, atol=2e-4)
    np.testing.assert_allclose(after.embedding, before.embedding, atol=2e-4)
    alone = np.concatenate([export.forward([text]).logits for text in TEXTS])
    np.testing.assert_allclose(alone, after.logits, atol=1e-5)


def test_eight_bits_do_not_depend_on_the_batch_and_the_log_stays_as_it_was(
    tiny_encoder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.root.manager.disable)
    run = made("BertConfig", tiny_encoder)
    export = onnx_backend(run, tmp_path, precision="int8")
    assert (root.level, list(root.handlers), logging.root.manager.disable) == before
    assert capfd.readouterr() == ("", "")
    alone = np.concatenate([export.forward([text]).logits for text in TEXTS])
    np.testing.assert_allclose(alone, export.forward(TEXTS).logits, atol=1e-6)
    assert 1e-6 < np.abs(export.forward(TEXTS).logits - run.forward(TEXTS).logits).max() < 0.5


def test_what_cannot_be_traced_is_told_apart_from_what_cannot_be_written(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def save(self, path: str, *, external_data: bool) -> None:
            raise OSError(28, "No space left on device")

    def fails(*arguments: object, **options: object) -> None:
        raise RuntimeError("nódulo")

    run = made("BertConfig", tiny_encoder)
    monkeypatch.setattr(torch.onnx, "export", lambda *arguments, **options: Full())
    with pytest.raises(OSError, match="No space"):
        onnx_backend(run, tmp_path, precision="float32")
    monkeypatch.setattr(torch.onnx, "export", fails)
    with pytest.raises(ModelError) as caught:
        onnx_backend(run, tmp_path, precision="float32")
    assert caught.value.error_code == "not-exportable"
    assert "nódulo" not in repr((caught.value, caught.value.__context__))


def test_a_graph_of_others_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    tokenizer = open_tokenizer(tiny_encoder / "tokenizer.json")
    with pytest.raises(ModelError, match="exported encoder"):
        OnnxBackend(tmp_path / "model.onnx", tokenizer, window=64)
