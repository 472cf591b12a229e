"""Refit: learn once more, from validation reports too, once they have told for how long.

Validation reports are held out to stop the training, to choose thresholds and to decide who answers. When
that is done they are labelled reports like others, and where there are few, each of them tells something. So
the same encoder starts anew and learns from both, without a look at how well it does.
Thresholds and who answers stay as decided by what the first one said of reports it had not seen; the
temperature is fitted on ``calibration``, which neither has learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bert4text.core import seeds
from bert4text.core.progress import Progress
from bert4text.models.backends import FloatArray
from bert4text.training.calibrate import Floats, fit_temperature, losses
from bert4text.training.config import TrainConfig
from bert4text.training.decide import resampled
from bert4text.training.finetune import Tuned, finetune
from bert4text.training.loop import Step
from bert4text.training.parts import Part, Parts

MOST = 5000
"""Training and validation reports above which nothing is learned twice: they tell less and cost more."""

SURE = 0.95
"""Share of the resamples of patients in which the second must be worse for the first to be kept."""


def finetune_twice(
    parts: Parts, config: TrainConfig, *, corpus: str, seed: int, work: Path, progress: Progress
) -> Tuned:
    """Fine-tune an encoder, then one like it from training and validation reports together.

    Args:
        parts: the splits.
        config: settings, effort resolved.
        corpus: the corpus's fingerprint.
        seed: the one seed; the second draws from a stream of its own.
        work: holds the second's checkpoints in a folder of their own.
        progress: where to show how far it has come.

    Returns:
        The second encoder, with what the first said of the validation reports (``out_of_fold``); the first
        alone where nothing is left to judge the second by, where there are many reports, or where the second
        is worse on the calibration reports beyond doubt.

    Raises:
        ModelError: the encoder is unknown or broken, or a checkpoint belongs to another training.
        GuardError: a training diverged.
        OutputError: the work folder cannot be written.
    """
    pool, held = parts.pool, parts.calibration
    twice = held is not None and len(pool.texts) <= MOST
    turns = 1 + len(pool.learned.texts) / len(parts.train.learned.texts) if twice else 1.0
    first = finetune(parts, config, corpus=corpus, seed=seed, work=work, progress=progress, turns=turns)
    if held is None or not twice:
        return first
    most = first.config.epochs or 1
    epochs = min(most, max(_best_epoch(first.steps), -(-most // 2)))
    with progress.task("learning from validation reports too"):
        second = finetune(
            replace(parts, train=pool, validation=held),
            first.config.replace(epochs=epochs, patience=0),
            corpus=corpus,
            seed=seeds.integer(seed, "training.refit"),
            work=work / "refit",
            progress=progress,
            last=True,
        )
        said = [tuned.backend.forward(held.texts).logits for tuned in (first, second)]
        before, after = (_losses(logits, held, parts) for logits in said)
        kept = not _worse(before, after, held, seed=seed)
        told = {
            "epochs": epochs,
            "reports": len(pool.texts),
            "kept": kept,
            "loss": {"before": round(float(before.mean()), 4), "after": round(float(after.mean()), 4)},
        }
        if not kept:
            return replace(first, refit=told)
        unseen = first.backend.forward(parts.validation.texts).logits
    return replace(first, backend=second.backend, out_of_fold=unseen, refit=told, cut=second.cut)


def _best_epoch(steps: Sequence[Step]) -> int:
    """The epoch whose weights were kept."""
    measured = [(step.validation, step.epoch) for step in steps if step.validation is not None]
    best = max(measured, key=lambda one: (one[0].get("score", 0.0), -one[0]["loss"]), default=None)
    return 1 if best is None else best[1]


def _losses(logits: FloatArray, part: Part, parts: Parts) -> Floats:
    """Loss of each report, [n], once a temperature is fitted: certainty alone makes none worse."""
    space = parts.label_space
    temperature = fit_temperature(logits, part.truth, label_space=space).temperature
    return losses(logits / temperature, part.truth, label_space=space)


def _worse(before: Floats, after: Floats, part: Part, *, seed: int) -> bool:
    """Whether the loss rises in nearly all resamples of patients."""
    weights = resampled(part.groups, seed=seed)
    return bool(np.mean(weights @ (after - before) > 0) >= SURE)
