"""Sentences the model must not see: that state a label, say what to do next, or hold given words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from bert4text.core.fold import fold, phrases
from bert4text.core.sections import find_sections
from bert4text.data.conduct import find_conduct
from bert4text.data.statements import Statements

LABEL, CONDUCT = "stated-label", "stated-conduct"
"""What can be dropped beside words: sentences that state a label, and those that say what to do next."""
KNOWN_BEFORE = ("indication", "comparison")
"""Sections that tell of the time before: what they state is no answer, but may be the label all the same."""
_END = re.compile(
    r"(?<!\b(?i:dr))(?<!\b(?i:dra))(?<!\b(?i:sr))(?<!\b(?i:sra))(?<!\b(?i:prof))(?<!\b(?i:obs))(?<!\b(?i:aprox))"
    r"[.!?;]+[\"')\]»”]*(?=\s|$)\s*|\n\s*"
)
_INITIAL = re.compile(r"(?:(?<=\s)|^)[A-ZÀ-Þ][\w'’]*\.?[ \t]+[A-HJ-UWYZ]$")
"""A letter after a word with a capital: "João P. Silva", but not "tipo C. Nódulo" or "BI-RADS V."."""
_NAME = 40  # characters in which the word before an initial is looked for


def spans(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of a report, as (start, end) within their sections; headings belong to none."""
    for section in find_sections(text):
        start = section.body
        for found in _END.finditer(text, section.body, section.end):
            if _INITIAL.search(text, max(start, found.start() - _NAME), found.start()) is None:
                yield start, found.end()
                start = found.end()
        if start < section.end:
            yield start, section.end


def without_sentences(text: str, drop: Sequence[str], *, labels: Sequence[str]) -> str:
    """A report without some of its sentences; headings stay.

    Args:
        text: the report.
        drop: ``stated-label``, ``stated-conduct``, or words and phrases; ``*`` at the end of a word is any
            ending. What the indication and the comparison state was known before and stays; given words
            are dropped there too.
        labels: names of the labels, whose statements are looked for, denied and suspected ones too.
    """
    folded = fold(text)
    places = set(_places(text, folded, tuple(drop), tuple(labels)))
    if not places:
        return text
    gone = [(start, end) for start, end in spans(text) if any(start <= place < end for place in places)]
    return without_spans(text, gone)


def without_spans(text: str, gone: Iterable[tuple[int, int]]) -> str:
    """A text without some stretches of it, which are in order; what stood on a line of its own still does."""
    kept, here = "", 0
    for start, end in gone:
        kept += text[here:start]
        here = end
        if "\n" in text[start:end] and not kept.endswith("\n"):  # what follows begins a line, as before
            kept = kept.rstrip(" \t") + "\n"
    return (kept + text[here:]).strip()


def _places(text: str, folded: str, drop: tuple[str, ...], labels: tuple[str, ...]) -> Iterator[int]:
    """Where something stands that must go."""
    stated = [
        one.start
        for one in (
            *(_statements(labels).find(text, folded, language="en") if LABEL in drop else ()),
            *(find_conduct(folded) if CONDUCT in drop else ()),
        )
    ]
    if stated:
        before = [(one.start, one.end) for one in find_sections(text) if one.name in KNOWN_BEFORE]
        yield from (at for at in stated if not any(start <= at < end for start, end in before))
    yield from (found.end() - 1 for found in _words(drop).finditer(folded))  # it may begin with a heading


@lru_cache(maxsize=8)
def _statements(labels: tuple[str, ...]) -> Statements:
    return Statements(labels, words={})


@lru_cache(maxsize=8)
def _words(drop: tuple[str, ...]) -> re.Pattern[str]:
    words = (" ".join(re.findall(r"\w+\*?", fold(word))) for word in drop if word not in {LABEL, CONDUCT})
    return re.compile(phrases((word for word in words if word), gap=r"\W{1,4}"))
