"""One report as an encoder reads it, its tokens moved from a baseline to themselves; and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.models.reading import piece
from bert4text.models.token_batches import pad
from bert4text.models.tokenizer import ROLES, positions
from bert4text.models.torch_backend import TorchBackend
from bert4text.models.windows import WindowWeights, places

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Baseline = Literal["pad", "mask"]
Stretch = tuple[int, int]

TOKENS = 1024
"""Tokens whose gradients are computed at once: what a small encoder keeps of them is about 0.3 GB."""
TINY = 1e-6
"""As of ``WindowWeights.shares``."""


class Heads(NamedTuple):
    """What a score is made of at n places of the way.

    Attributes:
        logits: [n, windows, k].
        embeddings: [n, windows, d].
    """

    logits: torch.Tensor
    embeddings: torch.Tensor


class ReadReport:
    """A report as one encoder reads it, each token of its text between a baseline and itself.

    Special tokens, positions and whatever else an encoder adds to its tokens stay as they are.

    Args:
        backend: the encoder.
        text: the report.
        baseline: the token of which every token of the text has the embedding at the start of the way.

    Attributes:
        stretches: where the tokens of all windows stand in the text; where windows overlap, one has several.

    Raises:
        ConfigError: a long report is read by its sections, which stand in another order, or the encoder has
            no such token.
    """

    def __init__(self, backend: TorchBackend, text: str, *, baseline: Baseline) -> None:
        self.backend = backend
        windows, rows, stretches = windows_of(backend, text)
        device = backend.model.device
        ids, mask = pad(rows, padding=backend.padding)
        self.ids, self.mask = torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)
        inside = np.zeros(ids.shape, dtype=bool)
        first = len(backend.template.prefix)
        for row, window in enumerate(windows):
            inside[row, first : first + len(window)] = True
        self.inside = torch.from_numpy(inside).to(device)
        self.stretches = [stretches[place] for window in windows for place in window]
        with torch.no_grad():
            self.there = self._embedded(self.ids)
            start = self._embedded(torch.full_like(self.ids, _baseline(backend, baseline)))
            self.start = torch.where(self.inside[:, :, None], start, self.there)

    @property
    def tokens(self) -> int:
        """Tokens that the encoder reads of the report, padding included."""
        return int(self.ids.numel())

    def heads(self, alphas: Sequence[float], *, part: slice = slice(None)) -> tuple[Heads, torch.Tensor]:
        """What the head gives at some places of the way, and the embeddings there that it comes from.

        Args:
            alphas: places, from 0 (the baseline) to 1 (the report).
            part: of the windows.
        """
        ids, mask, start = self.ids[part], self.mask[part], self.start[part]
        way = torch.tensor(alphas, dtype=start.dtype, device=start.device)[:, None, None, None]
        embedded = (start + way * (self.there[part] - start)).flatten(0, 1).requires_grad_()
        handle = self._table.register_forward_hook(lambda *_: embedded)
        try:
            logits, embeddings = self.backend.padded(
                ids.repeat(len(alphas), 1), mask.repeat(len(alphas), 1), precision="float32"
            )
        finally:
            handle.remove()
        shape = (len(alphas), len(ids), -1)
        return Heads(logits.reshape(shape), embeddings.reshape(shape)), embedded

    def along(self, gradients: torch.Tensor, *, part: slice = slice(None)) -> torch.Tensor:
        """How fast a score changes along the way by each token of the text, [n, tokens of the text].

        Args:
            gradients: of the score by the embeddings that ``heads`` gave.
            part: of the windows, as they were given there.
        """
        moved = self.there[part] - self.start[part]
        found: torch.Tensor = (gradients.reshape(-1, *moved.shape) * moved).sum(dim=-1)
        return found[:, self.inside[part]]

    def pooled(self, heads: Heads) -> torch.Tensor:
        """The logits of the whole report, float64 [n, k]."""
        logits, how = heads.logits.double(), self.backend.pooling
        if how == "max":
            return logits.amax(dim=1)
        if how == "learned" and self.backend.weights is not None:
            return (logits * _shares(self.backend.weights, heads.embeddings)[:, :, None]).sum(dim=1)
        return logits.mean(dim=1)

    @property
    def _table(self) -> Any:
        return self.backend.model.get_input_embeddings()

    def _embedded(self, ids: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self._table(ids)
        return found


def windows_of(backend: TorchBackend, text: str) -> tuple[list[list[int]], list[list[int]], list[Stretch]]:
    """Places of the tokens in each window, the windows as ids, and where the tokens stand in the text.

    Args:
        backend: the encoder.
        text: the report.

    Raises:
        ConfigError: a long report is read by its sections, which stand in another order.
    """
    ids, stretches = positions(backend.tokenizer, text)
    if backend.reading.read == "sections" and len(ids) > backend.content:
        raise ConfigError(
            "this report is longer than a window and is read by its sections, in another order than its own",
            hint="--method occlusion explains it",
            code="other-method",
        )
    read = piece(
        text,
        range(len(ids)),
        backend.reading,
        window=backend.content,
        stride=backend.stride,
        head=backend.head,
        token_ids=lambda _: [],
    )
    rows = [backend.template.wrap([ids[place] for place in window]) for window in read.windows]
    return read.windows, rows, stretches


def _baseline(backend: TorchBackend, name: Baseline) -> int:
    if name == "pad":
        return backend.padding
    found = (backend.tokenizer.token_to_id(token) for token in ROLES["mask_token"])
    for token in found:
        if token is not None:
            return int(token)
    raise ConfigError(
        "the encoder of this model has no mask token to begin with",
        hint='[explain.gradients] baseline = "pad"',
        code="no-baseline",
    )


def _shares(weights: WindowWeights, embeddings: torch.Tensor) -> torch.Tensor:
    """The shares of windows [n, windows], as ``WindowWeights.shares`` gives those of one report."""
    count = embeddings.shape[1]
    centred = embeddings.double() - embeddings.double().mean(dim=-1, keepdim=True)
    lengths = ((centred**2).sum(dim=-1, keepdim=True) + TINY).sqrt()
    query = torch.from_numpy(weights.query).to(centred)
    stands = torch.from_numpy(places(np.array([count])) @ weights.place).to(centred)
    return torch.softmax((centred / lengths) @ query + stands, dim=-1)
