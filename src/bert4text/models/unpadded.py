"""A classifier that reads rows laid end to end: no token of padding enters a matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core.extras import require
from bert4text.models.body import autocast, evaluating, head_logits, last_layer, reads_first_only
from bert4text.models.made_rows import made_row, padding_id
from bert4text.models.packing import Ids, Packed, packed
from bert4text.models.token_batches import pad
from bert4text.models.varlen import BOUNDS, LONGEST, attending_unpadded

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

AGREEMENT = {"float32": 1e-4, "bfloat16": 0.1}
"""Largest difference from the padded model in float32, relative to the largest value and one."""

TRIED = (9, 160, 2, 17)
"""Tokens of the rows that are tried; one is longer than windows of local attention usually are."""


@dataclass
class Unpadded:
    """A classifier whose body reads rows laid end to end, and whose head is its own.

    Attributes:
        model: the classifier; it is not changed.
        precision: ``float32``, or ``bfloat16`` through autocast.
        first: position of a row's first token, as the model counts.
        first_only: whether the head reads the first token of a row alone.
        body: computes hidden states; the model's own body, or that body compiled.
    """

    model: PreTrainedModel
    precision: str
    first: int
    first_only: bool
    body: Callable[..., Any] = field(init=False)

    def __post_init__(self) -> None:
        self.body = self.model.base_model

    def packed(self, ids: Ids, lengths: Ids) -> Packed:
        """Rows of these lengths, their ids one after another, brought to the model's device."""
        return packed(ids, lengths, first=self.first, device=self.model.device)

    def hidden(self, rows: Packed) -> torch.Tensor:
        """Last hidden states [total, d]."""
        given = {BOUNDS: rows.bounds, LONGEST: rows.longest}
        with attending_unpadded(self.model), autocast(self.model, self.precision):
            output = self.body(input_ids=rows.ids, position_ids=rows.positions, **given)
        states: torch.Tensor = output[0][0]
        return states

    def logits(self, hidden: torch.Tensor, rows: Packed) -> torch.Tensor:
        """Logits float32 [rows, k]; a head that reads more than the first token gets rows that are padded."""
        if self.first_only:
            states = self.first_tokens(hidden, rows)[:, None]
            mask = torch.ones(states.shape[:2], dtype=torch.long, device=hidden.device)
        else:
            each = list(torch.split(hidden, list(rows.counts)))
            states = torch.nn.utils.rnn.pad_sequence(each, batch_first=True)
            mask = (torch.arange(rows.longest, device=hidden.device) < rows.lengths[:, None]).long()
        with autocast(self.model, self.precision):
            return head_logits(self.model, states, mask)

    def first_tokens(self, hidden: torch.Tensor, rows: Packed) -> torch.Tensor:
        """The hidden states of each row's first token [rows, d]."""
        return hidden[rows.bounds[:-1]]

    def means(self, hidden: torch.Tensor, rows: Packed) -> torch.Tensor:
        """The mean of each row's hidden states, float32 [rows, d]."""
        return torch.segment_reduce(hidden.float(), "mean", lengths=rows.lengths, axis=0, unsafe=True)


def unpadded(model: PreTrainedModel, *, precision: str, learns: bool = False) -> Unpadded | None:
    """Let a classifier read rows laid end to end, or None where it cannot.

    A few rows are tried: their logits and embeddings must be those of the padded model. A model that attends
    in its own way, or whose head wants more than hidden states, stays padded.

    Args:
        model: the classifier, on the device that computes; it is not changed.
        precision: ``float32`` or ``bfloat16``, of the calls to come.
        learns: whether it is to be trained; one whose attention drops cannot.
    """
    try:
        with torch.no_grad():
            return _tried(model, precision, learns=learns)
    except Exception:  # a model whose parts fit together in another way fails in many ways
        return None


def first_position(model: PreTrainedModel) -> int:
    """The position that a model gives to the first token of a row; 0 where it has no table of positions."""
    seen: list[int] = []

    def keep(module: Any, inputs: Any, output: Any) -> None:
        seen.append(int(inputs[0].flatten()[0]))

    handles = [
        module.register_forward_hook(keep)
        for name, module in model.base_model.named_modules()
        if "position" in name and isinstance(module, torch.nn.Embedding)
    ]
    try:
        with evaluating(model), torch.no_grad():
            model.base_model(input_ids=torch.tensor([made_row(model, 2)], device=model.device))
    finally:
        for handle in handles:
            handle.remove()
    return seen[0] if seen else 0


def _tried(model: PreTrainedModel, precision: str, *, learns: bool) -> Unpadded | None:
    first = first_position(model)
    room = int(getattr(model.config, "max_position_embeddings", max(TRIED))) - first
    rows = [made_row(model, min(length, room)) for length in TRIED]
    with evaluating(model):
        wanted, hidden, mask = _padded(model, rows)
        first_only = reads_first_only(model, hidden, mask)
        for arithmetic in dict.fromkeys(("float32", precision)):
            found = Unpadded(model, arithmetic, first, first_only)
            largest = AGREEMENT[arithmetic] * (1 + float(wanted.abs().max()))
            if not float((_answers(found, rows) - wanted).abs().max()) <= largest:
                return None
    if learns:
        _run_training(found, rows)
    return found


def _padded(model: PreTrainedModel, rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits and embeddings side by side, hidden states and mask of the padded model in float32."""
    ids, mask = (torch.from_numpy(side).to(model.device) for side in pad(rows, padding=padding_id(model)))
    with last_layer(model) as seen:
        logits = model(input_ids=ids, attention_mask=mask).logits.float()
    weights = mask[:, :, None].float()
    means = (seen[0].float() * weights).sum(dim=1) / weights.sum(dim=1)
    return torch.cat([logits, means], dim=1), seen[0], mask


def _answers(found: Unpadded, rows: list[list[int]]) -> torch.Tensor:
    """Logits and embeddings side by side."""
    together = _together(found, rows)
    hidden = found.hidden(together)
    return torch.cat([found.logits(hidden, together), found.means(hidden, together)], dim=1)


def _run_training(found: Unpadded, rows: list[list[int]]) -> None:
    """Run the body as in training; it fails where its attention is to drop."""
    model = found.model
    before = model.training
    with torch.random.fork_rng(devices=[model.device] if model.device.type == "cuda" else []):
        model.train()
        try:
            found.hidden(_together(found, rows))
        finally:
            model.train(mode=before)


def _together(found: Unpadded, rows: list[list[int]]) -> Packed:
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    return found.packed(np.concatenate([np.array(row, dtype=np.int64) for row in rows]), lengths)
