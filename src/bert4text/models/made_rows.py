"""Rows of ids that nobody wrote, to try a model with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def made_row(model: PreTrainedModel, length: int) -> list[int]:
    """A row of so many ids from all over the vocabulary, none of them padding."""
    pieces, padding = int(model.config.vocab_size), padding_id(model)
    ids = [(7 + 37 * place) % pieces for place in range(length)]
    return [piece if piece != padding else (piece + 1) % pieces for piece in ids]


def padding_id(model: PreTrainedModel) -> int:
    """The id that fills up."""
    return int(model.config.pad_token_id or 0)
