"""Tagged words: an encoder learns which tokens of a text are of a span, and of which kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from bert4text.core.extras import require
from bert4text.core.span import Marked
from bert4text.core.tagging import OUTSIDE, tags_of
from bert4text.models.body import autocast, evaluating
from bert4text.models.token_batches import pad, token_batches
from bert4text.models.tokenizer import template
from bert4text.training.frozen import widened

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Indices = npt.NDArray[np.int64]

NONE = -100
"""In the place of a tag: nothing is learned of this token."""


@dataclass(frozen=True)
class Tagged:
    """Windows of texts, with the tag of each token.

    Attributes:
        rows: ids of each window, special tokens in place.
        tags: of each id; ``NONE`` for special tokens.
    """

    rows: list[list[int]]
    tags: list[list[int]]


def windows_of_tags(
    tokenizer: Tokenizer, marked: Sequence[Marked], kinds: Sequence[str], *, window: int
) -> Tagged:
    """Cut texts into windows that do not overlap; a text that fits is one window."""
    around = template(tokenizer)
    size = window - len(around)
    rows, tags = [], []
    encodings = tokenizer.encode_batch([one.text for one in marked], add_special_tokens=False)
    for one, encoding in zip(marked, encodings, strict=True):
        own = tags_of(one.text, one.spans, encoding.offsets, kinds)
        for start in range(0, len(encoding.ids), size):
            rows.append(around.wrap(encoding.ids[start : start + size]))
            piece = own[start : start + size]
            tags.append([*(NONE for _ in around.prefix), *piece, *(NONE for _ in around.suffix)])
    return Tagged(rows, tags)


class TaggedWords:
    """The loss of finding tags, in place of logits: a source of the one loop.

    Args:
        model: a transformers model for token classification.
        windows: with their tags.
        precision: ``float32``, or ``bfloat16`` through autocast.
    """

    padded = True

    def __init__(self, model: PreTrainedModel, windows: Tagged, *, precision: str) -> None:
        self.model = model
        self.rows, self.tags = windows.rows, windows.tags
        self.precision = precision
        self.padding = int(model.config.pad_token_id or 0)

    def logits(self, rows: Indices) -> torch.Tensor:
        """The mean loss of the tokens of each window, [rows, 1]."""
        scores, wanted = self.scored(rows)
        losses = torch.nn.functional.cross_entropy(
            scores.transpose(1, 2), wanted, reduction="none", ignore_index=NONE
        )
        return losses.sum(dim=1, keepdim=True) / (wanted != NONE).sum(dim=1, keepdim=True).clamp(min=1)

    def scored(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits float32 [rows, tokens, tags], and the tags int64 [rows, tokens]."""
        ids, seen = widened(*pad([self.rows[row] for row in rows], padding=self.padding), self.padding)
        tags, _ = widened(*pad([self.tags[row] for row in rows], padding=NONE), NONE)
        device = self.model.device
        with autocast(self.model, self.precision):
            scores: torch.Tensor = self.model(
                input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(seen).to(device)
            ).logits
        return scores.float(), torch.from_numpy(tags).to(device)


def measured(source: TaggedWords, *, tokens: int) -> dict[str, float]:
    """Loss, and the F1 of tokens that are of a span, whatever its kind.

    Args:
        source: the windows, and the model that is asked.
        tokens: of a batch.
    """
    loss, right, asked, told = 0.0, 0, 0, 0
    with evaluating(source.model), torch.no_grad():
        for rows in token_batches([len(row) for row in source.rows], tokens=tokens):
            scores, wanted = source.scored(rows)
            kept = wanted != NONE
            found, truth = scores.argmax(dim=2)[kept] != OUTSIDE, wanted[kept] != OUTSIDE
            losses = torch.nn.functional.cross_entropy(scores[kept], wanted[kept], reduction="none")
            each = torch.repeat_interleave(kept.sum(dim=1), kept.sum(dim=1))
            loss += float((losses / each).sum())
            right += int((found & truth).sum())
            asked += int(truth.sum())
            told += int(found.sum())
    f1 = 2 * right / max(1, asked + told)
    return {"loss": loss / max(1, len(source.rows)), "score": f1}
