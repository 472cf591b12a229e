"""Members: several encoders, each learned without a fold of the reports, which it answers unseen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from bert4text.core import seeds
from bert4text.core.progress import Progress
from bert4text.models.ensemble import Ensemble
from bert4text.models.torch_backend import TorchBackend
from bert4text.training.config import TrainConfig
from bert4text.training.finetune import Tuned, finetune
from bert4text.training.folds import folds
from bert4text.training.parts import Parts


def finetune_folds(
    parts: Parts, config: TrainConfig, *, corpus: str, seed: int, work: Path, progress: Progress
) -> Tuned:
    """Fine-tune a member for each fold; a training that goes on finds complete ones complete.

    Args:
        parts: the splits.
        config: settings, effort resolved.
        corpus: the corpus's fingerprint.
        seed: the one seed; each member draws from streams of its own.
        work: holds a folder for each member.
        progress: where to show how far it has come.

    Returns:
        The first member's, with all of them as its backend.

    Raises:
        EmptyCorpusError: the reports do not suffice for so many folds.
        ModelError: the encoder is unknown or broken, or a checkpoint belongs to another training.
        GuardError: a training diverged.
        OutputError: the work folder cannot be written.
    """
    count = config.folds.count or 1
    pool = parts.pool
    cut = folds(pool, parts.label_space, count=count, seed=seed)
    logits = np.zeros((len(pool.texts), len(parts.label_space)), dtype=np.float32)
    members: list[Tuned] = []
    with progress.task("fine-tuning the members", count) as task:
        for fold in cut:
            tuned = finetune(
                fold.parts,
                config,
                corpus=corpus,
                seed=seeds.integer(seed, f"training.member.{fold.number}"),
                work=work / f"member-{fold.number + 1}",
                progress=progress,
                turns=count - fold.number,
            )
            logits[fold.rows] = tuned.backend.forward(fold.held.texts).logits
            members.append(tuned)
            task.advance(1)
    return replace(
        members[0],
        backend=Ensemble([cast("TorchBackend", member.backend) for member in members]),
        members=[member.steps for member in members[1:]],
        out_of_fold=logits,
    )
