"""Start a head where features vary about zero: one that learns with noise needs that.

What an encoder gives for two reports differs by little: most of it is common to all. Clipped and noisy
gradients then spend themselves on what all have in common, and nothing is learned (Tramèr & Boneh, 2021,
"Differentially Private Learning Needs Better Features (or Much More Data)"). So the square layer of the
head, which would be drawn by chance, becomes the features less their mean, divided by their spread. The
spread is that of public sentences, the ones of our own model card; the mean is that of the reports, told
with noise, which the budget pays. Measured from the mean of the public sentences it is short, and little
noise hides one patient in it.
"""

from __future__ import annotations

import math
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from bert4text.core.extras import require
from bert4text.models.body import evaluating
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.batches import Examples
from bert4text.training.frozen import FrozenBody
from bert4text.training.head_start import linear_layers, seen, square
from bert4text.training.private import Indices
from bert4text.training.secret import Draws, Floats, normal

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

SHORTEST = 30
"""Letters of a public sentence that is taken."""


class Anchor(NamedTuple):
    """Where features of public sentences lie.

    Attributes:
        mean: float64 [d].
        radius: mean distance of a sentence from it.
    """

    mean: Floats
    radius: float


def first_layer(model: PreTrainedModel, body: FrozenBody) -> Any:
    """The square layer that stands first in a head, or None."""
    with evaluating(model), torch.no_grad():
        layers = linear_layers(model, body)
    return layers[0] if len(layers) > 1 and square(layers[0]) else None


def public_sentences() -> list[str]:
    """Sentences that no patient has anything to do with, in Portuguese and English."""
    cards = files("bert4text.models") / "cards"
    texts = [(cards / f"card.{language}.md").read_text(encoding="utf-8") for language in ("pt-BR", "en")]
    found = [sentence for text in texts for sentence in re.split(r"(?<=[.;:])\s+", text)]
    return [" ".join(sentence.split()) for sentence in found if len(sentence) > SHORTEST]


def anchor_of(layer: Any, backend: TorchBackend) -> Anchor:
    """Where public sentences lie, as a layer sees them; no report is read."""
    rows = backend.rows(public_sentences()).rows
    with evaluating(backend.model), torch.no_grad():
        body = FrozenBody(backend.model, rows, tokens=2048, precision="float32")
        features = seen(layer, body, outputs=False).cpu().numpy().astype(np.float64)
    mean = features.mean(axis=0)
    return Anchor(mean, float(np.linalg.norm(features - mean, axis=1).mean()))


def features_of(
    model: PreTrainedModel, layer: Any, body: FrozenBody, examples: Examples, units: Indices
) -> Floats:
    """What goes into a layer for each patient, float64 [patients, d]: the mean over windows, then reports."""
    with evaluating(model), torch.no_grad():
        rows = seen(layer, body, outputs=False).cpu().numpy().astype(np.float64)
    counts = np.diff(examples.starts)
    report = np.repeat(np.arange(len(examples)), counts)
    return _means(_means(rows, report), units)


def centre(layer: Any, features: Floats, *, anchor: Anchor, noise: float, draws: Draws) -> None:
    """Let a square layer subtract a noisy mean and divide by a public spread, and learn no more.

    Each patient adds the way from the anchor to its features to one sum, shortened to the anchor's radius: a
    Gaussian mechanism.

    Args:
        layer: of weights [d, d].
        features: float64 [patients, d].
        anchor: where they are measured from, and how far away they may count.
        noise: standard deviation of the noise, in norms of what one patient adds.
        draws: where chance comes from.
    """
    n, width = features.shape
    away = features - anchor.mean
    norms = np.linalg.norm(away, axis=1, keepdims=True)
    kept = away * np.minimum(1.0, anchor.radius / np.maximum(norms, 1e-12))
    told = kept.sum(axis=0) + noise * anchor.radius * normal(draws, width)
    mean, spread = anchor.mean + told / n, max(anchor.radius, 1e-6) / math.sqrt(width)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(width) / spread)
        layer.bias.copy_(torch.from_numpy(-mean / spread))
    layer.requires_grad_(requires_grad=False)


def _means(values: Floats, index: Indices) -> Floats:
    count = int(index.max()) + 1
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, index, values)
    found: Floats = sums / np.bincount(index, minlength=count)[:, None]
    return found
