"""What answers the reports of a fairness benchmark: TF-IDF, or an encoder that learns from the other half."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import silent
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.models.backends import Backend
from bert4text.models.embedded import suited
from bert4text.models.linear_backend import BALANCED, LinearBackend
from bert4text.training.config import TrainConfig
from bert4text.training.finetune import finetune
from bert4text.training.parts import read_parts
from bert4text.training.reweigh import groups_of, reweighed

Floats = npt.NDArray[np.float64]

TFIDF, ENCODER = "tfidf", "encoder"
"""Systems: TF-IDF with logistic regression, and the embedded encoder of the language."""

HELD = 0.15
"""Share of the reports that an encoder does not learn from, but chooses its best epoch by."""

SETTINGS: dict[str, Any] = {"effort": "quick"}
"""``[train]`` of an encoder: three epochs, sixty steps at least."""


@dataclass(frozen=True)
class Lesson:
    """What is learned, and how.

    Attributes:
        reports: to learn from.
        space: the question.
        language: of the reports.
        system: ``tfidf`` or ``encoder``.
        weighed: whether reports weigh so that sex and label are independent.
        seed: of the learning.
    """

    reports: Sequence[Report]
    space: LabelSpace
    language: str
    system: str
    weighed: bool
    seed: int


def answered(lesson: Lesson, texts: Sequence[str]) -> Floats:
    """Probabilities of texts, by what learned from the lesson's reports; the temperature is one."""
    backend = _linear(lesson) if lesson.system == TFIDF else _encoder(lesson)
    logits = backend.forward(list(texts)).logits.astype(np.float64)
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = likely / likely.sum(axis=1, keepdims=True)
    return found


def encoder_of(language: str) -> str:
    """The name of the encoder that learns reports of a language."""
    return suited("auto", language)


def _linear(lesson: Lesson) -> Backend:
    targets = np.array([lesson.space.index(label) for one in lesson.reports for label in one.labels or ()])
    weights = None
    if lesson.weighed:
        corpus = Corpus.from_reports(lesson.reports, lesson.space, language=lesson.language)
        weights = reweighed(groups_of(corpus, ["sex"]), targets, attributes=["sex"]).weights
    (backend,) = LinearBackend.fit_each(
        [one.text for one in lesson.reports],
        targets,
        len(lesson.space),
        groups=[one.id for one in lesson.reports],
        seed=lesson.seed,
        regressions=[BALANCED],
        weights=weights,
    )
    return backend


def _encoder(lesson: Lesson) -> Backend:
    """An encoder, fine-tuned; of its reports some are held out to choose the best epoch by."""
    held = rng(lesson.seed, "fairness.held").random(len(lesson.reports)) < HELD
    rows = [
        one.model_copy(update={"split": "validation" if out else "train"})
        for one, out in zip(lesson.reports, held, strict=True)
    ]
    corpus = Corpus.from_reports(rows, lesson.space, language=lesson.language)
    loss: Mapping[str, Any] = {"reweigh": ["sex"]} if lesson.weighed else {}
    config = TrainConfig.parse(
        {
            **SETTINGS,
            "encoder": encoder_of(lesson.language),
            "loss": loss,
            "calibration": {"temperature": False},
        },
        section="train",
    )
    parts = read_parts(corpus, config)
    resolved = config.resolved(reports=len(parts.train.texts))
    with tempfile.TemporaryDirectory() as folder:
        tuned = finetune(
            parts,
            resolved,
            corpus=corpus.fingerprint,
            seed=lesson.seed,
            work=Path(folder),
            progress=silent,
        )
    return tuned.backend
