"""Writing: accents that are lost, capitals alone, small letters alone."""

from __future__ import annotations

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import unaccented


def _unaccented(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return unaccented(text)


def _capitals(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return text.upper()


def _small(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return text.lower()


UNACCENTED = Perturbation(N_("accents are lost"), "accents", _unaccented, languages=("pt", "es"))
CAPITALS = Perturbation(N_("all is written in capitals"), "capitals", _capitals)
SMALL = Perturbation(N_("all is written in small letters"), "capitals", _small)
