"""Spoil a text as hospitals do: capitals, lost accents, swapped letters, broken lines, glued fields."""

from __future__ import annotations

import random
import re

from bert4text.core.fold import fold

NOISE = {
    "none": 0.46,
    "capitals": 0.14,
    "no-accents": 0.1,
    "small": 0.06,
    "typos": 0.08,
    "broken": 0.06,
    "glued": 0.06,
    "scanned": 0.04,
}
"""Kinds of noise and how often each is drawn."""
_ONE_IN = 25
_BREAKS = 0.06
_SCANNED = {"O": "0", "l": "1", "I": "l", "rn": "m", "ç": "c", "S": "5"}


def noisy(draw: random.Random) -> str:
    """One kind of noise."""
    return draw.choices(list(NOISE), list(NOISE.values()))[0]


def spoiled(part: str, noise: str, draw: random.Random, *, identifies: bool) -> str:
    """A part of a report under one kind of noise.

    Args:
        part: what is written.
        noise: of ``NOISE``.
        draw: where chance comes from.
        identifies: whether it is an identifier, whose digits and lines stay whole.
    """
    if noise == "capitals":
        return part.upper() if len(part.upper()) == len(part) else part
    if noise == "no-accents":
        return unaccented(part)
    if noise == "small":
        return part.lower() if len(part.lower()) == len(part) else part
    if noise == "typos":
        return re.sub(r"[^\W\d_]{5,}", lambda word: _swapped(word.group(), draw), part)
    if noise == "scanned" and not identifies:
        return re.sub(r"O|l|I|rn|ç|S", lambda sign: _scanned(sign.group(), draw), part)
    if noise == "broken":
        return re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])", lambda _: "\n" if draw.random() < _BREAKS else " ", part)
    if noise == "glued" and not identifies:
        return re.sub(r"(?<=:) $", "", re.sub(r"[ ]{2,}|\n(?=[^\n])", " ", part))
    return part


def unaccented(text: str) -> str:
    """The text without accents, its capitals kept."""
    pairs = zip(text, fold(text), strict=True)
    return "".join(low.upper() if sign.isupper() else low for sign, low in pairs)


def _swapped(word: str, draw: random.Random) -> str:
    """Two letters inside a word change places, in some words."""
    if draw.randrange(_ONE_IN):
        return word
    place = draw.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _scanned(sign: str, draw: random.Random) -> str:
    return _SCANNED[sign] if not draw.randrange(_ONE_IN) else sign
