"""Answers to reports that were held out: what each trial of tuning spends its time on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress
from bert4text.evaluation.answers import Bools, answers
from bert4text.models.calibration import Calibrator
from bert4text.models.hub import load_encoder
from bert4text.training.config import TrainConfig
from bert4text.training.finetune import finetune
from bert4text.training.folds import Fold
from bert4text.training.loop import Step
from bert4text.training.settled import completed


class OutOfTime(Exception):
    """There is no time left for the training under way."""


class Start(NamedTuple):
    """What trials start from: the learning rate where none is given, and the digest of the encoder."""

    rate: float
    encoder: str


def start(config: TrainConfig, label_space: LabelSpace, *, seed: int) -> Start:
    """Find what depends on the encoder.

    Raises:
        ModelError: the encoder is unknown or broken.
        MissingExtraError: torch, transformers or accelerate is not installed.
    """
    encoder = load_encoder(config.encoder, labels=label_space, seed=seed)
    return Start(completed(config, encoder).learning_rate or 0.0, encoder.info.sha256)


def answer(
    fold: Fold,
    config: TrainConfig,
    *,
    corpus: str,
    seed: int,
    work: Path,
    late: Callable[[], bool],
    progress: Progress,
) -> Bools:
    """Train without a fold and answer it, bool [n, k]; the most probable label, or those of 0.5 and over.

    Args:
        fold: what is held out, and what is not.
        config: settings, effort resolved.
        corpus: what tells this training from others; a checkpoint of another is refused.
        seed: of the training.
        work: folder of its checkpoints; it goes on from what lies there.
        late: asked after each step; once it says so, the training is left.
        progress: where to show how far it has come.

    Raises:
        OutOfTime: it was late.
        GuardError: training diverged.
    """

    def watch(step: Step) -> None:
        if late():
            raise OutOfTime

    tuned = finetune(
        fold.parts, config, corpus=corpus, seed=seed, work=work, progress=progress, observers=[watch]
    )
    space = fold.parts.label_space
    probabilities = Calibrator.untouched(space).probabilities(tuned.backend.forward(fold.held.texts).logits)
    return answers(fold.held.truth, probabilities, label_space=space).decided
