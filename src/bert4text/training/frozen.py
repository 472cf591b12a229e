"""Where logits come from while training: token ids through the whole model, or a frozen body run once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.models.body import (
    autocast,
    evaluating,
    head_logits,
    last_layer,
    mean_state,
    reads_first_only,
)
from bert4text.models.first_token import first_token
from bert4text.models.token_batches import pad, token_batches

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Indices = npt.NDArray[np.int64]

AGREEMENT = 1e-4
"""Largest difference of a logit for which a head is said to read the last hidden states alone."""

MULTIPLE, SHORT, MULTIPLE_SHORT = 16, 128, 8
"""Rows are padded to a multiple of so many tokens, short ones to a finer one: torch keeps a plan in memory
for each shape it met."""


class Source(Protocol):
    """Gives logits of rows of tokens, with gradients for the weights that learn.

    Attributes:
        padded: whether rows computed together are as long as the longest of them.
    """

    padded: bool

    def logits(self, rows: Indices) -> torch.Tensor:
        """Logits [rows, k] of some rows."""


class AnswerSource(Source, Protocol):
    """Gives embeddings of rows too, as the backend gives them."""

    def answers(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [rows, k] and embeddings [rows, d] of some rows."""


class Kept(Protocol):
    """Hidden states of rows, computed beforehand."""

    def given(self, rows: Indices, width: int) -> AbstractContextManager[None]:
        """Let the model go on from those of some rows, padded to a width."""


class WholeModel:
    """Token ids through the whole model.

    Args:
        model: in training mode.
        rows: token ids of every row.
        precision: ``float32``, or ``bfloat16`` through autocast.
        still: parts that do not learn, and so drop nothing.
        kept: what the lower layers gave, so that the upper ones alone are computed; None computes all.
    """

    padded = True

    def __init__(
        self,
        model: PreTrainedModel,
        rows: Sequence[list[int]],
        *,
        precision: str,
        still: Sequence[torch.nn.Module] = (),
        kept: Kept | None = None,
    ) -> None:
        self.model = model
        self.rows = rows
        self.precision = precision
        self.still = still
        self.kept = kept
        self.padding = int(model.config.pad_token_id or 0)

    def logits(self, rows: Indices) -> torch.Tensor:
        """Logits [rows, k] of some rows."""
        return self._called(rows)[0]

    def answers(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [rows, k] and embeddings [rows, d] of some rows."""
        with last_layer(self.model) as seen:
            logits, mask = self._called(rows)
        return logits, mean_state(seen[0], mask)

    def _called(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of some rows, and the mask of their tokens."""
        ids, mask = widened(*pad([self.rows[row] for row in rows], padding=self.padding), self.padding)
        inputs, attention = (torch.from_numpy(side).to(self.model.device) for side in (ids, mask))
        for part in self.still:
            part.train(mode=False)
        given = nullcontext() if self.kept is None else self.kept.given(rows, ids.shape[1])
        with autocast(self.model, self.precision), given:
            output: Any = self.model(input_ids=inputs, attention_mask=attention)
        return output.logits.float(), attention


class FrozenBody:
    """What a frozen body gave for each row, run once; only the head is computed again.

    Where the head reads the first token alone (BERT, RoBERTa, DistilBERT ...), only that is kept;
    otherwise every token is.

    Args:
        model: whose body is frozen.
        rows: token ids of every row.
        tokens: budget of tokens computed at once.
        precision: ``float32``, or ``bfloat16`` through autocast.
        embeds: whether embeddings are wanted too.
    """

    padded = True

    def __init__(
        self,
        model: PreTrainedModel,
        rows: Sequence[list[int]],
        *,
        tokens: int,
        precision: str,
        embeds: bool = False,
    ) -> None:
        self.model = model
        self.padding = int(model.config.pad_token_id or 0)
        self.hidden: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        self.embeddings: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        first_only: bool | None = None
        spared = embeds and first_token(model).part is not None
        with evaluating(model), torch.no_grad():
            for batch in token_batches([len(row) for row in rows], tokens=tokens):
                ids, mask = pad([rows[row] for row in batch], padding=self.padding)
                hidden = self._run(ids, mask, precision)
                whole = torch.from_numpy(mask).to(hidden.device)
                if first_only is None:
                    first_only = reads_first_only(model, hidden, whole)
                for row, states, length in zip(batch, hidden, mask.sum(axis=1), strict=True):
                    self.hidden[row] = states[: 1 if first_only else int(length)].clone()
                if embeds:
                    means = mean_state(hidden[:, :1] if spared else hidden, whole)
                    for row, mean in zip(batch, means, strict=True):
                        self.embeddings[row] = mean.clone()

    def logits(self, rows: Indices) -> torch.Tensor:
        """Logits [rows, k] of some rows."""
        states = [self.hidden[row].to(self.model.device) for row in rows]
        hidden = torch.nn.utils.rnn.pad_sequence(states, batch_first=True)
        lengths = torch.tensor([len(state) for state in states])
        mask = (torch.arange(hidden.shape[1])[None, :] < lengths[:, None]).long()
        return head_logits(self.model, hidden, mask.to(self.model.device))

    def answers(self, rows: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits [rows, k] and embeddings [rows, d] of some rows, where these were wanted."""
        return self.logits(rows), torch.stack([self.embeddings[row] for row in rows])

    def _run(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64], precision: str) -> torch.Tensor:
        device = self.model.device
        with autocast(self.model, precision), last_layer(self.model) as seen:
            self.model(
                input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device)
            )
        return seen[0].float()


def head_stands_alone(model: PreTrainedModel, rows: Sequence[list[int]]) -> bool:
    """Whether the head answers from the body's last hidden states as the whole model does.

    It does in encoders like BERT. A decoder's head also looks at the token ids, for example.

    Args:
        model: with its head.
        rows: token ids; the shortest few are tried.
    """
    tried = sorted(rows, key=len)[:4]
    every = np.arange(len(tried), dtype=np.int64)
    try:
        body = FrozenBody(model, tried, tokens=1 + sum(map(len, tried)), precision="float32")
        whole = WholeModel(model, tried, precision="float32")
        with evaluating(model), torch.no_grad():
            difference = (body.logits(every) - whole.logits(every)).abs().max()
    except Exception:  # a body that cannot be taken out fails in many ways
        return False
    return bool(difference <= AGREEMENT)


def widened(ids: Indices, mask: Indices, padding: int) -> tuple[Indices, Indices]:
    """Pad ids and mask on to a multiple of ``MULTIPLE`` tokens, or of fewer where they are short."""
    more = -ids.shape[1] % (MULTIPLE_SHORT if ids.shape[1] <= SHORT else MULTIPLE)
    return np.pad(ids, ((0, 0), (0, more)), constant_values=padding), np.pad(mask, ((0, 0), (0, more)))
