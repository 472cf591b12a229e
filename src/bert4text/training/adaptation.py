"""Which weights learn, how fast, and which of them decay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bert4text.core.extras import require
from bert4text.training.config import OptimizerConfig
from bert4text.training.rows import RowAdamW

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

SMALL_WIDTH = 512
"""Encoders narrower than this are distilled ones, which want a higher learning rate."""

LEARNING_RATES: dict[str, float] = {"small": 1e-4, "base": 3e-5, "head": 1e-3}
"""Highest learning rate where none is given: small and base encoders, or a head on a frozen one."""


def adapt(model: PreTrainedModel, adaptation: Literal["full", "head"]) -> None:
    """Decide, in place, which weights learn: all, or all that stand after the encoder's last layer.

    A pooler counts as head: it serves the classification alone.
    """
    head = set(head_parameters(model))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = adaptation == "full" or name in head


def head_parameters(model: PreTrainedModel) -> list[str]:
    """Names of the weights after the encoder's last layer."""
    body = model.base_model_prefix + "."
    return [name for name, _ in model.named_parameters() if not name.startswith(body) or ".pooler." in name]


def trainable(model: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    """The weights that learn, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def learning_rate(model: PreTrainedModel, adaptation: Literal["full", "head"]) -> float:
    """The highest learning rate that suits the encoder's size, where none is given."""
    if adaptation == "head":
        return LEARNING_RATES["head"]
    width = int(getattr(model.config, "hidden_size", SMALL_WIDTH))
    return LEARNING_RATES["small" if width < SMALL_WIDTH else "base"]


def optimizer(
    model: PreTrainedModel, config: OptimizerConfig, *, adaptation: Literal["full", "head"]
) -> torch.optim.AdamW:
    """AdamW with four groups: encoder and head, with and without decay; each has its ``factor``.

    Biases, normalization weights and all other vectors do not decay. The head's learning rate is
    ``head_factor`` times the encoder's, unless the head alone learns.
    """
    heads = set(head_parameters(model))
    factor = config.head_factor if adaptation == "full" else 1.0
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in trainable(model).items():
        groups.setdefault((name in heads, parameter.ndim > 1), []).append(parameter)
    settings: list[dict[str, Any]] = [
        {
            "params": groups[is_head, decays],
            "weight_decay": config.weight_decay if decays else 0.0,
            "factor": factor if is_head else 1.0,
        }
        for is_head, decays in sorted(groups)
    ]
    return RowAdamW(settings, lr=1.0, betas=(config.beta1, config.beta2), eps=config.epsilon, fused=True)


def set_dropout(model: PreTrainedModel, *, hidden: float | None, attention: float) -> None:
    """Set the dropout of a model, in place; ``hidden`` None leaves the encoder's own.

    Random numbers for attention cost processors a third of a step, and the answers hardly feel it.
    """
    for module in model.modules():
        for name, child in module.named_children():
            if not isinstance(child, torch.nn.Dropout):
                continue
            if "SelfAttention" in type(module).__name__ and name == "dropout":
                child.p = attention
            elif hidden is not None:
                child.p = hidden
