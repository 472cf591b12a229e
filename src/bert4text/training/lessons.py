"""What an encoder learns from: the labelled reports of ``train``, or what stands in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bert4text.core.digest import digest
from bert4text.core.extras import require
from bert4text.models.hub import load_encoder
from bert4text.models.sources import EncoderInfo
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.balance import times
from bert4text.training.batches import Examples, tokenize
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import Source
from bert4text.training.objectives import Objective, objective
from bert4text.training.parts import Parts

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel
else:
    torch = require("torch")


class Learner(Protocol):
    """An encoder with a head for the question."""

    @property
    def model(self) -> PreTrainedModel:
        """``AutoModelForSequenceClassification``, float32, one logit for each label."""

    @property
    def tokenizer(self) -> Tokenizer:
        """Truncation and padding removed."""

    @property
    def info(self) -> EncoderInfo:
        """What the encoder is."""


class Lessons(Protocol):
    """Which encoder learns, and from what."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What tells these lessons from others, beside corpus, encoder, settings and seed."""

    def learner(self, config: TrainConfig, *, seed: int) -> Learner:
        """The encoder that learns."""

    def examples(self, backend: TorchBackend) -> Examples:
        """The reports that it learns from."""

    def source(self, plain: Source, model: PreTrainedModel, examples: Examples) -> Source:
        """What gives the objective its logits; the model may be given weights that learn beside its own."""

    def objective(self, config: TrainConfig, *, device: torch.device) -> Objective:
        """The loss of each report."""

    def start(self, examples: Examples) -> Examples | None:
        """The labelled reports that a fresh head is started on; None where the head knows already."""

    def released(self, model: PreTrainedModel) -> None:
        """Take what ``source`` put beside a model away again."""


@dataclass(frozen=True)
class Labelled:
    """The labelled reports of ``train``, and the encoder of the settings."""

    parts: Parts

    @property
    def identity(self) -> Mapping[str, str]:
        """The copies of the reports, where there are some: a perturbation may change with its version."""
        copies = self.parts.train.copies
        return {} if copies is None else {"copies": digest(copies)}

    def learner(self, config: TrainConfig, *, seed: int) -> Learner:
        """The encoder of the settings, with a fresh head."""
        return load_encoder(
            config.encoder, labels=self.parts.label_space, seed=seed, reads=config.adapt.reads
        )

    def examples(self, backend: TorchBackend) -> Examples:
        """The labelled reports of ``train``, and their copies."""
        train = self.parts.train.learned
        return tokenize(backend, train.texts, train.targets, weights=train.weights)

    def source(self, plain: Source, model: PreTrainedModel, examples: Examples) -> Source:
        """The plain one."""
        del model, examples
        return plain

    def objective(self, config: TrainConfig, *, device: torch.device) -> Objective:
        """The loss that suits the question."""
        targets = self.parts.train.learned.targets
        drawn = times(targets) if config.batches.balanced else None
        return objective(self.parts.label_space, targets, config.loss, device=device, times=drawn)

    def start(self, examples: Examples) -> Examples | None:
        """All of them."""
        return examples

    def released(self, model: PreTrainedModel) -> None:
        """Nothing was put beside it."""
