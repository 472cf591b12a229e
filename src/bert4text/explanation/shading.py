"""How an explanation is shown in a report: which pieces stand out, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from bert4text.core.explanation import Contribution, Explanation

Tone = Literal["for", "against", ""]
LEAST = 0.1
"""Log-odds below which nothing stands out: less than three points of any probability hang on it."""
_FAINT = 0.15
"""Share of the largest contribution from which a piece stands out at all."""


class Shade(NamedTuple):
    """A stretch of a report as it is shown.

    Attributes:
        text: the stretch.
        tone: whether it speaks for the label, against it, or neither.
        strength: from 0 (not at all) to 3.
    """

    text: str
    tone: Tone
    strength: int


def shades(text: str, explanation: Explanation) -> list[Shade]:
    """A report cut into stretches, each with what hangs on it; together they are the report.

    Args:
        text: the report.
        explanation: of the answer to it; its smallest unit is shown.
    """
    pieces = smallest(explanation)
    largest = max([LEAST, *(abs(one.value) for one in pieces)])
    found: list[Shade] = []
    here = 0
    for one in pieces:
        strength = _strength(abs(one.value) / largest)
        if one.start < here or not strength:
            continue
        if one.start > here:
            found.append(Shade(text[here : one.start], "", 0))
        tone: Tone = "for" if one.value > 0 else "against"
        found.append(Shade(text[one.start : one.end], tone, strength))
        here = one.end
    if here < len(text):
        found.append(Shade(text[here:], "", 0))
    return found


def smallest(explanation: Explanation) -> tuple[Contribution, ...]:
    """The contributions of the smallest unit that was looked at."""
    return explanation.of(explanation.contributions[-1].unit) if explanation.contributions else ()


def foremost(contributions: Sequence[Contribution], *, most: int) -> list[Contribution]:
    """The pieces on which most hangs, those for the label and those against it, the weightiest first."""
    standing = [one for one in contributions if abs(one.value) >= LEAST]
    return sorted(standing, key=lambda one: (-abs(one.value), one.start))[:most]


def _strength(share: float) -> int:
    if share < _FAINT:
        return 0
    return 1 if share < 1 / 3 else 2 if share < 2 / 3 else 3
