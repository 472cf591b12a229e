"""LoRA: small matrices beside the products of an encoder learn in its place, and are merged at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.training.config import AdaptConfig

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

_MARK = ".lora_"
"""In the name of every weight that is added."""


def insert(model: PreTrainedModel, config: AdaptConfig) -> None:
    """Put matrices of low rank beside every product of the encoder, in place; at first they add nothing.

    Args:
        model: an ordinary one.
        config: rank, scale and dropout.

    Raises:
        ModelError: the encoder has no product that they could stand beside.
        MissingExtraError: peft is not installed.
    """
    peft = require("peft")
    body = model.base_model_prefix + "."
    targets = [
        name
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.startswith(body) and ".pooler" not in name
    ]
    if not targets:
        raise ModelError(
            "this encoder has no products that lora could stand beside",
            hint='set [train] adaptation = "full"',
            code="no-products",
        )
    settings = peft.LoraConfig(
        r=config.rank,
        lora_alpha=config.scale * config.rank,
        lora_dropout=config.dropout,
        target_modules=targets,
    )
    peft.inject_adapter_in_model(settings, model)


def is_part(name: str) -> bool:
    """Whether a weight was added by ``insert``."""
    return _MARK in name


def merge(model: PreTrainedModel) -> None:
    """Add what was learned to the encoder's own weights and take the matrices out, in place."""
    added = [(name, module) for name, module in model.named_modules() if hasattr(module, "base_layer")]
    for name, module in added:
        layer: Any = module
        layer.merge()
        parent, _, own = name.rpartition(".")
        setattr(model.get_submodule(parent), own, layer.get_base_layer())
