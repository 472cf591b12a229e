"""Settings of ``distill``: what the student is made from, and what it learns of its teacher."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.training.calibration_config import CalibrationConfig
from bert4text.training.config import (
    BatchesConfig,
    DropoutConfig,
    Effort,
    LossConfig,
    OptimizerConfig,
    TrainConfig,
    WindowsConfig,
)

TEACHER = "teacher"
"""The encoder that is named so is the teacher's own."""


class TargetsConfig(Config):
    """The ``[distill.targets]`` section: what a step learns from, and how much each of it counts."""

    temperature: float = Field(
        2.0, gt=0, le=100, description="evens out the answers of teacher and student before they are compared"
    )
    soft: float = Field(1.0, ge=0, description="weight of the teacher's answers")
    hard: float = Field(0.5, ge=0, description="weight of the true labels, where a report has them")
    hidden: float = Field(
        1.0,
        ge=0,
        description="weight of the teacher's hidden states, where it answers with a PyTorch encoder; "
        "0 leaves them out",
    )
    unlabelled: int | None = Field(
        None,
        ge=0,
        description="reports without a label that the student learns from at most, drawn by the seed; "
        "all if not given",
    )


class DistillConfig(Config):
    """The ``[distill]`` section."""

    encoder: str = Field(
        TEACHER,
        min_length=1,
        description="what the student is made from: teacher is layers of the teacher's own encoder (of the "
        "embedded one where it has none), else a name in `bert4text encoders`, folder or hub id",
    )
    layers: int | None = Field(
        None,
        ge=1,
        description="layers of the student, evenly spaced among those it is made from; if not given, half of "
        "them, and all of an encoder that is named",
    )
    effort: Effort = Field(
        "standard", description="sets epochs and patience where they are not given: quick, standard, thorough"
    )
    epochs: int | None = Field(
        None, ge=1, le=1000, description="passes over the reports; set by the effort if not given"
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
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic while training; auto takes bfloat16 where the machine has it"
    )
    targets: TargetsConfig = Field(
        default_factory=lambda: TargetsConfig.model_validate({}), description="what the student learns from"
    )
    dropout: DropoutConfig = Field(
        default_factory=lambda: DropoutConfig.model_validate({}), description="what is dropped at random"
    )
    optimizer: OptimizerConfig = Field(
        default_factory=lambda: OptimizerConfig.model_validate({}), description="AdamW and its schedule"
    )
    batches: BatchesConfig = Field(
        default_factory=lambda: BatchesConfig.model_validate({}), description="what one step learns from"
    )
    loss: LossConfig = Field(
        default_factory=lambda: LossConfig.model_validate({}),
        description="what the loss of the true labels counts",
    )
    windows: WindowsConfig = Field(
        default_factory=lambda: WindowsConfig.model_validate({}),
        description="how long reports are read; as the teacher does where the student is made from it",
    )
    calibration: CalibrationConfig = Field(
        default_factory=lambda: CalibrationConfig.model_validate({}),
        description="how probabilities are made believable, and how answers are made of them",
    )

    def learning(self) -> TrainConfig:
        """The settings of the one loop; all of the student learns."""
        given = self.model_dump(include=set(SHARED), exclude_unset=True)
        return TrainConfig.parse(given, section="distill")

    def completed(self, config: TrainConfig) -> DistillConfig:
        """These settings with what the loop filled in."""
        filled = {name: getattr(config, name) for name in SHARED}
        batches = self.batches.replace(size=config.batches.size, tokens=config.batches.tokens)
        return self.replace(**{**filled, "batches": batches})


SHARED = sorted(DistillConfig.model_fields.keys() & TrainConfig.model_fields.keys())
"""What both sections have."""
