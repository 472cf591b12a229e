"""A teacher is asked once: what it answers, and what it sees within, for every report to be learned from."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from bert4text.core.progress import Task, hearing
from bert4text.models.backends import Backend, FloatArray
from bert4text.models.classifier import Classifier
from bert4text.models.embedded import suited
from bert4text.models.hybrid import told
from bert4text.training.distill_config import TEACHER

if TYPE_CHECKING:
    from bert4text.models.torch_backend import TorchBackend

CHUNK = 512
"""Reports answered at once: what lies between is bounded, whatever the corpus."""


@dataclass(frozen=True)
class Answers:
    """What a teacher says of n reports.

    Attributes:
        logits: of the system that answers, float32 [n, k].
        told: calibrated: log-probabilities, or log-odds where several labels may hold, float32 [n, k].
        states: hidden states of its encoder, those of each place asked for and of the end, one after the
            other, float16 [n, (places + 1) x d]; None where they were not asked for.
    """

    logits: FloatArray
    told: FloatArray
    states: npt.NDArray[np.float16] | None


def encoder_of(teacher: Classifier) -> TorchBackend | None:
    """The PyTorch encoder that has a part in a teacher's answers, or None."""
    backend, _ = teacher.systems().get("model", (None, None))
    if teacher.delivered == "tfidf" or backend is None or backend.name != "torch":
        return None
    return cast("TorchBackend", backend)


def beginning(name: str, teacher: Classifier, language: str | None) -> str:
    """What a student is made from: ``teacher``, or the name of an encoder.

    Args:
        name: as it was asked for.
        teacher: whose own encoder is taken where it has one; else the embedded one stands in.
        language: of the reports, BCP 47, or None.
    """
    if name == TEACHER and encoder_of(teacher) is not None:
        return TEACHER
    return suited("auto" if name == TEACHER else name, language)


def ask(teacher: Classifier, texts: Sequence[str], *, places: Sequence[int] | None, task: Task) -> Answers:
    """What a teacher says of texts, and of which layers.

    Args:
        teacher: the classifier; it is not changed.
        texts: n texts.
        places: of the layers of its PyTorch encoder whose states are wanted beside those of the end; None
            wants none.
        task: told how many are answered.
    """
    backend = teacher.backend if places is None else _watched(teacher, places)
    outputs = []
    with hearing(task) as answered:
        for start in range(0, len(texts), CHUNK):
            outputs.append(backend.forward(texts[start : start + CHUNK]))
            answered(len(outputs[-1].tokens))
    k = len(teacher.label_space)
    logits = np.concatenate([np.zeros((0, k), np.float32), *(output.logits for output in outputs)])
    states = None
    if places is not None and outputs:
        seen = np.concatenate([cast("FloatArray", output.embedding) for output in outputs])
        largest = float(np.finfo(np.float16).max)
        states = np.clip(seen, -largest, largest).astype(np.float16)
    return Answers(logits, told(logits, teacher.calibrator).astype(np.float32), states)


def _watched(teacher: Classifier, places: Sequence[int]) -> Backend:
    """The backend that answers, with more in its embeddings."""
    watching = copy.copy(cast("TorchBackend", encoder_of(teacher)))
    watching.reads = tuple(places)
    if teacher.delivered != "hybrid" or teacher.hybrid is None:
        return watching
    both = copy.copy(teacher.hybrid[0])
    both.model = (watching, both.model[1])
    return both
