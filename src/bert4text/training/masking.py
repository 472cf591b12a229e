"""Masked words: an encoder learns to find hidden words of reports, whole words at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from bert4text.core.extras import require
from bert4text.models.body import autocast, evaluating, head_logits
from bert4text.models.token_batches import pad, token_batches
from bert4text.models.tokenizer import template
from bert4text.training.frozen import widened

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Indices = npt.NDArray[np.int64]

HIDDEN, OTHER = 0.8, 0.1
"""Shares of hidden pieces that become the mask, and another piece; the rest stay (Devlin et al., 2019)."""


@dataclass(frozen=True)
class Words:
    """Windows of reports, with the word that each piece is of.

    Attributes:
        rows: ids of each window, special tokens in place.
        words: for each id the number of its word in the window, from 0; -1 for special tokens.
    """

    rows: list[list[int]]
    words: list[list[int]]


def windows_of_words(tokenizer: Tokenizer, texts: Sequence[str], *, window: int) -> Words:
    """Cut texts into windows that do not overlap; a text that fits is one window."""
    around = template(tokenizer)
    size = window - len(around)
    rows, words = [], []
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        numbers = [-1 if word is None else word for word in encoding.word_ids]
        for start in range(0, len(encoding.ids), size):
            piece, own = encoding.ids[start : start + size], numbers[start : start + size]
            first = min((number for number in own if number >= 0), default=0)
            placed = [number - first if number >= 0 else -1 for number in own]
            rows.append(around.wrap(piece))
            words.append([*(-1 for _ in around.prefix), *placed, *(-1 for _ in around.suffix)])
    return Words(rows, words)


class MaskedWords:
    """The loss of finding hidden words, in place of logits: a source of the one loop.

    Whole words are hidden (Cui et al., 2021, "Pre-Training with Whole Word Masking for Chinese BERT"): one
    that is cut into pieces cannot be guessed from its own rest. The words are drawn from torch's generator,
    which the loop seeds by the step. The vocabulary is scored for the hidden pieces alone.

    Args:
        model: a transformers model for masked language modelling.
        windows: with their words.
        share: of the words of a window that are hidden; one at least.
        mask: id of the mask.
        precision: ``float32``, or ``bfloat16`` through autocast.
    """

    padded = True

    def __init__(
        self, model: PreTrainedModel, windows: Words, *, share: float, mask: int, precision: str
    ) -> None:
        self.model = model
        self.rows, self.words = windows.rows, windows.words
        self.share = share
        self.mask = mask
        self.precision = precision
        self.padding = int(model.config.pad_token_id or 0)

    def logits(self, rows: Indices) -> torch.Tensor:
        """The mean loss of the hidden pieces of each window, [rows, 1]."""
        ids, seen = widened(*pad([self.rows[row] for row in rows], padding=self.padding), self.padding)
        words, _ = widened(*pad([self.words[row] for row in rows], padding=-1), -1)
        hidden = self._hidden(torch.from_numpy(words))
        device = self.model.device
        wanted = torch.from_numpy(ids)
        shown = self._shown(wanted, hidden).to(device)
        with autocast(self.model, self.precision):
            body: Any = self.model.base_model
            states = body(input_ids=shown, attention_mask=torch.from_numpy(seen).to(device))[0]
            place, column = hidden.nonzero(as_tuple=True)
            picked = states[place.to(device), column.to(device)][None]
            scores = head_logits(self.model, picked, torch.ones(picked.shape[:2], device=device).long())[0]
        losses = torch.nn.functional.cross_entropy(scores, wanted[hidden].to(device), reduction="none")
        counts = hidden.sum(dim=1).to(device)
        sums = torch.zeros(len(rows), device=device).index_add(0, place.to(device), losses)
        return (sums / counts.clamp(min=1))[:, None]

    def _hidden(self, words: torch.Tensor) -> torch.Tensor:
        """Which pieces are hidden, bool like ``words``: all of a word or none."""
        chance = torch.rand(words.shape)
        chosen = torch.zeros(words.shape, dtype=torch.bool)
        for row, own in enumerate(words):
            count = int(own.max()) + 1
            if count > 0:
                of_word = chance[row, :count]
                most = max(1, round(self.share * count))
                taken = torch.zeros(count + 1, dtype=torch.bool)  # the last stands for -1, which is no word
                taken[of_word.argsort()[:most]] = True
                chosen[row] = taken[own]
        return chosen

    def _shown(self, ids: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """What the encoder sees: the mask, another piece, or the piece itself in the place of hidden ones."""
        draw = torch.rand(ids.shape)
        others = torch.randint_like(ids, int(self.model.config.vocab_size))
        shown = torch.where(hidden & (draw < HIDDEN), torch.full_like(ids, self.mask), ids)
        return torch.where(hidden & (draw >= HIDDEN) & (draw < HIDDEN + OTHER), others, shown)


def mean_loss(source: MaskedWords, *, seed: int, tokens: int) -> float:
    """The mean loss of windows whose hidden words are fixed by the seed."""
    batches = token_batches([len(row) for row in source.rows], tokens=tokens)
    with evaluating(source.model), torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return float(torch.cat([source.logits(rows).flatten().cpu() for rows in batches]).mean())
