"""Let a head read the mean of all tokens: one more layer, which brings the mean to the first token.

Sentence encoders such as E5 were taught to be read by the mean of their last hidden states, and their first
token was taught nothing. The heads of transformers' BERT read the first token alone. So one layer of the
encoder's own kind is put on top: its queries are zero, which makes attention the same for every token; its
values and the product after them pass on what is attended to, much stronger than what the first token held
before; its feed-forward part adds nothing. What the head reads begins as the normalized mean, and becomes a
weighted one where queries learn. The model stays an ordinary one of its architecture, for transformers, for
exports and for explanations.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.body import layers

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

FAMILIES = frozenset({"bert", "camembert", "electra", "roberta", "xlm-roberta"})
"""Architectures, as transformers names them, whose layers are built as BERT's."""

STRONG = 10.0
"""How much stronger the mean is than what the first token held: a tenth of that is left beside it."""


def can_read_mean(model: PreTrainedModel) -> bool:
    """Whether a layer that reads the mean can be put on top of an encoder."""
    return model.config.model_type in FAMILIES and layers(model) is not None


def read_mean(model: PreTrainedModel) -> None:
    """Put the layer on top, in place; ``can_read_mean`` must hold."""
    stacked = layers(model)
    layer: Any = copy.deepcopy(stacked[-1])
    attention, after = layer.attention, layer.output
    every = torch.eye(model.config.hidden_size)
    products = {
        attention.self.query: torch.zeros_like(every),
        attention.self.key: every,  # not zero: nothing would teach the queries then
        attention.self.value: every,
        attention.output.dense: STRONG * every,
        after.dense: torch.zeros_like(after.dense.weight),
    }
    with torch.no_grad():
        for product, weight in products.items():
            product.weight.copy_(weight)
            product.bias.zero_()
        for norm in (attention.output.LayerNorm, after.LayerNorm):
            norm.weight.fill_(1.0)
            norm.bias.zero_()
    stacked.append(layer)
    model.config.num_hidden_layers = len(stacked)
