"""A student and its lessons: which encoder learns from a teacher, and what of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.digest import digest, sha256
from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.models.classifier import Classifier
from bert4text.models.hub import load_encoder
from bert4text.models.shallow import depth, shallower, spaced
from bert4text.models.sources import EncoderInfo
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.batches import Examples, tokenize
from bert4text.training.config import TrainConfig
from bert4text.training.distill_config import TEACHER, DistillConfig
from bert4text.training.frozen import Source
from bert4text.training.imitation import Imitation, Targets
from bert4text.training.lessons import Learner
from bert4text.training.objectives import Objective, objective
from bert4text.training.parts import Parts
from bert4text.training.states import StatesBeside, project, release
from bert4text.training.teacher import Answers, encoder_of

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel
else:
    torch = require("torch")


@dataclass(frozen=True)
class Student:
    """An encoder that is to learn from a teacher.

    Attributes:
        model, tokenizer, info: as of any encoder that learns.
        places: of the layers that it was made of; None where the encoder was taken whole.
        copied: whether its head is the teacher's.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    info: EncoderInfo
    places: tuple[int, ...] | None
    copied: bool


def open_student(config: DistillConfig, name: str, teacher: Classifier, *, seed: int) -> Student:
    """Make a student out of its teacher, or of another encoder.

    Args:
        config: how many layers it is to have.
        name: what it is made from (``teacher.beginning``).
        teacher: it is not changed.
        seed: of a fresh head.

    Raises:
        ConfigError: more layers are asked for than there are.
        ModelError: the encoder is broken, or its layers are not found.
        UnknownEncoderError: nothing on this machine goes by that name.
    """
    own = encoder_of(teacher) if name == TEACHER else None
    if own is not None:
        unknown = EncoderInfo(name=TEACHER, sha256="", window=own.window)
        model, tokenizer, info = own.model, own.tokenizer, teacher.info.encoder or unknown
    else:
        loaded = load_encoder(name, labels=teacher.label_space, seed=seed)
        model, tokenizer, info = loaded.model, loaded.tokenizer, loaded.info
    if config.layers is None and config.encoder != TEACHER:
        return Student(model, tokenizer, info, None, copied=False)
    found = depth(model)
    wanted = config.layers or max(1, found // 2)
    if found and wanted > found:
        raise ConfigError(
            "[distill] layers is {asked}; the encoder has {found}",
            hint="ask for fewer",
            code="too-many-layers",
            asked=wanted,
            found=found,
        )
    places = spaced(found, wanted) if found else ()
    return Student(shallower(model, places), tokenizer, info, places, copied=own is not None)


def matched(student: Student, teacher: Classifier) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Places of the student's layers and of those of its teacher that they are compared with.

    The last layer is not among them: its states are compared as what the encoder ends with.
    """
    backend = encoder_of(teacher)
    own, others = depth(student.model), 0 if backend is None else depth(backend.model)
    if not own or not others:
        return (), ()
    return tuple(range(own - 1)), spaced(others, own)[:-1]


@dataclass(frozen=True)
class Taught:
    """The lessons of a teacher: labelled reports first, then those without a label.

    Attributes:
        student: what learns.
        places: of its layers whose states are compared; None where no states are.
        parts: the splits.
        unlabelled: texts without a label.
        answers: the teacher's, of all these texts.
        width: of the teacher's states.
        config: what counts how much.
        teacher: digest of its bundle; empty where it was not saved.
        seed: the one seed.
    """

    student: Student
    places: tuple[int, ...] | None
    parts: Parts
    unlabelled: list[str]
    answers: Answers
    width: int
    config: DistillConfig
    teacher: str
    seed: int

    @property
    def identity(self) -> Mapping[str, str]:
        """The teacher, and what of it is learned by which layers."""
        settings = {"targets": self.config.targets.model_dump(mode="json"), "layers": self.student.places}
        return {
            "teacher": self.teacher or sha256(self.answers.told.tobytes()),
            "lessons": digest(settings),
        }

    def learner(self, config: TrainConfig, *, seed: int) -> Learner:
        """The student."""
        del config, seed
        return self.student

    def examples(self, backend: TorchBackend) -> Examples:
        """All reports; their targets are their places."""
        texts = [*self.parts.train.texts, *self.unlabelled]
        return tokenize(backend, texts, np.arange(len(texts), dtype=np.int64))

    def source(self, plain: Source, model: PreTrainedModel, examples: Examples) -> Source:
        """With the student's states beside the logits, where they are compared."""
        if self.places is None:
            return plain
        project(model, width=self.width, seed=self.seed)
        return StatesBeside(plain, model, examples.rows, places=self.places)

    def objective(self, config: TrainConfig, *, device: torch.device) -> Objective:
        """What is true, what the teacher says, what it sees."""
        truth, more = self.parts.train.targets, len(self.unlabelled)
        none = np.zeros((more, *truth.shape[1:]), dtype=np.int64)
        targets = Targets(
            truth=np.concatenate([truth, none]),
            labelled=np.arange(len(truth) + more) < len(truth),
            told=self.answers.told,
            states=self.answers.states,
        )
        hard = objective(self.parts.label_space, truth, config.loss, device=device)
        many = self.parts.train.many
        return Imitation(hard, targets, self.config.targets, many=many, device=device)

    def start(self, examples: Examples) -> Examples | None:
        """The labelled ones for a fresh head; the teacher's own needs no start."""
        if self.student.copied:
            return None
        n = len(self.parts.train.texts)
        starts = examples.starts[: n + 1]
        return Examples(examples.rows[: int(starts[-1])], starts, self.parts.train.targets)

    def released(self, model: PreTrainedModel) -> None:
        """Drop the projection: it served the comparison alone."""
        release(model)
