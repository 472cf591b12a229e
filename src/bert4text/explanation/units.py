"""Pieces of a report: sections, sentences, phrases, words; and a report without some of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bert4text.core.explanation import Unit
from bert4text.core.fold import fold, phrases
from bert4text.core.sections import find_sections
from bert4text.data.sentences import spans

Stretch = tuple[int, int]

_WORD = re.compile(r"\d+(?:[.,/:\-]\d+)*%?|[^\W\d_]+(?:['’\-][^\W\d_]+)*\d*|\w+")
"""A number with its signs, a word with its hyphens, or whatever else is written together."""
_LINKS = [
    "e",
    "ou",
    "mas",
    "com",
    "sem",
    "porem",
    "y",
    "pero",
    "con",
    "sin",
    "and",
    "or",
    "but",
    "with",
    "without",
]
_JOINT = re.compile(rf"[,;:]\s+|\s+[-–]\s+|\s+(?={phrases(_LINKS)}\s)")
"""Where a phrase ends: at a sign, or before a word that begins the next one."""


def sections(text: str) -> Iterator[Stretch]:
    """The sections of a report with their headings."""
    return ((part.start, part.end) for part in find_sections(text))


def sentences(text: str) -> Iterator[Stretch]:
    """The sentences of a report; headings belong to none."""
    return spans(text)


def parts_of_sentences(text: str) -> Iterator[Stretch]:
    """The phrases of a report: its sentences cut at commas and before conjunctions and prepositions."""
    folded = fold(text)
    for start, end in spans(text):
        here = start
        for joint in _JOINT.finditer(folded, start, end):
            yield here, joint.end()
            here = joint.end()
        yield here, end


def words(text: str) -> Iterator[Stretch]:
    """The words and numbers of a report."""
    return (found.span() for found in _WORD.finditer(text))


UNITS: dict[Unit, Callable[[str], Iterable[Stretch]]] = {
    "section": sections,
    "sentence": sentences,
    "phrase": parts_of_sentences,
    "word": words,
}
"""Unit -> what cuts a report into such pieces, in the order of the report; larger ones first."""


def cut(text: str, unit: Unit) -> list[Stretch]:
    """The pieces of a report in which anything is said, without the spaces around them."""
    found = []
    for start, end in UNITS[unit](text):
        told = text[start:end]
        begin = start + len(told) - len(told.lstrip())
        last = begin + len(told.strip())
        if _WORD.search(text, begin, last):
            found.append((begin, last))
    return found


def without(text: str, gone: Iterable[Stretch]) -> str:
    """A report without some stretches of it.

    Args:
        text: the report.
        gone: in any order; they may overlap.
    """
    parts, here = [], 0
    for start, end in sorted(gone):
        parts.append(text[here : max(here, start)])
        here = max(here, end)
    return "".join([*parts, text[here:]])


def only(text: str, kept: Iterable[Stretch]) -> str:
    """Some stretches of a report alone, in their order, a space between."""
    return " ".join(text[start:end] for start, end in sorted(kept))
