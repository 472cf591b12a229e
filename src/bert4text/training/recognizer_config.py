"""Settings of ``recognizer build``: what a recognizer of names is made of, and what it learns from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.training.config import BatchesConfig, OptimizerConfig

Language = Literal["pt", "es", "en"]


class RecognizerConfig(Config):
    """The ``[recognizer]`` section."""

    encoder: str = Field(
        "e5-small-pt", min_length=1, description="name in `bert4text encoders`, folder or hub id"
    )
    layers: int | None = Field(
        6, ge=1, description="layers of the encoder that are kept, evenly spaced; all of it if not given"
    )
    languages: list[Language] = Field(
        default=["pt", "es", "en"], description="of the reports that are made up for it"
    )
    reports: int = Field(6000, ge=0, le=1_000_000, description="made-up reports that it learns from")
    epochs: int = Field(2, ge=1, le=1000, description="passes over all reports")
    learning_rate: float = Field(3e-4, gt=0, lt=1, description="highest learning rate")
    batches: BatchesConfig = Field(
        default_factory=lambda: BatchesConfig.model_validate({}), description="what one step learns from"
    )
    window: int = Field(256, ge=16, description="tokens of a window, special tokens included")
    held_out: float = Field(
        0.03, gt=0, lt=0.5, description="share of the reports that only measure how well it learns"
    )
    least: float = Field(
        0.8, gt=0, lt=1, description="probability from which a word is taken for an identifier"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic while training; auto takes bfloat16 where the machine has it"
    )
    optimizer: OptimizerConfig = Field(
        default_factory=lambda: OptimizerConfig.model_validate({}), description="AdamW and its schedule"
    )
