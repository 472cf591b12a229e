"""Exchange the attention of a model for a while, through the interfaces that transformers has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require
from bert4text.models.hub import quiet

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FIRST_ONLY = "bert4text_first_only"
"""What an attention carries of which only the first token's answer is wanted."""


@contextmanager
def attention_exchanged(
    model: PreTrainedModel, name: str, attend: Callable[..., Any], mask: Callable[..., Any]
) -> Iterator[bool]:
    """Let a model attend in another way for a while; it may be entered again inside.

    Args:
        model: whose attention it is.
        name: by which transformers knows the other way from now on.
        attend: module, query, key and value [rows, heads, tokens, d], mask -> [rows, tokens, heads, d] and
            weights or None, as transformers calls it.
        mask: gives what ``attend`` gets as mask.

    Yields:
        Whether it does; a model that attends in its own way is left alone.
    """
    before = str(getattr(model.config, "_attn_implementation", ""))
    if before == name:
        yield True
        return
    transformers = require("transformers")
    transformers.AttentionInterface.register(name, _sparing(attend))
    transformers.AttentionMaskInterface.register(name, mask)
    try:
        yield _set(model, name)
    finally:
        _set(model, before)


@contextmanager
def attention_set(model: PreTrainedModel, name: str) -> Iterator[bool]:
    """Let a model attend in a way that transformers knows for a while.

    Args:
        model: whose attention it is.
        name: of the way, such as ``eager``.

    Yields:
        Whether it does.
    """
    before = str(getattr(model.config, "_attn_implementation", ""))
    try:
        yield _set(model, name)
    finally:
        _set(model, before)


def _set(model: PreTrainedModel, name: str) -> bool:
    with quiet():
        try:
            model.set_attn_implementation(name)
        except ValueError:
            return False
    return str(model.config._attn_implementation) == name


def _sparing(attend: Callable[..., Any]) -> Callable[..., Any]:
    """Compute the first token's answer alone where no other is wanted."""

    def attending(
        module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any
    ) -> tuple[Any, Any]:
        if not getattr(module, FIRST_ONLY, False):
            found: tuple[Any, Any] = attend(module, query, key, value, attention_mask, **options)
            return found
        if attention_mask is not None and attention_mask.shape[-2] > 1:
            attention_mask = attention_mask[..., :1, :]
        mixed, weights = attend(module, query[:, :, :1], key, value, attention_mask, **options)
        return mixed.expand(-1, query.shape[2], -1, -1), weights  # as many as the module counts on

    return attending
