"""Detector of what is known of one row already: names and numbers of its other columns, said in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bert4text.core.fold import fold, phrases
from bert4text.core.span import Span
from bert4text.privacy import mentions
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.reading import Reading

SOURCE = "known"
SURE = 0.95
_LEAST = 5
"""Signs of a number that is looked for: a shorter one is a measure as often."""
_WORD = re.compile(r"[^\W\d_]+")


class Known:
    """Finds what somebody told beforehand: whole names and their words, and whole numbers.

    Args:
        told: kind of identifier -> what is known of it, as it is written.
    """

    def __init__(self, told: Mapping[str, Sequence[str]]) -> None:
        self._told = [
            (kind, plain)
            for kind, values in told.items()
            for plain in map(_plain, values)
            if _tells(kind, plain)
        ]
        self._roles = mentions.roles_of(
            (kind, word)
            for kind, values in told.items()
            if kind in PERSONS
            for value in values
            for word in _WORD.findall(fold(value))
        )

    def __call__(self, reading: Reading) -> Iterator[Span]:
        """What is known, wherever it is said."""
        for kind, plain in self._told:
            if plain.partition(" ")[0] not in reading.folded:  # a pattern takes longer to make than to use
                continue
            for found in re.finditer(phrases([plain]), reading.folded):
                yield Span(start=found.start(), end=found.end(), label=kind, score=SURE, source=SOURCE)
        for word, kind in mentions.said(reading, self._roles):
            yield Span(start=word.start(), end=word.end(), label=kind, score=SURE, source=SOURCE)


def _plain(value: str) -> str:
    return " ".join(fold(value).split())


def _tells(kind: str, plain: str) -> bool:
    """Whether a value is found again for certain: a name of two words, or a long enough number."""
    if kind in PERSONS:
        return len(_WORD.findall(plain)) > 1
    return len(plain) >= _LEAST and any(map(str.isdigit, plain))


def told_by(cells: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Kind -> values of it, from kinds and values."""
    told: dict[str, list[str]] = {}
    for kind, value in cells:
        told.setdefault(kind, []).append(value)
    return told
