"""How an explanation is shown in a report: which pieces stand out, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from bert4text.core.explanation import Contribution, Explanation, Unit

Tone = Literal["for", "against", "share", ""]
LEAST = 0.1
"""Log-odds below which nothing stands out: less than three points of any probability hang on it."""
_FAINT = 0.15
"""Share of the largest contribution from which a piece stands out at all."""


class Shade(NamedTuple):
    """A stretch of a report as it is shown.

    Attributes:
        text: the stretch.
        tone: whether it speaks for the label, against it, or neither; ``share`` where it has more than an
            even share of the attention, which speaks for nothing.
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
    even = _even(pieces) if explanation.scale == "share" else 0.0
    largest = max([LEAST if not even else 0.0, *(abs(one.value) - even for one in pieces)])
    found: list[Shade] = []
    here = 0
    for one in pieces:
        strength = _strength((abs(one.value) - even) / largest) if largest > 0 else 0
        if one.start < here or not strength:
            continue
        if one.start > here:
            found.append(Shade(text[here : one.start], "", 0))
        tone: Tone = "share" if explanation.scale == "share" else "for" if one.value > 0 else "against"
        found.append(Shade(text[one.start : one.end], tone, strength))
        here = one.end
    if here < len(text):
        found.append(Shade(text[here:], "", 0))
    return found


def smallest(explanation: Explanation) -> tuple[Contribution, ...]:
    """The contributions of the smallest unit that was looked at."""
    return explanation.of(explanation.contributions[-1].unit) if explanation.contributions else ()


def foremost(explanation: Explanation, unit: Unit, *, most: int) -> list[Contribution]:
    """The pieces of a unit on which most hangs, for the label and against it, the weightiest first.

    Args:
        explanation: whose pieces they are; of shares of the attention all count.
        unit: of the pieces.
        most: how many, at most.
    """
    least = 0.0 if explanation.scale == "share" else LEAST
    standing = [one for one in explanation.of(unit) if abs(one.value) >= least]
    return sorted(standing, key=lambda one: (-abs(one.value), one.start))[:most]


def _even(pieces: Sequence[Contribution]) -> float:
    """What each piece would have if all had the same."""
    return sum(one.value for one in pieces) / max(1, len(pieces))


def _strength(share: float) -> int:
    if share < _FAINT:
        return 0
    return 1 if share < 1 / 3 else 2 if share < 2 / 3 else 3
