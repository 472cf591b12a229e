"""Settings of ``pretrain``: which words are hidden, for how long it learns to find them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.training.config import BatchesConfig, OptimizerConfig


class WindowBatchesConfig(BatchesConfig):
    """The ``[pretrain.batches]`` section: what one step learns from."""

    size: int = Field(32, ge=1, le=4096, description="windows that one step learns from")


class PretrainConfig(Config):
    """The ``[pretrain]`` section."""

    encoder: str = Field(
        "auto",
        min_length=1,
        description="name in `bert4text encoders`, folder or hub id; auto takes the embedded one of the "
        "reports' language",
    )
    epochs: int = Field(3, ge=1, le=1000, description="passes over the reports")
    learning_rate: float = Field(1e-4, gt=0, lt=1, description="highest learning rate")
    batches: WindowBatchesConfig = Field(
        default_factory=lambda: WindowBatchesConfig.model_validate({}),
        description="what one step learns from",
    )
    window: int = Field(256, ge=16, description="tokens of a window, special tokens included")
    masked: float = Field(0.15, gt=0, lt=1, description="share of the words that are hidden")
    held_out: float = Field(
        0.05, gt=0, lt=0.5, description="share of the patients whose reports only measure how well it learns"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic while training; auto takes bfloat16 where the machine has it"
    )
    optimizer: OptimizerConfig = Field(
        default_factory=lambda: OptimizerConfig.model_validate({}), description="AdamW and its schedule"
    )
