"""Names: the persons of a report are called otherwise, whoever they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

import numpy as np

from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon
from bert4text.core.messages import N_
from bert4text.core.span import Span
from bert4text.privacy import ages, given_names, persons, places
from bert4text.privacy.census import gender
from bert4text.privacy.detect import detect
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.reading import Reading
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import cased, in_style
from bert4text.robustness.words import words

Sex = Literal["female", "male"]
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_LINKS = frozenset({"de", "da", "do", "dos", "das", "del", "la", "el", "van", "von", "der", "di", "du"})
_ENDINGS = frozenset({"filho", "neto", "junior", "sobrinho", "jr", "sr", "ii", "iii"})


def spans(text: str, language: str, *, kinds: frozenset[str]) -> list[Span]:
    """Where a report names persons, places or ages; tags in the place of names are none.

    Args:
        text: the report.
        language: of it.
        kinds: that are looked for.
    """
    reading = Reading(text, language)
    found = detect(reading, [persons.find, given_names.find, places.find, ages.find])
    return [span for span in found if span.label in kinds and not _is_tag(text, span)]


def renamed(text: str, found: list[Span], instead: Callable[[str, int], str | None]) -> str | None:
    """A text with names changed word by word, the same word alike wherever it stands.

    Args:
        text: the report.
        found: where it names persons.
        instead: what stands in the place of a word, given its place in the name from 0; None leaves it.
    """
    known: dict[str, str | None] = {}
    parts, here = [], 0
    for start, end, place in _words_of(text, found):
        word = text[start:end]
        folded = fold(word)
        if folded not in known:
            known[folded] = instead(folded, place)
        new = known[folded]
        if new is not None:
            parts += [text[here:start], cased(in_style(new, text), like=word)]
            here = end
    return "".join([*parts, text[here:]]) if parts else None


def given_name_sex(folded: str, language: str) -> Sex | None:
    """Whose a given name mostly is: by lists, and of Portuguese ones by the census where it is at hand."""
    if folded in _folded(language, "female"):
        return "female"
    if folded in _folded(language, "male"):
        return "male"
    return gender(folded) if language == "pt" else None


def _words_of(text: str, found: list[Span]) -> Iterator[tuple[int, int, int]]:
    """Start and end of each word of each name, and its place in the name; links and endings are none."""
    for span in found:
        every = _WORD.finditer(text, span.start, span.end)
        told = (word for word in every if fold(word.group()) not in _LINKS | _ENDINGS)
        for place, word in enumerate(told):
            yield word.start(), word.end(), place


@cache
def _folded(language: str, sex: str) -> frozenset[str]:
    known = [*words("people")[language][sex], *lexicon("surrogates")[language][sex]]
    return frozenset(fold(name) for name in known)


def _is_tag(text: str, span: Span) -> bool:
    """Whether a tag stands there: ``[NOME]``."""
    return text[span.start - 1 : span.start] == "[" or text[span.start] == "["


def _drawn(pool: list[Any], folded: str, rng: np.random.Generator) -> str:
    """One of a list that is another word."""
    return str(rng.choice([name for name in pool if fold(name) != folded]))


def _other_given(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    people = words("people")[language]

    def instead(folded: str, place: int) -> str | None:
        sex = given_name_sex(folded, language) if place == 0 else None
        return None if sex is None else _drawn(people[sex], folded, rng)

    return renamed(text, spans(text, language, kinds=PERSONS), instead)


def _other_surnames(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    told = words("people")[language]["surnames"]
    group = str(rng.choice(sorted(told)))

    def instead(folded: str, place: int) -> str | None:
        return None if place == 0 else _drawn(told[group], folded, rng)

    return renamed(text, spans(text, language, kinds=PERSONS), instead)


OTHER_GIVEN = Perturbation(N_("persons have other given names of the same sex"), "names", _other_given)
OTHER_SURNAMES = Perturbation(
    N_("persons have surnames that come from another language"), "names", _other_surnames
)
