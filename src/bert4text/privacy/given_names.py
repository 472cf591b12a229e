"""Detector: names of persons by the given names of Brazil's census, where nothing beside them tells of any.

Without the package that brings them (``privacy/census.py``) this detector finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.census import census, frequent
from bert4text.privacy.persons import CHAIN, called_after, cut
from bert4text.privacy.reading import Reading

SOURCE = "given-names"
SURE, ALONE = 0.65, 0.55
"""Less than what something beside a name tells, which says whose it is."""


_CHAIN = re.compile(CHAIN)
_WORD = re.compile(r"[^\W\d_]+")
_LINE = re.compile(r"(?:^|\n|[ ]{2}|\t|[|])[ \t]*$")
_ENDS = re.compile(r"[ \t]*[.,]?[ \t]*(?:\n|$|[ ]{2}|\t|[|(])")
_AMID = re.compile(r"[a-zà-ÿ][,/]?[ ]$")
"""Within a sentence a capital is a name's."""
_VALUE = re.compile(r"[ ]\d{1,3}(?:[.,]\d+)?(?![\d./\-])(?![ ]?(?:a|anos?|m|meses|y|years?|yo)(?!\w))")
"""A score or a test has a value, where a person has an age: "GRACE 132", "ADA 52 U/L"."""
_ACRONYM, _AROUND, _NEAR = 5, 12, 24


def find(reading: Reading) -> Iterator[Span]:
    """A given name with another capital behind it; alone only where a person is spoken of, or on a line."""
    known = census()
    if not known or (reading.language or "").startswith("en"):
        return
    for chain in _CHAIN.finditer(reading.text):
        for word in _WORD.finditer(reading.folded, chain.start(), chain.end()):
            if word.group() not in known or _is_acronym(reading, word):
                continue
            if called_after(reading.folded, word.start()):
                break
            end = cut(reading, word.start(), chain.end())
            several = _goes_on(reading, word, end)
            if several or _alone(reading, word):
                yield Span(
                    start=word.start(),
                    end=max(end, word.end()),
                    label="name",
                    score=SURE if several else ALONE,
                    source=SOURCE,
                )
                break


def _goes_on(reading: Reading, word: re.Match[str], end: int) -> bool:
    """Whether a name goes on behind its first word.

    In a text of capitals any word may: there a rare name needs another name behind it, since some are words
    of every day ("CONSTANTE ENTRE OS NÚCLEOS").
    """
    behind = _WORD.findall(reading.folded, word.end(), end)
    if not behind or word.group() in frequent():
        return bool(behind)
    around = reading.text[max(0, word.start() - _AROUND) : end + _AROUND]
    if any(map(str.islower, around)):
        return True
    return any(other in census() or other in _families() for other in behind)


@cache
def _families() -> frozenset[str]:
    """The commonest surnames, folded."""
    lists = lexicon("surrogates")
    return frozenset(fold(name) for language in ("pt", "es") for name in lists[language]["surnames"])


def _is_acronym(reading: Reading, word: re.Match[str]) -> bool:
    """Whether a short word in capitals stands in a text that is not: ``ANA`` is an antibody there."""
    written = reading.text[word.start() : word.end()]
    if len(written) > _ACRONYM or not written.isupper():
        return False
    around = reading.text[max(0, word.start() - _AROUND) : word.end() + _AROUND]
    return any(map(str.islower, around))


def _alone(reading: Reading, word: re.Match[str]) -> bool:
    begin = max(0, word.start() - _NEAR)
    before = reading.folded[begin : word.start()]
    if _says_person().search(before):
        return True
    if _VALUE.match(reading.folded, word.end()):
        return False
    if _AMID.search(reading.text, begin, word.start()):
        return True
    if reading.text[begin : word.end()].isupper() and word.group() in frequent():
        return True
    return _LINE.search(before) is not None and _ENDS.match(reading.text, word.end()) is not None


@cache
def _says_person() -> re.Pattern[str]:
    """Words behind which a given name alone is a person's."""
    return re.compile(rf"{phrases(lexicon('persons')['before_given']['words'])}[.:]?(?:\(a\))?/?[ ]+$")
