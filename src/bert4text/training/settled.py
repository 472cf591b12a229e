"""Settings of a training with what encoder and machine decide filled in, and what tells it from another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bert4text.core import machine
from bert4text.core.digest import digest
from bert4text.core.extras import require
from bert4text.models.token_batches import budget
from bert4text.training import adaptation
from bert4text.training.config import TrainConfig
from bert4text.training.lessons import Learner
from bert4text.training.parts import Parts

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

WHOLE = ("full", "lora")
"""What has every product of the encoder computed in every step, so that its pace can be told."""


def completed(config: TrainConfig, encoder: Learner) -> TrainConfig:
    """Settings with what depends on encoder and machine filled in: learning rate, precision, window."""
    rate = config.learning_rate or adaptation.learning_rate(encoder.model, config.adaptation)
    window = min(config.windows.size or encoder.info.window, encoder.info.window)
    return config.replace(
        learning_rate=rate,
        precision=precision(config, encoder.model.device),
        batches=config.batches.replace(tokens=config.batches.tokens or budget(encoder.model.device.type)),
        windows=config.windows.replace(size=window),
    )


def precision(config: TrainConfig, device: torch.device) -> str:
    """The arithmetic of training: as asked for, or bfloat16 where the machine has it."""
    if config.precision != "auto":
        return config.precision
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported()
    else:
        fast = device.type == "cpu" and machine.has_bf16()
    return "bfloat16" if fast else "float32"


def choice(asked: str, config: TrainConfig) -> tuple[str, ...]:
    """Precisions to try: both where nobody asked for one, the machine has both, and every layer learns."""
    both = asked == "auto" and config.precision == "bfloat16" and config.adaptation in WHOLE
    return ("bfloat16", "float32") if both else (config.precision,)


def identity(
    parts: Parts, config: TrainConfig, encoder: Learner, *, corpus: str, seed: int
) -> dict[str, str]:
    """What a training is, part by part; a checkpoint goes on only under the same."""
    return {
        "corpus": corpus,
        "encoder": encoder.info.sha256,
        "labels": digest(parts.label_space.model_dump(mode="json")),
        "seed": str(seed),
        "settings": digest(config.model_dump(mode="json")),
        "versions": digest(machine.versions()),
    }
