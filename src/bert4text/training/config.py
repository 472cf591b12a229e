"""Settings of ``train``: what learns, for how long, how the loss is made, how long reports are read."""

from __future__ import annotations

import math
import os
from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Config
from bert4text.models.catalog import Reads
from bert4text.training.augmentation_config import AugmentationConfig
from bert4text.training.calibration_config import CalibrationConfig
from bert4text.training.private_config import PrivateConfig

Adaptation = Literal["full", "layers", "lora", "head"]
Effort = Literal["quick", "standard", "thorough"]

EFFORTS: dict[str, dict[str, int]] = {
    "smoke": {"epochs": 1, "patience": 0},
    "quick": {"epochs": 3, "patience": 0},
    "standard": {"epochs": 8, "patience": 2},
    "thorough": {"epochs": 12, "patience": 3},
}
FOLDS = {"smoke": 1, "quick": 1, "standard": 1, "thorough": 5}
REFITS = {"smoke": False, "quick": False, "standard": True, "thorough": True}
"""What each effort stands for; ``smoke`` is for checks of notebooks and comes from the environment only."""
STEPS = {"smoke": 0, "quick": 60, "standard": 150, "thorough": 300}
"""Steps that the epochs of each effort make at least: few reports are passed more often."""
FEW = 64
"""Training reports for each label up to which they are few."""


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
    layer_decay: float = Field(
        1.0,
        gt=0,
        le=1,
        description="learning rate of each layer, as a multiple of that of the layer above",
    )


class BatchesConfig(Config):
    """How many reports one step learns from, and how many tokens are computed at once."""

    size: int = Field(16, ge=1, le=4096, description="reports that one step learns from")
    tokens: int | None = Field(
        None,
        ge=16,
        description="tokens computed at once; a step of more is computed in parts, with the same result; "
        "2048 on a processor and 16384 on a GPU if not given",
    )
    checkpoint_steps: int = Field(
        200, ge=1, description="steps between checkpoints; there is one at the end of each epoch too"
    )


class TrainBatchesConfig(BatchesConfig):
    """The ``[train.batches]`` section: what one step learns from."""

    balanced: bool = Field(
        default=False,
        description="draw reports so that labels come equally often: rare ones up to four times in an epoch, "
        "common ones in turn",
    )
    augmentation: AugmentationConfig = Field(
        default_factory=lambda: AugmentationConfig.model_validate({}),
        description="changed copies of training reports, for a model that breaks under such changes",
    )


class LossConfig(Config):
    """How the loss of true labels is made."""

    class_weights: Literal["none", "sqrt", "balanced", "effective"] = Field(
        "sqrt",
        description="weight of a report by its label: equal, by the square root of rarity, by rarity, "
        "or by the effective number of reports; none where batches are balanced and nothing is given",
    )
    focal: float = Field(
        0.0, ge=0, le=5, description="how much less a report counts that is answered right already; 0 is not"
    )
    logit_adjustment: float = Field(
        0.0,
        ge=0,
        le=2,
        description="how much logits are moved by the logarithm of each label's frequency while training; "
        "0 is not, 1 learns for equal frequencies",
    )
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="share of the certainty that is spread over all labels"
    )
    ordinal: float = Field(
        1.0, ge=0, description="weight of the loss of grades above and below, for ordinal labels only"
    )


class TrainLossConfig(LossConfig):
    """The ``[train.loss]`` section."""

    reweigh: list[str] = Field(
        default_factory=list,
        description="attributes whose groups should have every label as often: reports weigh so that group "
        "and label are independent, each label by itself where several may hold",
    )


class FoldsConfig(Config):
    """The ``[train.folds]`` section: what is made of the reports that one encoder has to leave out."""

    count: int | None = Field(
        None,
        ge=1,
        le=20,
        description="encoders that learn, each without one fold of the training and validation reports; all "
        "answer together; 1 is one encoder; set by the effort if not given",
    )
    refit: bool | None = Field(
        None,
        description="where one encoder learns, let it learn once more from training and validation reports "
        "together, for as long as validation found best; set by the effort if not given",
    )


class WindowsConfig(Config):
    """The ``[train.windows]`` section: how reports longer than the encoder's window are read."""

    size: int | None = Field(
        None, ge=8, description="tokens of a window, special tokens included; the encoder's own if not given"
    )
    stride: int | None = Field(
        None, ge=1, description="tokens from one window's start to the next; half a window if not given"
    )
    read: Literal["windows", "head-tail", "sections"] = Field(
        "windows",
        description="what of a long report is read: all of it in windows; its start and its end in one "
        "window (head-tail: the rest is cut); or some sections first",
    )
    sections: list[str] = Field(
        default_factory=list,
        description="with sections, those that are read first, in this order, by name or heading: "
        "impressão, conclusion, findings ...",
    )
    rest: bool = Field(
        default=True,
        description="with sections, whether the rest of the report is read after them; else it is cut",
    )
    pooling: Literal["mean", "max", "learned"] = Field(
        "mean",
        description="how the logits of the windows of one report become one row: their mean, the largest of "
        "each label, or a mean by weights that are learned",
    )
    most: int = Field(
        8,
        ge=1,
        description="windows of one report that a step learns from, drawn anew in each epoch; "
        "answers always read them all",
    )


class DropoutConfig(Config):
    """The ``[train.dropout]`` section."""

    hidden: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="share of hidden values dropped while training; the encoder's own if not given",
    )
    attention: float = Field(
        0.0, ge=0, lt=1, description="share of attention dropped while training; costly on processors"
    )


class AdaptConfig(Config):
    """The ``[train.adapt]`` section: what of the encoder learns, where not all of it does."""

    layers: int = Field(4, ge=1, description="layers that learn, the last ones, with adaptation layers")
    rank: int = Field(16, ge=1, le=512, description="rank of what lora adds to each product of the encoder")
    scale: float = Field(2.0, gt=0, description="what lora adds is multiplied by it")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of lora's inputs dropped while training")
    reads: Reads = Field(
        "auto",
        description="what the head reads of a window: its first token, or the mean of all, which one more "
        "layer brings to the first; auto takes the mean where the catalog says so and the encoder stays "
        "frozen or learns from 64 reports a label or fewer",
    )


class TrainConfig(Config):
    """The ``[train]`` section."""

    encoder: str = Field(
        "auto",
        min_length=1,
        description="name in `bert4text encoders`, folder or hub id; auto takes the embedded one of the "
        "reports' language; tfidf trains the baseline alone",
    )
    adaptation: Adaptation = Field(
        "full",
        description="what learns: all weights, the last layers, small matrices beside all products (lora), "
        "or the head alone on a frozen encoder",
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
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="arithmetic while training; auto takes bfloat16 where the machine has it"
    )
    adapt: AdaptConfig = Field(
        default_factory=lambda: AdaptConfig.model_validate({}),
        description="layers, lora, and what the head reads",
    )
    dropout: DropoutConfig = Field(
        default_factory=lambda: DropoutConfig.model_validate({}), description="what is dropped at random"
    )
    optimizer: OptimizerConfig = Field(
        default_factory=lambda: OptimizerConfig.model_validate({}), description="AdamW and its schedule"
    )
    batches: TrainBatchesConfig = Field(
        default_factory=lambda: TrainBatchesConfig.model_validate({}),
        description="what one step learns from",
    )
    folds: FoldsConfig = Field(
        default_factory=lambda: FoldsConfig.model_validate({}),
        description="several encoders together, or one that learns twice",
    )
    loss: TrainLossConfig = Field(
        default_factory=lambda: TrainLossConfig.model_validate({}), description="what the loss counts"
    )
    windows: WindowsConfig = Field(
        default_factory=lambda: WindowsConfig.model_validate({}), description="how long reports are read"
    )
    calibration: CalibrationConfig = Field(
        default_factory=lambda: CalibrationConfig.model_validate({}),
        description="how probabilities are made believable, and how answers are made of them",
    )
    private: PrivateConfig = Field(
        default_factory=lambda: PrivateConfig.model_validate({}), description="differential privacy"
    )

    def resolved(self, *, reports: int | None = None, labels: int | None = None) -> TrainConfig:
        """Fill epochs, patience and folds from the effort where they were not given, and what the head reads.

        Few reports make few steps, in which an encoder hardly moves (Mosbach et al., 2021, "On the Stability
        of Fine-tuning BERT"): they are passed so often that the effort's steps come together, and patience
        waits as much longer.

        With balanced batches no label weighs more, unless weights are given: rarity would count twice.

        The mean of all tokens is read by itself only where little or nothing of the encoder can learn: with
        many reports its first token learns as well (decision 46).

        Args:
            reports: to learn from, where that is known; their copies do not count.
            labels: of the question, where that is known.
        """
        effort = "smoke" if os.environ.get("BERT4TEXT_EFFORT") == "smoke" else self.effort
        missing: dict[str, Any] = {
            name: value for name, value in EFFORTS[effort].items() if getattr(self, name) is None
        }
        if reports is not None and self.epochs is None:
            wanted = -(-STEPS[effort] // -(-reports // self.batches.size))
            factor = max(1.0, wanted / missing["epochs"])
            missing = {name: math.ceil(factor * value) for name, value in missing.items()}
        count = self.folds.count or FOLDS[effort]
        refit = REFITS[effort] if self.folds.refit is None else self.folds.refit
        missing["folds"] = self.folds.replace(count=count, refit=refit and count == 1)
        if self.batches.balanced and "class_weights" not in self.loss.model_fields_set:
            missing["loss"] = self.loss.replace(class_weights="none")
        many = reports is not None and labels is not None and reports > FEW * labels
        if self.adapt.reads == "auto" and many and self.adaptation != "head":
            missing["adapt"] = self.adapt.replace(reads="first")
        return self.replace(**missing)
