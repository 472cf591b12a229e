"""A transformers classifier taken apart: its body, the last hidden states, and the head that reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

TOLERANCE = 1e-6
"""Largest difference of a logit for which a head is said to read the first token alone."""

UNUSED = ("global_attentions", "mems", "past_key_values")
"""What some models hand on from their body beside its hidden states."""


@contextmanager
def evaluating(model: PreTrainedModel) -> Iterator[None]:
    """Put a model into evaluation mode, and back into the mode it was in."""
    training = model.training
    model.train(mode=False)
    try:
        yield
    finally:
        model.train(mode=training)


@contextmanager
def last_layer(model: PreTrainedModel) -> Iterator[list[torch.Tensor]]:
    """Catch the last hidden state of the encoder while the classifier is called: no second call is needed.

    Yields:
        A list that holds, after the call, the last hidden state [rows, tokens, d].
    """
    seen: list[torch.Tensor] = []

    def keep(module: Any, inputs: Any, output: Any) -> None:
        seen[:] = [output[0]]

    handle = model.base_model.register_forward_hook(keep)
    try:
        yield seen
    finally:
        handle.remove()


@contextmanager
def hidden_states(model: PreTrainedModel, places: Sequence[int]) -> Iterator[list[torch.Tensor]]:
    """Catch what some layers give while the classifier is called once, and last what its encoder ends with.

    Args:
        model: the classifier.
        places: of the layers, in their order; none are needed.

    Yields:
        A list that holds, after the call, the states [rows, tokens, d] of each place and of the end.
    """
    seen: list[torch.Tensor] = []

    def keep(module: Any, inputs: Any, output: Any) -> None:
        seen.append(output if isinstance(output, torch.Tensor) else output[0])

    watched = [*(layers(model)[place] for place in places), model.base_model]
    handles = [module.register_forward_hook(keep) for module in watched]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def mean_states(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean float32 [rows, d] of states [rows, tokens, d] over the tokens that are there."""
    weights = mask.unsqueeze(-1).to(torch.float32)
    mean: torch.Tensor = (states.float() * weights).sum(dim=1) / weights.sum(dim=1)
    return mean


def layers(model: PreTrainedModel) -> Any:
    """The layers of the encoder, first to last, or None where they are not found."""
    number = getattr(model.config, "num_hidden_layers", 0)
    for module in model.base_model.modules():
        if isinstance(module, torch.nn.ModuleList) and number and len(module) == number:
            return module
    return None


def autocast(model: PreTrainedModel, precision: str) -> AbstractContextManager[Any]:
    """The arithmetic of a forward pass."""
    if precision == "bfloat16":
        return torch.autocast(model.device.type, dtype=torch.bfloat16)
    return nullcontext()


def mean_state(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean of each row's last hidden states, float32 [rows, d]; what is left where one token is.

    Args:
        hidden: [rows, tokens, d]; of the first token alone where the last layer went on with no other.
        mask: int64 [rows, tokens] of all tokens, 1 where there is one.
    """
    attended = mask[:, :1] if hidden.shape[1] == 1 else mask
    weights = attended.unsqueeze(-1).to(torch.float32)
    return (hidden.float() * weights).sum(dim=1) / weights.sum(dim=1)


def head_logits(model: PreTrainedModel, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Logits float32 [rows, k] that a head gives for last hidden states [rows, tokens, d]."""
    with replaced_body(model, hidden):
        logits: torch.Tensor = model(
            input_ids=torch.zeros(hidden.shape[:2], dtype=torch.long, device=hidden.device),
            attention_mask=mask,
        ).logits.float()
    return logits


def reads_first_only(model: PreTrainedModel, hidden: torch.Tensor, mask: torch.Tensor) -> bool:
    """Whether the head of a model in evaluation mode reads the first token alone."""
    everything = head_logits(model, hidden, mask)
    first = head_logits(model, hidden[:, :1], mask[:, :1])
    return bool((everything - first).abs().max() <= TOLERANCE)


@contextmanager
def replaced_body(model: PreTrainedModel, hidden: torch.Tensor) -> Iterator[None]:
    """Let a model answer from given hidden states [rows, tokens, d]; its own body comes back afterwards."""
    body: Any = model.base_model
    setattr(model, model.base_model_prefix, _Given(body, hidden))
    try:
        yield
    finally:
        setattr(model, model.base_model_prefix, body)


class _Given(torch.nn.Module):
    """Answers as a body would whose last hidden states are given; the body's own pooler is used."""

    def __init__(self, body: Any, hidden: torch.Tensor) -> None:
        super().__init__()
        self.config = body.config
        self.pooler = getattr(body, "pooler", None)
        self.hidden = hidden

    def forward(self, *_: Any, **__: Any) -> Any:
        outputs = require("transformers.modeling_outputs")
        pooled = None if self.pooler is None else self.pooler(self.hidden)
        given = outputs.BaseModelOutputWithPooling(last_hidden_state=self.hidden, pooler_output=pooled)
        for name in UNUSED:
            setattr(given, name, None)
        return given
