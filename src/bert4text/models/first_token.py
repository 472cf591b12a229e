"""Spare the last layer what a head does not read: all tokens but the first, once it has attended to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.attention import FIRST_ONLY
from bert4text.models.body import evaluating, last_layer, layers
from bert4text.models.made_rows import made_row

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

TRIED = 3, 7
"""Rows and tokens on which the answers are compared."""
AGREEMENT = 1e-4
"""Largest difference of a logit, relative to the largest and one, that rounding explains."""


@dataclass(frozen=True)
class FirstToken:
    """Where the last layer of a model can go on with the first token alone.

    Attributes:
        part: the part of the layer after which it does; None where it cannot.
        attention: what attends within the layer, and does so for the first token alone; None where it must
            not.
    """

    part: Any | None = None
    attention: Any | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let it do so for a while, if it can: the last hidden states are those of one token."""
        with ExitStack() as stack:
            for part in (self.part, self.attention):
                if part is not None:
                    stack.callback(part.register_forward_hook(_first).remove)
            if self.attention is not None:
                setattr(self.attention, FIRST_ONLY, True)
                stack.callback(delattr, self.attention, FIRST_ONLY)
            yield


def first_token(model: PreTrainedModel) -> FirstToken:
    """Find where the last layer of a model can go on with the first token alone, if it can.

    The logits and their gradients are those of the whole layer: in a model of six layers an eighth of its
    products is not computed. It is tried on made rows: where the logits are not the same, or more than one
    token comes out, the head reads them, or the layer is made in another way.

    Args:
        model: with its head; its attention may be exchanged for one of ``attention_exchanged``.
    """
    stacked = layers(model)
    if stacked is None:
        return FirstToken()
    layer = stacked[-1]
    rows, tokens = TRIED
    ids = torch.tensor([made_row(model, rows + tokens)[row : row + tokens] for row in range(rows)])
    ids = ids.to(model.device)
    attention = next((part for part in layer.modules() if hasattr(part, "is_causal")), None)
    with evaluating(model), torch.no_grad():
        wanted = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float()
        for attending in dict.fromkeys((attention, None)):
            for part in layer.children():
                found = FirstToken(part, attending)
                if _same(model, found, ids, wanted):
                    return found
    return FirstToken()


def token_products(model: PreTrainedModel, first: FirstToken) -> list[tuple[int, int]]:
    """Depth and columns of each product with weights that every token of a report goes through.

    Args:
        model: whose encoder it is.
        first: where its last layer goes on with the first token alone.
    """
    spared: set[int] = set()
    if first.part is not None:
        attending = first.attention or first.part
        last = layers(model)[-1]
        spared = {id(part) for part in last.modules()} - {id(part) for part in attending.modules()}
    body: Any = model.base_model
    return [
        (module.in_features, module.out_features)
        for name, module in body.named_modules()
        if isinstance(module, torch.nn.Linear) and "pooler" not in name and id(module) not in spared
    ]


def _first(_: Any, inputs: Any, output: Any) -> Any:
    """The output of a module for the first token alone."""
    del inputs
    if isinstance(output, tuple):
        return (output[0][:, :1], *output[1:])
    return output[:, :1]


def _same(model: PreTrainedModel, tried: FirstToken, ids: torch.Tensor, wanted: torch.Tensor) -> bool:
    try:
        with tried.alone(), last_layer(model) as seen:
            got = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float()
    except Exception:  # a part whose output cannot be cut fails in many ways
        return False
    if got.shape != wanted.shape or seen[0].shape[1] != 1:  # a head over every token reads them all
        return False
    return bool((got - wanted).abs().max() <= AGREEMENT * (1 + float(wanted.abs().max())))
