"""Laterality: right and left change places."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from bert4text.core.fold import fold, phrases
from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import Rewording
from bert4text.robustness.words import words


def _swapped(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    if _unlike().search(fold(text)):
        return None
    told = words("sides")[language]
    changed = _pairs(language)(text)
    changed = _abbreviations(language).sub(lambda found: _other(found, told["letters"]), changed)
    if told["single"]:
        changed = _single(language).sub(lambda found: _other(found, told["single"]), changed)
    return changed


def _other(found: re.Match[str], pairs: list[list[str]]) -> str:
    """The letters of the other side, with what stands before them."""
    before, letters = found.groups()
    return str(before + {**dict(pairs), **{left: right for right, left in pairs}}[letters])


@cache
def _unlike() -> re.Pattern[str]:
    """What has no two sides that are alike, and words that are no side at all."""
    return re.compile(phrases(words("sides")["none"]["words"]))


@cache
def _pairs(language: str) -> Rewording:
    pairs = words("sides")[language]["pairs"]
    return Rewording(dict(pairs) | {left: right for right, left in pairs})


@cache
def _abbreviations(language: str) -> re.Pattern[str]:
    """Abbreviations of an organ and its side, in capitals."""
    pairs = words("sides")[language]["letters"]
    return re.compile(rf"(\b)({'|'.join(sign for pair in pairs for sign in pair)})\b")


@cache
def _single(language: str) -> re.Pattern[str]:
    """A capital alone behind the name of an organ: "mama D"."""
    told = words("sides")[language]
    signs = "".join(sign for pair in told["single"] for sign in pair)
    return re.compile(rf"(\b(?i:{'|'.join(told['before'])})[ ]+)([{signs}])\b(?![ ]+\w)")


SWAPPED = Perturbation(N_("right and left change places"), "laterality", _swapped, sideless=True)
