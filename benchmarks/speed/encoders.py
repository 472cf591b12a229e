"""Encoders that are measured: their shape, and what a report costs by it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bert4text.models.embedded import embedded_folder

BASE = {
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
}
"""BERT base, whose weights are drawn by chance: speed does not ask what they say."""


@dataclass(frozen=True)
class Shape:
    """Layers, width and inner width of an encoder."""

    layers: int
    width: int
    inner: int

    def gflop(self, tokens: Sequence[int]) -> float:
        """Billions of operations that texts of these lengths need, padding not counted."""
        linear = sum(tokens) * self.layers * (4 * self.width**2 + 2 * self.width * self.inner)
        attention = sum(length**2 for length in tokens) * self.layers * 2 * self.width
        return 2 * (linear + attention) / 1e9

    def products(self, rows: int) -> list[tuple[int, int, int]]:
        """The matrix products of a layer for so many tokens: rows, depth, columns."""
        sizes = ((self.width, self.width), (self.width, self.inner), (self.inner, self.width))
        return [(rows, depth, columns) for depth, columns in sizes]


@dataclass(frozen=True)
class Encoder:
    """An encoder to measure.

    Attributes:
        name: as it stands in the names of cases.
        tokenizer: the file of its tokenizer.
        shape: of its layers; None where its configuration does not tell.
        window: tokens it reads at once.
        run: the folder of a trained run; None is an encoder with a head made here.
        budget: tokens of a round.
    """

    name: str
    tokenizer: Path
    shape: Shape | None
    window: int = 512
    run: Path | None = None
    budget: int = 16_384


def encoder(name: str) -> Encoder:
    """``minilm``, or ``base`` with weights drawn by chance."""
    folder = embedded_folder("minilm")
    if name == "minilm":
        return Encoder(name, folder / "tokenizer.json", _shape(folder))
    shape = Shape(BASE["num_hidden_layers"], BASE["hidden_size"], BASE["intermediate_size"])
    return Encoder(name, folder / "tokenizer.json", shape, budget=4096)


def encoder_of(run: Path) -> Encoder:
    """The encoder of a trained run."""
    window = int(json.loads((run / "bundle.json").read_text(encoding="utf-8"))["window"])
    return Encoder("run", run / "tokenizer.json", _shape(run), window=window, run=run)


def _shape(folder: Path) -> Shape | None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = ("num_hidden_layers", "hidden_size", "intermediate_size")
    return Shape(*(int(config[name]) for name in names)) if all(name in config for name in names) else None
