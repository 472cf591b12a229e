"""Settings of ``train``: what learns, for how long, how the loss is made, how long reports are read."""

from __future__ import annotations

import os
from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Config

Effort = Literal["quick", "standard", "thorough"]

EFFORTS: dict[str, dict[str, int]] = {
    "smoke": {"epochs": 1, "patience": 0},
    "quick": {"epochs": 3, "patience": 0},
    "standard": {"epochs": 8, "patience": 2},
    "thorough": {"epochs": 12, "patience": 3},
}
"""What each effort stands for; ``smoke`` is for checks of notebooks and comes from the environment only."""


class OptimizerConfig(Config):
    """The ``[train.optimizer]`` section: AdamW (Loshchilov & Hutter, 2019)."""

    schedule: Literal["linear", "cosine", "constant"] = Field(
        "linear", description="how the learning rate falls to zero after the warm-up"
    )
    warmup: float = Field(
        0.1, ge=0, lt=1, description="share of the steps in which the learning rate rises from zero"
    )
    weight_decay: float = Field(
        0.01, ge=0, le=1, description="decay of the weights; biases and normalization layers have none"
    )
    beta1: float = Field(0.9, ge=0, lt=1, description="memory of the gradient's mean")
    beta2: float = Field(0.999, ge=0, lt=1, description="memory of the gradient's square")
    epsilon: float = Field(1e-8, gt=0, description="keeps the division of AdamW finite")
    clip: float = Field(1.0, gt=0, description="largest norm of the gradient; above it, it is scaled down")
    head_start: bool = Field(
        default=True, description="fit the head to the frozen encoder before anything else learns"
    )
    head_factor: float = Field(
        1.0, gt=0, description="learning rate of the head, as a multiple of the encoder's"
    )


class LossConfig(Config):
    """The ``[train.loss]`` section."""

    class_weights: Literal["none", "sqrt", "balanced"] = Field(
        "sqrt",
        description="weight of a report by its label: equal, by the square root of rarity, or by rarity",
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of the certainty that is spread over all labels"
    )
    ordinal: float = Field(
        1.0, ge=0, description="weight of the squared distance between grades, for ordinal labels only"
    )


class WindowsConfig(Config):
    """The ``[train.windows]`` section: how reports longer than the encoder's window are read."""

    size: int | None = Field(
        None, ge=8, description="tokens of a window, special tokens included; the encoder's own if not given"
    )
    stride: int | None = Field(
        None, ge=1, description="tokens from one window's start to the next; half a window if not given"
    )
    pooling: Literal["mean", "max"] = Field(
        "mean", description="how the logits of the windows of one report become one row"
    )
    most: int = Field(
        8,
        ge=1,
        description="windows of one report that a step learns from, drawn anew in each epoch; "
        "answers always read them all",
    )


class CalibrationConfig(Config):
    """The ``[train.calibration]`` section."""

    temperature: bool = Field(
        default=True,
        description="fit a temperature on the calibration split, so that probabilities can be believed",
    )
    thresholds: bool = Field(
        default=True,
        description="choose a threshold for each label on validation, where that helps beyond noise",
    )


class TrainConfig(Config):
    """The ``[train]`` section."""

    encoder: str = Field(
        "minilm",
        min_length=1,
        description="name in `bert4text encoders`, folder or hub id; tfidf trains the baseline alone",
    )
    adaptation: Literal["full", "head"] = Field(
        "full", description="what learns: all weights, or the head on a frozen encoder"
    )
    effort: Effort = Field(
        "standard", description="sets epochs and patience where they are not given: quick, standard, thorough"
    )
    epochs: int | None = Field(
        None, ge=1, le=1000, description="passes over the training reports; set by the effort if not given"
    )
    patience: int | None = Field(
        None,
        ge=0,
        description="epochs without a better macro-F1 before training stops; 0 never stops early; "
        "set by the effort if not given",
    )
    learning_rate: float | None = Field(
        None, gt=0, lt=1, description="highest learning rate of the encoder; found from its size if not given"
    )
    batch_size: int = Field(16, ge=1, le=4096, description="reports that one step learns from")
    batch_tokens: int | None = Field(
        None,
        ge=16,
        description="tokens computed at once; a step of more is computed in parts, with the same result; "
        "2048 on a processor and 16384 on a GPU if not given",
    )
    dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="share of hidden values dropped while training; the encoder's own if not given",
    )
    attention_dropout: float = Field(
        0.0, ge=0, lt=1, description="share of attention dropped while training; costly on processors"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic while training; auto takes bfloat16 where the machine has it"
    )
    checkpoint_steps: int = Field(
        200, ge=1, description="steps between checkpoints; there is one at the end of each epoch too"
    )
    optimizer: OptimizerConfig = Field(
        default_factory=lambda: OptimizerConfig.model_validate({}), description="AdamW and its schedule"
    )
    loss: LossConfig = Field(
        default_factory=lambda: LossConfig.model_validate({}), description="what the loss counts"
    )
    windows: WindowsConfig = Field(
        default_factory=lambda: WindowsConfig.model_validate({}), description="how long reports are read"
    )
    calibration: CalibrationConfig = Field(
        default_factory=lambda: CalibrationConfig.model_validate({}), description="temperature and thresholds"
    )

    def resolved(self) -> TrainConfig:
        """Fill epochs and patience from the effort where they were not given."""
        effort = "smoke" if os.environ.get("BERT4TEXT_EFFORT") == "smoke" else self.effort
        missing: dict[str, Any] = {
            name: value for name, value in EFFORTS[effort].items() if getattr(self, name) is None
        }
        return self.replace(**missing)
