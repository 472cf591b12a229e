"""Codes of the International Classification of Diseases (ICD-10; *CID-10*, *CIE-10*) in a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_LED = re.compile(
    r"(?<!\w)(?:cid|icd|cie|codigo|code|classificad[oa] (?:em|como|en)|classified (?:as|in))[ \-]?(?:o\b)?"
    r"(?:[ \-]?10)?[\s:.\-(]{0,3}(?P<letter>[a-tv-z])(?P<number>\d\d)(?:\.?\d{1,2})?(?!\w)"
)
"""A code after a word that announces one."""
_BARE = re.compile(
    r"(?<![\w/.,\-])(?P<letter>[A-TV-Z])(?P<number>\d\d)\.\d{1,2}(?![\w/]|[.,]\d|[ \t]*(?:mm|cm|ml))"
)
"""A code by itself: only in capitals and with its decimal, for T12 is a vertebra and B12 a vitamin."""


class Code(NamedTuple):
    """A code that stands in a text: where, its category (``c50``) and the letter of its chapter."""

    start: int
    end: int
    category: str
    letter: str


def find_icd(text: str, folded: str) -> Iterator[Code]:
    """Every code of a text, once each; ``folded`` is the text folded, offsets kept."""
    taken: set[int] = set()
    for pattern, where in ((_LED, folded), (_BARE, text)):
        for found in pattern.finditer(where):
            start = found.start("letter")
            if start not in taken:
                taken.add(start)
                letter = found.group("letter").lower()
                yield Code(start, found.end(), letter + found.group("number"), letter)
