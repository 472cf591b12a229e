"""Attention rollout, for teaching: the share of an encoder's attention that leads back to each piece.

After Abnar & Zuidema (2020), "Quantifying Attention Flow in Transformers". A share has no sign and is no
log-odds, and it is the same for every label: it tells where the model looks, and not what it makes of it.
"""

from __future__ import annotations

import importlib

from bert4text.core.errors import ConfigError
from bert4text.explanation.explainers import Found, Question
from bert4text.explanation.gradients import OURS, pieces_of


def roll_out(question: Question) -> Found:
    """The share of the attention of each piece; the rest stays with tokens that are no part of one.

    Raises:
        ConfigError: what answers has no attention, or does not give it.
        MissingExtraError: PyTorch is not installed.
    """
    backend = question.backend
    if backend is None or backend.name not in OURS:
        raise ConfigError(
            "the method rollout explains encoders of PyTorch, and this model answers by {name}",
            hint="--method occlusion explains any model",
            code="other-method",
            name="?" if backend is None else backend.name,
        )
    models = importlib.import_module("bert4text.models.rollout")  # an export is explained without PyTorch
    rolled = models.rolled_out(backend, question.text)
    question.calls += rolled.windows
    contributions = pieces_of(question, rolled.stretches, rolled.shares)
    smallest = [one.value for one in contributions if one.unit == contributions[-1].unit]
    return Found(contributions, rest=1.0 - sum(smallest), scale="share", encoder_alone=rolled.partly)
