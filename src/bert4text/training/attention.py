"""Attention while training in bfloat16 on a processor, in whichever form is fastest there.

torch's own bfloat16 attention learns slowly: for 2,000 tokens in reports of 200 (12 heads of 32, forwards and
backwards, two cores) it took 44 ms, in float32 37 ms, written out as products and a softmax 37 ms or less;
in reports of 512 tokens 51, 51 and 48 ms, and with heads of 64 instead of 32 numbers 79, 83 and 54 ms. Scores
grow with the square of the length, so that it ends somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.attention import attention_exchanged

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

NAME = "bert4text"
LONGEST = 512
"""Tokens up to which scores are written out; a rule and no measurement, so that a seed fixes the result."""


@contextmanager
def fast_attention(model: PreTrainedModel) -> Iterator[None]:
    """Let a model on a processor attend fast for a while; elsewhere, change nothing.

    Models that do not use torch's attention stay as they are.
    """
    if getattr(model.config, "_attn_implementation", "") != "sdpa" or model.device.type != "cpu":
        yield
        return
    with attention_exchanged(model, NAME, _attend, _mask):
        yield


def _mask(*sizes: Any, **options: Any) -> Any:
    """Which keys a query sees: the same for all of a report, but for windows of local attention."""
    masking = require("transformers.masking_utils")
    padding = options.get("attention_mask")
    if options.get("mask_function") is not masking.bidirectional_mask_function or padding is None:
        return masking.sdpa_mask(*sizes, **options)
    return padding[:, None, None, :].to(torch.bool)


def _attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> Any:
    with torch.autocast(query.device.type, enabled=False):
        if (
            query.dtype is torch.bfloat16
            and key.shape[2] <= LONGEST
            and not _looks_back(module, attention_mask, options)
        ):
            return _written_out(module, query, key.to(query.dtype), value, attention_mask, **options)
        return _in_float32(module, query, key, value, attention_mask, **options)


def _looks_back(module: Any, mask: Any, options: dict[str, Any]) -> bool:
    """Whether a token sees only those before it and no mask says so, as in decoders."""
    asked = options.get("is_causal")
    return mask is None and bool(getattr(module, "is_causal", True) if asked is None else asked)


def _written_out(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
    scores = torch.matmul(query * (options.get("scaling") or query.shape[-1] ** -0.5), key.transpose(2, 3))
    if mask is not None:
        hidden = torch.finfo(scores.dtype).min
        added = mask.to(scores.dtype) if mask.is_floating_point() else (~mask).to(scores.dtype) * hidden
        scores += added
    shares = torch.nn.functional.dropout(
        scores.softmax(dim=-1), options.get("dropout", 0.0), training=module.training
    )
    return torch.matmul(shares, value.to(shares.dtype)).transpose(1, 2).contiguous(), None


def _in_float32(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
    forward = require("transformers.integrations.sdpa_attention").sdpa_attention_forward
    if mask is not None and mask.is_floating_point():
        mask = mask.float()
    output, weights = forward(module, query.float(), key.float(), value.float(), mask, **options)
    return output.to(query.dtype), weights
