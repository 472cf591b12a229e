"""What frozen layers give is computed once, where only the layers above them learn.

Layers that do not learn drop nothing, and what they give for a window is the same in every epoch. It is kept
in the arithmetic in which it was computed, so that the layers above see what they would see anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core import machine
from bert4text.core.extras import require
from bert4text.models.body import autocast, evaluating, layers
from bert4text.models.made_rows import made_row, padding_id
from bert4text.models.token_batches import budget, pad, token_batches
from bert4text.training.attention import fast_attention
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import Indices, widened

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

SHARE = 0.25
"""Of the installed memory, what may be kept; it says alike in every run, whatever else a machine does."""
FREE = 0.5
"""Of the memory that is free, what may be kept."""
TRIED = (9, 17, 3)
"""Tokens of the rows that are tried."""
AGREEMENT = 1e-4
"""Largest difference of a logit, relative to the largest and one, that rounding explains."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cut:
    """Where a model is cut: below the first layer that learns.

    Attributes:
        model: the classifier.
        below: the layers that do not learn, first to last.
        above: the first that does.
        more: what a layer gives beside its hidden states, which come first; None where it gives these alone.
    """

    model: PreTrainedModel
    below: tuple[Any, ...]
    above: Any
    more: int | None

    def states(self, ids: Indices, mask: Indices, *, precision: str) -> torch.Tensor:
        """What the lower layers give [rows, tokens, d]; the upper ones are not computed."""

        def stop(_: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
            raise _Reached(args[0] if args else options["hidden_states"])

        inputs, attention = (torch.from_numpy(side).to(self.model.device) for side in (ids, mask))
        handle = self.above.register_forward_pre_hook(stop, with_kwargs=True)
        try:
            with autocast(self.model, precision), evaluating(self.model), torch.no_grad():
                self.model(input_ids=inputs, attention_mask=attention)
        except _Reached as reached:
            return reached.states
        finally:
            handle.remove()
        raise RuntimeError("the first layer that learns was not called")

    @contextmanager
    def given(self, states: torch.Tensor) -> Iterator[None]:
        """Let the model pass by the lower layers for a while and go on from what they gave."""

        def put(_: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
            return ((states, *args[1:]), options) if args else ((), {**options, "hidden_states": states})

        with ExitStack() as stack:
            for layer in self.below:
                layer.forward = self._pass
                stack.callback(delattr, layer, "forward")
            stack.callback(self.above.register_forward_pre_hook(put, with_kwargs=True).remove)
            yield

    def _pass(self, hidden_states: torch.Tensor, *_: Any, **__: Any) -> Any:
        return hidden_states if self.more is None else (hidden_states, *[None] * self.more)


class LowerLayers:
    """What the lower layers gave for each row.

    Args:
        cut: of the model.
        rows: token ids of every row.
        tokens: budget of tokens computed at once.
        precision: ``float32``, or ``bfloat16`` through autocast.
    """

    def __init__(self, cut: Cut, rows: Sequence[list[int]], *, tokens: int, precision: str) -> None:
        self.cut = cut
        self.states: list[torch.Tensor] = [torch.empty(0)] * len(rows)
        padding = padding_id(cut.model)
        with fast_attention(cut.model):
            for batch in token_batches([len(row) for row in rows], tokens=tokens):
                ids, mask = widened(*pad([rows[row] for row in batch], padding=padding), padding)
                found = cut.states(ids, mask, precision=precision).cpu()
                for row, states, length in zip(batch, found, mask.sum(axis=1), strict=True):
                    self.states[row] = states[: int(length)].clone()

    @contextmanager
    def given(self, rows: Indices, width: int) -> Iterator[None]:
        """Let the model go on from the states of some rows, padded to a width."""
        some = [self.states[row] for row in rows]
        states = some[0].new_zeros(len(some), width, some[0].shape[1])
        for place, each in enumerate(some):
            states[place, : len(each)] = each
        with self.cut.given(states.to(self.cut.model.device)):
            yield


def lower_layers(
    model: PreTrainedModel, rows: Sequence[list[int]], config: TrainConfig, *, reads: int
) -> LowerLayers | None:
    """What the frozen layers of a model give for some rows, or None where it is computed anew in each step.

    It is where the layers above do not go on from it as from the model's own, where it is not read more often
    than it would be computed, and where it would take too much memory.

    Args:
        model: adapted: its last layers learn.
        rows: token ids of every row.
        config: resolved settings.
        reads: rows that the training to come reads in all.
    """
    if reads <= len(rows) or not rows:
        return None
    cut = found_cut(model)
    if cut is None:
        _log.info("the frozen layers are computed in each step: this encoder cannot be cut")
        return None
    needed = _bytes(cut, rows, config.precision)
    if needed > _room():
        _log.warning(
            "the frozen layers are computed in each step: there is no memory to keep what they give",
            extra={"bytes": needed},
        )
        return None
    tokens = config.batches.tokens or budget(model.device.type)
    return LowerLayers(cut, rows, tokens=tokens, precision=config.precision)


def found_cut(model: PreTrainedModel) -> Cut | None:
    """Where a model whose lower layers do not learn is cut, or None where it cannot be.

    It is tried on made rows: the upper layers must answer from what the lower ones gave as the whole model
    does.
    """
    stacked = list(layers(model) or ())
    learns = [any(value.requires_grad for value in layer.parameters()) for layer in stacked]
    first = learns.index(True) if True in learns else 0
    if not first:
        return None
    try:
        return _tried(model, tuple(stacked[:first]), stacked[first])
    except Exception:  # layers that are called in another way fail in many ways
        return None


class _Reached(Exception):
    """Carries the hidden states that have come to a layer."""

    def __init__(self, states: torch.Tensor) -> None:
        super().__init__()
        self.states = states


def _tried(model: PreTrainedModel, below: tuple[Any, ...], above: Any) -> Cut | None:
    ids, mask = pad([made_row(model, length) for length in TRIED], padding=padding_id(model))
    inputs, attention = (torch.from_numpy(side).to(model.device) for side in (ids, mask))
    given: list[Any] = []
    handle = below[0].register_forward_hook(lambda *seen: given.append(seen[2]))
    with evaluating(model), torch.no_grad():
        try:
            wanted = model(input_ids=inputs, attention_mask=attention).logits.float()
        finally:
            handle.remove()
        cut = Cut(model, below, above, len(given[0]) - 1 if isinstance(given[0], tuple) else None)
        states = cut.states(ids, mask, precision="float32") * attention[:, :, None]
        with cut.given(states):
            got = model(input_ids=inputs, attention_mask=attention).logits.float()
    same = (got - wanted).abs().max() <= AGREEMENT * (1 + float(wanted.abs().max()))
    return cut if same else None


def _bytes(cut: Cut, rows: Sequence[list[int]], precision: str) -> int:
    """Memory that the states of rows take."""
    one = min(rows, key=len)
    states = cut.states(np.array([one]), np.ones((1, len(one)), dtype=np.int64), precision=precision)
    return sum(map(len, rows)) * int(states.shape[-1]) * states.element_size()


def _room() -> float:
    """Bytes that may be kept."""
    free = machine.free_memory_bytes()
    installed = SHARE * (machine.memory_gib() or 0.0) * 2**30
    return installed if free is None else min(installed, FREE * free)
