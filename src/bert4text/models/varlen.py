"""Attention over rows laid end to end: each token sees its own row and no other."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.attention import attention_exchanged

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

NAME = "bert4text-unpadded"
BOUNDS, LONGEST = "cu_seq_lens_q", "max_length_q"
"""What a body hands on to its attention, by the names that transformers has for it."""

HALF = (torch.bfloat16, torch.float16)
"""What the attention of torch for rows of different lengths computes in."""

NEEDED = {"scale", "window_size"}
"""Arguments that the first torch with this attention did not have."""


def _found() -> Callable[..., Any] | None:
    """Torch's attention for rows of different lengths, or None where this torch has none that serves."""
    try:
        function: Callable[..., Any] = importlib.import_module("torch.nn.attention.varlen").varlen_attn
    except (ImportError, AttributeError):
        return None
    return function if set(inspect.signature(function).parameters) >= NEEDED else None


varlen_attn = _found()


@contextmanager
def attending_unpadded(model: PreTrainedModel) -> Iterator[None]:
    """Let a model attend within rows laid end to end for a while; it may be entered again inside.

    Raises:
        ValueError: the model has no attention that can be exchanged.
    """
    with attention_exchanged(model, NAME, attend, no_mask) as exchanged:
        if not exchanged:
            raise ValueError("this model attends in its own way")
        yield


def no_mask(*_: Any, **__: Any) -> None:
    """There is no padding to hide; rows are kept apart by their bounds."""
    return


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    **given: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of [1, heads, total, d] within each row; [1, total, heads, d], as transformers wants it.

    Raises:
        ValueError: something is to be dropped.
    """
    del module, attention_mask
    if given.get("dropout"):
        raise ValueError("attention over rows laid end to end drops nothing")
    bounds, longest = given[BOUNDS], given[LONGEST]
    window = given.get("sliding_window")
    reach = -1 if window is None else window - 1  # transformers counts the token itself
    # the kernels want each token's numbers side by side
    queries, keys, values = (states[0].transpose(0, 1).contiguous() for states in (query, key, value))
    scale = given.get("scaling")
    if varlen_attn is None or not fused(query):
        mixed = one_by_one(queries, keys, values, bounds, reach=reach, scale=scale)
    else:
        sides = (bounds, bounds, longest, longest)
        mixed = varlen_attn(queries, keys, values, *sides, scale=scale, window_size=(reach, reach))
    return mixed.unsqueeze(0), None


def fused(query: torch.Tensor) -> bool:
    """Whether torch has a kernel that computes all rows in one call: on a GPU and in half precision."""
    return query.is_cuda and query.dtype in HALF


def one_by_one(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    bounds: torch.Tensor,
    *,
    reach: int,
    scale: float | None,
) -> torch.Tensor:
    """Attention of [total, heads, d] row after row: slow, for any device and number, and the reference.

    Args:
        query: of all rows.
        key: of all rows.
        value: of all rows.
        bounds: int [rows + 1], where rows start and end.
        reach: tokens that a token sees to either side; -1 sees the whole row.
        scale: of the scores; None is one over the root of d.
    """
    rows = []
    for start, end in pairwise(bounds.tolist()):
        queries, keys, values = (states[start:end].transpose(0, 1)[None] for states in (query, key, value))
        band = None
        if reach >= 0:
            place = torch.arange(end - start, device=query.device)
            band = (place[:, None] - place[None, :]).abs() <= reach
        mixed = torch.nn.functional.scaled_dot_product_attention(
            queries, keys, values, attn_mask=band, scale=scale
        )
        rows.append(mixed[0].transpose(0, 1))
    return torch.cat(rows)
