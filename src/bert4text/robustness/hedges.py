"""Hedges: what can not be excluded, and doubt that is said in other words."""

from __future__ import annotations

from functools import cache

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import Rewording, ending
from bert4text.robustness.words import words


def _not_excluded(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return ending(text, str(rng.choice(words("statements")[language]["not_excluded"])))


def _reworded(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _synonyms(language)(text)


@cache
def _synonyms(language: str) -> Rewording:
    return Rewording(words("synonyms")[language]["hedges"])


NOT_EXCLUDED = Perturbation(
    N_("a suspicious lesion can not be excluded, it says at the end"),
    "hedges",
    _not_excluded,
    expectation="direction",
    toward="up",
)
REWORDED = Perturbation(N_("doubts are said in other words"), "hedges", _reworded)
