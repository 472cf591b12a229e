"""Distill: a smaller encoder learns to answer as a teacher does, from reports with and without labels."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, LabelError
from bert4text.core.labels import LabelSpace
from bert4text.core.language import majority
from bert4text.core.progress import Progress, silent
from bert4text.evaluation.answers import Bools
from bert4text.models.classifier import Classifier
from bert4text.models.shallow import depth
from bert4text.training.calibrate import macro_f1
from bert4text.training.config import TrainConfig
from bert4text.training.decide import decided
from bert4text.training.distill_config import TEACHER, DistillConfig
from bert4text.training.finetune import Tuned, finetune
from bert4text.training.parts import Part, Parts, read_parts, unlabelled
from bert4text.training.point import check_point
from bert4text.training.student import Taught, matched, open_student
from bert4text.training.teacher import Answers, ask, beginning, encoder_of
from bert4text.training.train import beside_baseline, forget
from bert4text.training.trained import Trained

if TYPE_CHECKING:
    from bert4text.models.torch_backend import TorchBackend


def distill(
    teacher: Classifier,
    corpus: Corpus,
    config: DistillConfig,
    *,
    seed: int,
    work: Path,
    resume: bool = False,
    progress: Progress = silent,
) -> Trained:
    """Ask the teacher once about all reports, and let a student learn from what it says.

    The student learns from the labelled reports of ``train`` and from reports without a label that stand in
    ``train`` or in no split; ``validation`` and ``calibration`` serve as in ``train``, ``test`` is never
    read.

    Args:
        teacher: answers the same question; it is not changed.
        corpus: labelled and split.
        config: what the student is made from, and what it learns.
        seed: the one seed; the same seed, versions and threads give the same weights.
        work: a folder for checkpoints and ``steps.jsonl`` that outlives a kill.
        resume: go on from the checkpoint in ``work`` if there is one; otherwise what is there is dropped.
        progress: where to show how far it has come.

    Returns:
        As ``train``; ``notes`` hold under ``distilled`` how student and teacher compare on validation.

    Raises:
        ConfigError: nothing of the teacher or of the labels counts, or there are not so many layers.
        LabelError: the corpus asks another question than the teacher answers.
        DataError: a split is missing, or a label does not fit the question.
        ModelError: the encoder is unknown or broken, or the checkpoint belongs to another training.
        GuardError: training diverged or collapsed.
        MissingExtraError: torch, transformers or accelerate is not installed.
        OutputError: the work folder cannot be written.
    """
    start = time.monotonic()
    check_targets(config)
    name = beginning(config.encoder, teacher, corpus.language or majority(corpus.texts))
    learning = _learning(config, name, teacher)
    parts = read_parts(corpus, learning)
    check_question(teacher.label_space, parts.label_space)
    check_point(learning.calibration.point, parts.label_space, parts.calibration)
    if not resume:
        forget(work)
    with progress.task("making the student"):
        student = open_student(config, name, teacher, seed=seed)
    own, others = matched(student, teacher)
    seen = encoder_of(teacher) if config.targets.hidden else None
    more = unlabelled(corpus, most=config.targets.unlabelled, seed=seed)
    texts, held = [*parts.train.texts, *more], parts.validation.texts
    with progress.task("asking the teacher", len(texts) + len(held)) as task:
        answers = ask(teacher, texts, places=None if seen is None else others, task=task)
        of_held = ask(teacher, held, places=None, task=task)
    lessons = Taught(
        student=student,
        places=None if seen is None else own,
        parts=parts,
        unlabelled=more,
        answers=answers,
        width=0 if seen is None else int(seen.model.config.hidden_size),
        config=config,
        teacher=teacher.digest,
        seed=seed,
    )

    def tune() -> Tuned:
        return finetune(
            parts,
            learning,
            corpus=corpus.fingerprint,
            seed=seed,
            work=work,
            progress=progress,
            lessons=lessons,
        )

    trained = beside_baseline(parts, learning, tune=tune, seed=seed, progress=progress)
    full = trained.config if isinstance(trained.config, TrainConfig) else learning
    places = student.places
    return dataclasses.replace(
        trained,
        config=config.completed(full).replace(layers=None if places is None else len(places)),
        seconds=time.monotonic() - start,
        notes={"distilled": _compared(teacher, trained, of_held, parts, unlabelled=len(more))},
    )


def check_targets(config: DistillConfig) -> None:
    """Refuse settings by which a head learns nothing.

    Raises:
        ConfigError: neither the teacher's answers nor the true labels count.
    """
    if not config.targets.soft and not config.targets.hard:
        raise ConfigError(
            "[distill.targets] soft and hard are both 0: the student would learn from nothing",
            hint="give one of them a weight",
            code="bad-value",
        )
    if config.windows.pooling == "learned":
        raise ConfigError(
            "[distill.windows] pooling is learned; a student takes the mean or the largest of its windows",
            hint="set it to mean or max",
            code="bad-value",
        )


def check_question(answered: LabelSpace, asked: LabelSpace) -> None:
    """Refuse a corpus that asks another question than a teacher answers.

    Raises:
        LabelError: the kind of question, a label or their order differs.
    """
    if (answered.task, answered.names, answered.off_scale) != (asked.task, asked.names, asked.off_scale):
        raise LabelError(
            "the teacher answers {task} {labels}, the corpus asks for {other_task} {other_labels}",
            hint="prepare the corpus with the teacher's [project] task and labels, in their order",
            code="other-question",
            task=answered.task,
            labels=list(answered.names),
            other_task=asked.task,
            other_labels=list(asked.names),
        )


def _learning(config: DistillConfig, name: str, teacher: Classifier) -> TrainConfig:
    """The settings of the one loop; a student made of its teacher reads reports in the same windows."""
    learning = config.learning().replace(encoder=name, folds={"count": 1, "refit": False}).resolved()
    backend = encoder_of(teacher)
    given = config.windows.model_dump(exclude_unset=True)
    if name != TEACHER or backend is None or {"size", "stride"} & given.keys():
        return learning
    pooling = "mean" if backend.pooling == "learned" else backend.pooling
    windows = {
        "size": backend.window,
        "stride": backend.stride,
        "pooling": pooling,
        **backend.reading.model_dump(mode="json"),
    }
    return learning.replace(windows={**windows, **given})


def _compared(
    teacher: Classifier, trained: Trained, said: Answers, parts: Parts, *, unlabelled: int
) -> dict[str, Any]:
    """How student and teacher compare on validation reports, as the manifest keeps it."""
    backend, part = encoder_of(teacher), parts.validation
    taught = decided(teacher.calibrator, said.logits)
    found: dict[str, Any] = {
        "teacher": teacher.digest,
        "encoder": teacher.encoder_name,
        "delivered": teacher.delivered,
        "reports": {
            "labelled": len(parts.train.texts),
            "unlabelled": unlabelled,
            "validation": len(part.texts),
        },
    }
    if trained.told is None or trained.calibrator is None or trained.backend is None:
        return found
    learned = decided(trained.calibrator, trained.told.validation)
    student = cast("TorchBackend", trained.backend)
    return {
        **found,
        "agreement": round(float((learned == taught).all(axis=1).mean()), 4),
        "macro_f1": {"student": _score(learned, part), "teacher": _score(taught, part)},
        "layers": {"student": _layers(student), "teacher": _layers(backend)},
        "weights": {"student": _weights(student), "teacher": _weights(backend)},
    }


def _score(given: Bools, part: Part) -> float:
    return round(float(macro_f1(part.truth, given)[0]), 4)


def _layers(backend: TorchBackend | None) -> int | None:
    return None if backend is None else depth(backend.model) or None


def _weights(backend: TorchBackend | None) -> int | None:
    return None if backend is None else sum(weight.numel() for weight in backend.model.parameters())
