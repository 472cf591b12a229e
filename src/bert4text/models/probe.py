"""Try an encoder before anything learns: it must answer, and alike whatever stands beside a report."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from bert4text.core.errors import ModelError
from bert4text.models.backends import FloatArray
from bert4text.models.tokenizer import token_ids

if TYPE_CHECKING:
    from bert4text.models.torch_backend import TorchBackend

PROBE = "0 1 2 3 4 5 6 7 8 9"
"""What is tried; every vocabulary has digits, or a piece for what it does not know."""

SHORT, LONG = 3, 1024
"""Pieces of the two rows that are tried; the long one fills a window, so that its last place is tried too."""

TOLERANCE = 1e-4
"""Largest difference, relative to the largest value, that rounding explains."""


def check_answers(backend: TorchBackend, *, name: str) -> None:
    """Refuse an encoder that fails on a text, or that answers otherwise beside a longer one.

    Args:
        backend: the encoder with its head, float32.
        name: of the encoder, for the message.

    Raises:
        ModelError: ``bad-encoder``, or ``padding-not-ignored``.
    """
    short, long = _rows(backend)
    problem = None
    try:
        alone = _values(backend, [short])
        beside = _values(backend, [short, long])
    except Exception as error:
        problem = type(error).__name__
    if problem is not None:
        raise ModelError(
            "{name} fails on a text ({problem})",
            hint="choose an encoder of texts like BERT, RoBERTa or DistilBERT",
            code="bad-encoder",
            name=name,
            problem=problem,
        )
    largest = TOLERANCE * (1.0 + float(np.abs(alone).max(initial=0.0)))
    if not float(np.abs(alone - beside).max(initial=0.0)) <= largest:
        raise ModelError(
            "{name} does not ignore padding: its answer for a report depends on those beside it",
            hint="choose an encoder of texts like BERT, RoBERTa or DistilBERT",
            code="padding-not-ignored",
            name=name,
        )


def works_in_bfloat16(backend: TorchBackend) -> bool:
    """Whether the model gives numbers in bfloat16; some are written for float32 alone."""
    try:
        return bool(np.isfinite(_values(backend, _rows(backend), precision="bfloat16")).all())
    except Exception:  # transformers and torch fail in many ways
        return False


def _rows(backend: TorchBackend) -> list[list[int]]:
    ids = token_ids(backend.tokenizer, [PROBE])[0]
    long = (ids * LONG)[: min(LONG, backend.content)]
    return [backend.template.wrap(long[:SHORT]), backend.template.wrap(long)]


def _values(backend: TorchBackend, rows: list[list[int]], *, precision: str = "float32") -> FloatArray:
    """Logits and embedding of the first row, computed with the others in one batch."""
    tried = copy.copy(backend)  # the same model, other settings
    tried.precision = precision
    tried.spares = False  # every token is to be looked at
    tried.batch_tokens = sum(map(len, rows)) * len(rows)
    logits, embeddings = tried.run(rows)
    return np.concatenate([logits[0], embeddings[0]])
