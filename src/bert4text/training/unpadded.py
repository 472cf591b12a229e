"""Logits of rows laid end to end while training: no token of padding is computed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.models.first_token import first_token
from bert4text.models.packing import Packed
from bert4text.models.unpadded import Unpadded, unpadded
from bert4text.training.config import TrainConfig

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Indices = npt.NDArray[np.int64]

COMPILED_FROM = 5_000
"""Steps from which a body is compiled.

By reckoning, not by measurement: a body of twelve layers takes about half a minute to compile, once to learn
and once to validate, and a step saves some ten milliseconds, in which the processor starts small kernels one
by one. Fewer steps would not pay it back.
"""

_TRIED = 2
_log = logging.getLogger(__name__)


class UnpaddedModel:
    """Token ids through the whole model, a part of a step as one row.

    Args:
        model: the classifier, as ``learned_unpadded`` gave it.
        rows: token ids of every row.
        embeds: whether embeddings are wanted too.
    """

    padded = False

    def __init__(self, model: Unpadded, rows: Sequence[list[int]], *, embeds: bool = False) -> None:
        self.model = model
        self.rows = [np.array(row, dtype=np.int64) for row in rows]
        self.first = embeds and first_token(model.model).part is not None

    def logits(self, rows: Indices) -> torch.Tensor:
        """Logits [rows, k] of some rows."""
        together, hidden = self._hidden(rows)
        return self.model.logits(hidden, together)

    def answers(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [rows, k] and embeddings [rows, d] of some rows, where these were wanted."""
        together, hidden = self._hidden(rows)
        embedding = self.model.first_tokens if self.first else self.model.means
        return self.model.logits(hidden, together), embedding(hidden, together).float()

    def _hidden(self, rows: Indices) -> tuple[Packed, torch.Tensor]:
        chosen = [self.rows[row] for row in rows]
        lengths = np.array([len(row) for row in chosen], dtype=np.int64)
        together = self.model.packed(np.concatenate(chosen), lengths)
        return together, self.model.hidden(together)


def learned_unpadded(model: PreTrainedModel, config: TrainConfig) -> Unpadded | None:
    """A model that learns without padding, or None where it has to be padded.

    It learns so on a GPU, in bfloat16, when all weights learn and attention drops nothing: torch's attention
    for rows of different lengths is made for these alone.

    Args:
        model: adapted, its dropout set.
        config: resolved settings.
    """
    fits = (
        on_gpu(model)
        and config.precision == "bfloat16"
        and config.adaptation == "full"
        and config.dropout.attention == 0
    )
    return unpadded(model, precision=config.precision, learns=True) if fits else None


def on_gpu(model: PreTrainedModel) -> bool:
    """Whether a model is on a GPU that CUDA drives."""
    return model.device.type == "cuda"


def compile_body(model: Unpadded, rows: Sequence[list[int]], *, steps: int) -> bool:
    """Compile the body of a model where the training to come pays it back; whether it was done.

    Batches of two sizes are computed forwards and backwards first; where that fails, training goes on
    without.

    Args:
        model: its ``body`` is exchanged; the classifier itself is not changed.
        rows: token ids of every row.
        steps: of the training to come.
    """
    if steps < COMPILED_FROM or not on_gpu(model.model):
        return False
    own = model.body
    compiling: Any = torch.compile
    try:
        model.body = compiling(own, dynamic=True)
        _try(model, rows)
    except Exception as error:  # a compiler that is missing or fails does so in many ways
        _log.warning("training goes on without compiling (%s)", type(error).__name__)
        model.body = own
    return model.body is not own


def _try(model: Unpadded, rows: Sequence[list[int]]) -> None:
    """Learn nothing from a few rows, so that what fails does so here."""
    classifier = model.model
    before = classifier.training
    source = UnpaddedModel(model, rows)
    device = classifier.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        classifier.train()
        try:
            for count in (_TRIED, 2 * _TRIED):
                loss = source.logits(np.arange(min(count, len(rows)), dtype=np.int64)).sum()
                torch.autograd.backward(loss)
        finally:
            classifier.zero_grad(set_to_none=True)
            classifier.train(mode=before)
