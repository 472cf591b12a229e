"""History: what was seen before, or in the family, is not what is seen now."""

from __future__ import annotations

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.clauses import present, said
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import beginning
from bert4text.robustness.words import words


def _past(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return said(text, present(text, language), "past")


def _family(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return beginning(text, str(rng.choice(words("statements")[language]["family"])))


PAST = Perturbation(
    N_("findings that are there were seen in the past"),
    "history",
    _past,
    expectation="direction",
    toward="down",
)
FAMILY = Perturbation(
    N_("a relative had a tumor, it says at the beginning"),
    "history",
    _family,
    expectation="direction",
    toward="down",
)
