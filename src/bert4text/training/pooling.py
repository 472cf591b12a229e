"""Learn how much each window of a report counts, while its logits are learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.extras import require
from bert4text.models.windows import PLACES, TINY, WindowWeights, places
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import AnswerSource, Indices

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

LEARNING_RATE = 1e-2
"""Highest learning rate of the weights: they are few, begin at zero, and stand above all that is learned."""


class WindowAttention(torch.nn.Module):
    """The weights of ``WindowWeights`` while they learn; at first all windows count alike.

    Args:
        width: d, of an embedding.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = torch.nn.Parameter(torch.zeros(width))
        self.place = torch.nn.Parameter(torch.zeros(PLACES))

    def forward(self, embeddings: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
        """Scores [windows] of embeddings [windows, d] that stand somewhere [windows, ``PLACES``]."""
        centred = embeddings.float() - embeddings.float().mean(dim=1, keepdim=True)
        directions = centred / (centred.square().sum(dim=1, keepdim=True) + TINY).sqrt()
        return directions @ self.query + where @ self.place

    def weights(self) -> WindowWeights:
        """The weights as they are now."""
        query, place = (value.detach().cpu().numpy().copy() for value in (self.query, self.place))
        return WindowWeights(query, place)


def learned_weights(
    model: PreTrainedModel, optimizer: torch.optim.Optimizer, config: TrainConfig
) -> WindowAttention | None:
    """Weights of windows, given to the optimizer with a rate of their own; None where pooling has none."""
    if config.windows.pooling != "learned":
        return None
    attention = WindowAttention(int(model.config.hidden_size)).to(model.device)
    factor = LEARNING_RATE / (config.learning_rate or LEARNING_RATE)
    optimizer.add_param_group({"params": list(attention.parameters()), "weight_decay": 0.0, "factor": factor})
    return attention


class LearnedPooling:
    """Logits of reports from those of their windows.

    Args:
        attention: what learns.
        source: gives logits and embeddings of windows.
        starts: int64 [n + 1]; the windows of report i are the rows from ``starts[i]`` to ``starts[i + 1]``.
    """

    def __init__(self, attention: WindowAttention, source: AnswerSource, starts: Indices) -> None:
        self.attention = attention
        self.source = source
        self.where = torch.from_numpy(places(np.diff(starts)))

    def logits(self, rows: Indices, counts: Indices) -> torch.Tensor:
        """Logits [reports, k] of reports, of some of their windows.

        Args:
            rows: of the windows, one report after another.
            counts: how many are of each report.
        """
        if (counts == 1).all():
            return self.source.logits(rows)
        logits, embeddings = self.source.answers(rows)
        scores = self.attention(embeddings, self.where[torch.from_numpy(rows)].to(embeddings.device))
        sizes = counts.tolist()
        pairs = zip(torch.split(scores, sizes), torch.split(logits, sizes), strict=True)
        return torch.stack([score.softmax(dim=0) @ each for score, each in pairs])


def pooled(logits: torch.Tensor, counts: Indices, *, how: str, labels: int | None = None) -> torch.Tensor:
    """Make one row of logits for each report out of those of its windows, as the backend does.

    Args:
        logits: [windows, k], windows of one report after another.
        counts: windows of each report.
        how: ``mean`` or ``max``.
        labels: how many of the k are logits, if not all; what stands after them is averaged.
    """
    if (counts == 1).all():
        return logits
    pieces = torch.split(logits, counts.tolist())
    if how == "mean":
        return torch.stack([piece.mean(dim=0) for piece in pieces])
    k = logits.shape[1] if labels is None else labels
    most, mean = ([part(piece, dim=0) for piece in pieces] for part in (torch.amax, torch.mean))
    return torch.cat([torch.stack(most)[:, :k], torch.stack(mean)[:, k:]], dim=1)
