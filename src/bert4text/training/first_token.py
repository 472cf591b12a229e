"""Spare the last layer what a head does not read: the feed-forward of all tokens but the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core.extras import require
from bert4text.models.body import evaluating, last_layer
from bert4text.training.frozen import AGREEMENT, WholeModel

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

TRIED = 3
"""Rows on which the answers are compared."""


@contextmanager
def first_token_only(model: PreTrainedModel, rows: Sequence[list[int]]) -> Iterator[bool]:
    """Let the last layer go on with the first token after its attention, for a while.

    It is tried on some rows first: where the logits are not the same, or more than one token comes out,
    nothing is changed. The logits and their gradients are those of the whole layer; in a model of six layers
    a ninth of the products is not computed.

    Args:
        model: with its head.
        rows: token ids; a few of three tokens or more are tried.

    Yields:
        Whether it is so.
    """
    tried = [row for row in sorted(rows, key=len) if len(row) > 2][:TRIED]
    layer = _last(model)
    if layer is None or not tried:
        yield False
        return
    wanted, _ = _answers(model, tried)
    for part in layer.children():
        handle = part.register_forward_hook(_first)
        try:
            if _same(model, tried, wanted):
                yield True
                return
        finally:
            handle.remove()
    yield False


def _last(model: PreTrainedModel) -> Any:
    """The last layer of the encoder, or None where it is not found."""
    number = getattr(model.config, "num_hidden_layers", 0)
    for module in model.base_model.modules():
        if isinstance(module, torch.nn.ModuleList) and number and len(module) == number:
            return module[-1]
    return None


def _first(_: Any, inputs: Any, output: Any) -> Any:
    """The output of a module for the first token alone."""
    del inputs
    if isinstance(output, tuple):
        return (output[0][:, :1], *output[1:])
    return output[:, :1]


def _answers(model: PreTrainedModel, rows: Sequence[list[int]]) -> tuple[torch.Tensor, int]:
    """Logits of some rows, and how many tokens came out of the last layer."""
    source = WholeModel(model, rows, precision="float32")
    with evaluating(model), torch.no_grad(), last_layer(model) as seen:
        logits = source.logits(np.arange(len(rows), dtype=np.int64))
    return logits, int(seen[0].shape[1])


def _same(model: PreTrainedModel, rows: Sequence[list[int]], wanted: torch.Tensor) -> bool:
    try:
        got, tokens = _answers(model, rows)
    except Exception:  # a part whose output cannot be cut fails in many ways
        return False
    return tokens == 1 and bool((got - wanted).abs().max() <= AGREEMENT)
