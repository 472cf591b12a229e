"""Encoders that fail, or whose answer depends on the reports beside, are found before anything learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from bert4text.models.hub import load_encoder  # noqa: E402
from bert4text.models.probe import check_answers, works_in_bfloat16  # noqa: E402
from bert4text.models.torch_backend import TorchBackend  # noqa: E402

LABELS = LabelSpace(task="binary", names=("benigno", "maligno"))
TINY: dict[str, Any] = {
    "vocab_size": 220,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
XLNET = {"vocab_size": 220, "d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64, "pad_token_id": 0}
FUNNEL = {
    "vocab_size": 220,
    "architectures": ["FunnelModel"],
    "block_sizes": [1, 1],
    "block_repeats": [1, 1],
    "d_model": 32,
    "n_head": 2,
    "d_head": 16,
    "d_inner": 64,
}


def opened(folder: Path, family: str, window: int | None = None, **settings: Any) -> TorchBackend:
    config = transformers.AutoConfig.for_model(family, **settings)
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    encoder = load_encoder(str(folder), labels=LABELS, seed=7)
    return TorchBackend(encoder.model, encoder.tokenizer, window=window or encoder.info.window)


@pytest.mark.parametrize("family", ["bert", "deberta-v2", "modernbert"])
def test_encoders_that_ignore_padding_pass(tiny_encoder: Path, family: str) -> None:
    backend = opened(tiny_encoder, family, **TINY)
    check_answers(backend, name="tiny")
    assert works_in_bfloat16(backend)


@pytest.mark.parametrize(
    ("family", "settings"),
    [("fnet", TINY), ("xlnet", XLNET), ("convbert", {**TINY, "embedding_size": 32})],
)
def test_an_encoder_that_does_not_ignore_padding_is_refused(
    tiny_encoder: Path, family: str, settings: dict[str, Any]
) -> None:
    with pytest.raises(ModelError, match="tiny does not ignore padding") as raised:
        check_answers(opened(tiny_encoder, family, **settings), name="tiny")
    assert raised.value.error_code == "padding-not-ignored"


def test_an_encoder_that_fails_is_refused_without_the_foreign_error(tiny_encoder: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny fails on a text \(RuntimeError\)") as raised:
        check_answers(opened(tiny_encoder, "funnel", **FUNNEL), name="tiny")
    assert raised.value.error_code == "bad-encoder"
    assert raised.value.__cause__ is None


def test_the_last_place_of_a_window_is_tried(tiny_encoder: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny fails on a text"):
        check_answers(opened(tiny_encoder, "bert", window=65, **TINY), name="tiny")


def test_a_model_written_for_float32_is_found(tiny_encoder: Path) -> None:
    backend = opened(tiny_encoder, "deberta", **TINY)
    check_answers(backend, name="tiny")
    assert not works_in_bfloat16(backend)
