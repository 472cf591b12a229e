"""Attention in float32 while the rest is bfloat16: on processors torch's bfloat16 attention learns slowly.

Its backward pass takes four times as long in bfloat16 as in float32 (torch 2.13, heads of 32 and 144
tokens: 97 ms against 22 ms), and was a third of a training step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.hub import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

NAME = "sdpa_float32"


@contextmanager
def float32_attention(model: PreTrainedModel) -> Iterator[None]:
    """Let a model on a processor attend in float32 for a while; elsewhere, change nothing.

    Models that do not use torch's attention stay as they are.
    """
    before = str(getattr(model.config, "_attn_implementation", ""))
    if before != "sdpa" or model.device.type != "cpu":
        yield
        return
    transformers = require("transformers")
    transformers.AttentionInterface.register(NAME, _attend)
    transformers.AttentionMaskInterface.register(NAME, require("transformers.masking_utils").sdpa_mask)
    with quiet():
        model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        with quiet():
            model.set_attn_implementation(before)


def _attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> Any:
    forward = require("transformers.integrations.sdpa_attention").sdpa_attention_forward
    if attention_mask is not None and attention_mask.is_floating_point():
        attention_mask = attention_mask.float()
    with torch.autocast(query.device.type, enabled=False):
        output, weights = forward(
            module, query.float(), key.float(), value.float(), attention_mask, **options
        )
    return output.to(query.dtype), weights
