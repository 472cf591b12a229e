"""Negation: findings denied, denials taken back, and denials said in other words."""

from __future__ import annotations

from functools import cache

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.clauses import absent, present, said
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import Rewording, ending
from bert4text.robustness.words import words


def _denied(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return said(text, present(text, language), "denied")


def _said(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return said(text, absent(text, language), "said")


def _ruled_out(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return ending(text, str(rng.choice(words("statements")[language]["ruled_out"])))


def _reworded(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _synonyms(language)(text)


@cache
def _synonyms(language: str) -> Rewording:
    return Rewording(words("synonyms")[language]["negation"])


DENIED = Perturbation(
    N_("findings that are there are denied"), "negation", _denied, expectation="direction", toward="down"
)
SAID = Perturbation(
    N_("findings that are denied are there"), "negation", _said, expectation="direction", toward="up"
)
RULED_OUT = Perturbation(
    N_("a suspicious lesion is ruled out at the end"),
    "negation",
    _ruled_out,
    expectation="direction",
    toward="down",
)
REWORDED = Perturbation(N_("negations are said in other words"), "negation", _reworded)
