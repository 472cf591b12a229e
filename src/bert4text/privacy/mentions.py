"""Every other mention of a name that was found: earlier, later, in part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from bert4text.core.clinical import clinical
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.census import census
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.persons import called_after
from bert4text.privacy.reading import Reading

SOURCE = "mentions"
SURE = 0.8
_LEAST = 3  # letters: particles and initials say nothing by themselves
_WORD = re.compile(r"[^\W\d_]+")
_NEAR = 30
_LINKS = frozenset({"dos", "das", "del", "von", "van", "der"})


def find(reading: Reading, found: Iterable[Span]) -> Iterator[Span]:
    """Other mentions of the words of names.

    With a capital any word of a name is taken, one of every day beside another alone; in small letters only a
    given name of the census is.

    Args:
        reading: the report.
        found: the names found so far, among other spans.
    """
    names = [span for span in found if span.label in PERSONS]
    words = (
        (span.label, word)
        for span in sorted(names, key=lambda one: -one.score)
        for word in _WORD.findall(reading.folded, span.start, span.end)
    )
    for one, label in said(reading, roles_of(words)):
        if not any(span.start <= one.start() < span.end for span in names):
            yield Span(start=one.start(), end=one.end(), label=label, score=SURE, source=SOURCE)


def roles_of(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Word -> whose it is, of the words of names that tell of a person, said alone.

    Args:
        words: labels and folded words, the surest first.
    """
    roles: dict[str, str] = {}
    for label, word in words:
        if _tells(word):
            roles.setdefault(word, label)
    return roles


def said(reading: Reading, roles: Mapping[str, str]) -> Iterator[tuple[re.Match[str], str]]:
    """Where words of names are said as names, and whose each is.

    Args:
        reading: the report.
        roles: word -> whose it is.
    """
    for one in _WORD.finditer(reading.folded) if roles else ():
        if one.group() in roles and _is_mention(reading, one, roles):
            yield one, roles[one.group()]


def _tells(word: str) -> bool:
    """Whether a word of a name tells of the person, said alone."""
    told = len(word) >= _LEAST and word not in _LINKS and word not in _listed("eponyms")
    return told and not clinical(word)


def _is_mention(reading: Reading, word: re.Match[str], roles: Mapping[str, str]) -> bool:
    if not reading.text[word.start()].isupper():
        return word.group() in census()
    if called_after(reading.folded, word.start()):
        return False
    return word.group() not in _listed("everyday") or _beside_name(reading.folded, word, roles)


def _beside_name(folded: str, word: re.Match[str], roles: Mapping[str, str]) -> bool:
    """Whether the word before or behind is of a name too."""
    before = _BEFORE.search(folded, max(0, word.start() - _NEAR), word.start())
    behind = _BEHIND.match(folded, word.end(), word.end() + _NEAR)
    return any(found is not None and found[1] in roles for found in (before, behind))


_BEFORE = re.compile(r"([^\W\d_]+)[ ](?:d[aeo]s?[ ])?$")
_BEHIND = re.compile(r"[ ](?:d[aeo]s?[ ])?([^\W\d_]+)")


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(lexicon("persons")["fillers"][name].split())
