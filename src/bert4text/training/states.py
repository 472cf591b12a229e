"""Hidden states of a model that learns, beside its logits, so that an objective may compare them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core import seeds
from bert4text.core.extras import require
from bert4text.models.body import hidden_states, mean_states
from bert4text.models.first_token import first_token
from bert4text.training.frozen import Indices, Source

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

PROJECTION = "bert4text_projection"
"""Name of the weights that a model carries while it learns from wider or narrower states."""


class StatesBeside:
    """Logits of a source; in the columns after them the states of some layers and of the encoder's end.

    The states of a row are read as the head reads the last ones: the first token where it reads this alone,
    else the mean of all tokens.

    Args:
        source: gives the logits.
        model: whose states they are; with a projection (``project``) where there is one.
        rows: token ids of every row.
        places: of the layers, in their order.
    """

    def __init__(
        self, source: Source, model: PreTrainedModel, rows: Sequence[list[int]], *, places: Sequence[int]
    ) -> None:
        self.source = source
        self.padded = source.padded
        self.model = model
        self.places = tuple(places)
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.first_only = first_token(model).part is not None

    def logits(self, rows: Indices) -> torch.Tensor:
        """Logits and states [rows, k + states x d] of some rows."""
        with hidden_states(self.model, self.places) as seen:
            logits = self.source.logits(rows)
        lengths = self.lengths[rows]
        read = [self._read(states, lengths) for states in seen]
        projection = getattr(self.model, PROJECTION, None)
        if projection is not None:
            read = [projection(states) for states in read]
        return torch.cat([logits, *read], dim=1)

    def _read(self, states: torch.Tensor, lengths: Indices) -> torch.Tensor:
        if not self.padded:
            each = list(torch.split(states[0], lengths.tolist()))
            states = torch.nn.utils.rnn.pad_sequence(each, batch_first=True)
        if self.first_only:
            return states[:, 0].float()
        mask = np.arange(states.shape[1])[None, :] < lengths[:, None]
        return mean_states(states, torch.from_numpy(mask).to(states.device))


def project(model: PreTrainedModel, *, width: int, seed: int) -> None:
    """Give a model weights that bring its states to another width, drawn by the seed.

    One linear map serves all layers, as in TinyBERT (Jiao et al., 2020, "TinyBERT: Distilling BERT for
    Natural Language Understanding").

    Args:
        model: it is changed; ``release`` takes the weights away again.
        width: of the states that it is to be compared with; nothing is done where it is its own.
        seed: the one seed.
    """
    own = int(model.config.hidden_size)
    if own == width:
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.integer(seed, "training.distill.projection"))
        made = torch.nn.Linear(own, width)
    model.add_module(PROJECTION, made.to(model.device))


def release(model: PreTrainedModel) -> None:
    """Take the projection away, where there is one."""
    if hasattr(model, PROJECTION):
        delattr(model, PROJECTION)
