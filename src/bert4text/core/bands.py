"""Bands of a number: which of them a value lies in, for attributes such as age."""

from __future__ import annotations

import math
from collections.abc import Sequence


def banded(value: str | None, edges: Sequence[float]) -> str | None:
    """The band of a number, ``<18``, ``18–<40`` or ``≥60``; None for what is no number.

    >>> banded("39,5", [18, 40, 60]), banded("60", [18, 40, 60]), banded("adult", [18])
    ('18–<40', '≥60', None)
    """
    try:
        number = float((value or "").replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    place = sum(number >= edge for edge in edges)
    told = [f"{edge:g}" for edge in edges]
    if place == 0:
        return f"<{told[0]}"
    return f"≥{told[-1]}" if place == len(edges) else f"{told[place - 1]}–<{told[place]}"
