"""Which weights learn, how fast, and which of them decay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bert4text.core.errors import ConfigError, ModelError
from bert4text.core.extras import require
from bert4text.models.body import layers
from bert4text.training import lora
from bert4text.training.config import Adaptation, OptimizerConfig, TrainConfig
from bert4text.training.rows import RowAdamW

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

SMALL_WIDTH, SHALLOW = 512, 7
"""Encoders narrower than this are small and want a higher learning rate, those of more layers less of it;
the layer that reads the mean is counted."""

LEARNING_RATES: dict[str, float] = {"small": 1e-4, "deep": 5e-5, "base": 3e-5, "head": 1e-3, "lora": 5e-4}
"""Highest learning rate where none is given: small, small but deep, and base encoders, a head on a frozen
one, or lora."""


def adapt(model: PreTrainedModel, config: TrainConfig) -> None:
    """Decide, in place, which weights learn; a pooler counts as head: it serves the classification alone.

    ``full``: all. ``layers``: the last ones and the head. ``lora``: matrices of low rank beside every product
    of the encoder, and the head (Hu et al., 2022, "LoRA: Low-Rank Adaptation of Large Language Models").
    ``head``: what stands after the encoder's last layer.

    Raises:
        ConfigError: more layers are asked for than there are.
        ModelError: the layers of this encoder are not found.
        MissingExtraError: lora needs peft, which is not installed.
    """
    if config.adaptation == "lora":
        lora.insert(model, config.adapt)
    head = set(head_parameters(model))
    last = _last_layers(model, config.adapt.layers) if config.adaptation == "layers" else set()
    for name, parameter in model.named_parameters():
        learns = config.adaptation == "full" or name in head or name in last or lora.is_part(name)
        parameter.requires_grad = learns


def merge(model: PreTrainedModel) -> None:
    """Make an adapted model an ordinary one again, in place: what was added is merged into its weights."""
    lora.merge(model)
    model.requires_grad_(requires_grad=True)


def _last_layers(model: PreTrainedModel, count: int) -> set[str]:
    """Names of the weights of the last layers, and of what stands after them."""
    stacked = layers(model)
    if stacked is None:
        raise ModelError(
            "the layers of this encoder are not found, so that some of them cannot learn alone",
            hint='set [train] adaptation = "full" or "lora"',
            code="no-layers",
        )
    if count > len(stacked):
        raise ConfigError(
            "[train.adapt] layers is {asked}; the encoder has {found}",
            hint="ask for fewer",
            code="too-many-layers",
            asked=count,
            found=len(stacked),
        )
    own = {id(parameter) for layer in list(stacked)[-count:] for parameter in layer.parameters()}
    return {name for name, parameter in model.named_parameters() if id(parameter) in own}


def depths(model: PreTrainedModel) -> dict[str, int]:
    """How many layers stand above each weight: 0 for the last layer and the head, most for embeddings."""
    stacked = layers(model)
    if stacked is None:
        return {}
    above = {
        id(parameter): len(stacked) - 1 - place
        for place, layer in enumerate(stacked)
        for parameter in layer.parameters()
    }
    heads = set(head_parameters(model))
    return {
        name: 0 if name in heads else above.get(id(parameter), len(stacked))
        for name, parameter in model.named_parameters()
    }


def frozen_parts(model: PreTrainedModel) -> list[torch.nn.Module]:
    """The largest parts of the encoder of which nothing learns."""

    def within(module: torch.nn.Module) -> list[torch.nn.Module]:
        own = list(module.parameters())
        if own and not any(value.requires_grad for value in own):
            return [module]
        return [part for child in module.children() for part in within(child)]

    return within(model.base_model)


def head_parameters(model: PreTrainedModel) -> list[str]:
    """Names of the weights after the encoder's last layer."""
    body = model.base_model_prefix + "."
    return [name for name, _ in model.named_parameters() if not name.startswith(body) or ".pooler." in name]


def trainable(model: PreTrainedModel) -> dict[str, torch.nn.Parameter]:
    """The weights that learn, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def learning_rate(model: PreTrainedModel, adaptation: Adaptation) -> float:
    """The highest learning rate that suits the encoder's size, where none is given."""
    if adaptation in LEARNING_RATES:
        return LEARNING_RATES[adaptation]
    width = int(getattr(model.config, "hidden_size", SMALL_WIDTH))
    if width >= SMALL_WIDTH:
        return LEARNING_RATES["base"]
    return LEARNING_RATES["deep" if getattr(model.config, "num_hidden_layers", 0) > SHALLOW else "small"]


def optimizer(
    model: PreTrainedModel, config: OptimizerConfig, *, adaptation: Adaptation
) -> torch.optim.AdamW:
    """AdamW whose groups, with and without decay, each have their ``factor`` of the learning rate.

    Biases, normalization weights and all other vectors do not decay. The head's learning rate is
    ``head_factor`` times the encoder's, unless the head alone learns; each layer's is ``layer_decay`` times
    that of the layer above (Howard & Ruder, 2018, "Universal Language Model Fine-tuning for Text
    Classification").
    """
    heads, above = set(head_parameters(model)), depths(model)
    factor = 1.0 if adaptation == "head" else config.head_factor
    groups: dict[tuple[float, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in trainable(model).items():
        rate = factor if name in heads else config.layer_decay ** above.get(name, 0)
        groups.setdefault((rate, parameter.ndim > 1), []).append(parameter)
    settings: list[dict[str, Any]] = [
        {
            "params": groups[rate, decays],
            "weight_decay": config.weight_decay if decays else 0.0,
            "factor": rate,
        }
        for rate, decays in sorted(groups)
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
