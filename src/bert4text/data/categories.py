"""Find categories by number or letter, as labels are named: "TI-RADS IV", "grau histológico 3", "tipo c"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon

_NUMBERED = re.compile(r"(?P<head>[a-z\- ]*?)(?P<number>(?<![a-z])[ivx]{1,4}|\d{1,2}(?: ?[a-d])?)")
_BIRADS = re.compile(r"bi[\s_-]*rads[\s_-]*(?P<number>[0-6])[\s_-]?[abc]?")
_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_WORDS = (
    ("zero", "cero"), ("um", "uno", "one"), ("dois", "dos", "two"), ("tres", "three"),
    ("quatro", "cuatro", "four"), ("cinco", "five"), ("seis", "six"),
)  # fmt: skip
_OTHER = "anterior|previ|prior|edi|densid|densit|composi|padrao|patron|pattern|tipo|type"
_BETWEEN = rf"(?:[\s:(\-–]{{1,3}}(?!{_OTHER})[a-z]{{2,}}){{0,3}}?"
_GAP = r"[\s\-]*"
_NO_MEASURE = (
    r"(?!\w|[.,]\d|[ \t]*(?:mm|cm|ml|px|%|x[ \t]*\d|ed|nodul|cist|quist|cyst|mes|ano|year|month|dia|day))"
)


class Ranked(NamedTuple):
    """A category that stands in a text: where, and how it is shown."""

    start: int
    end: int
    term: str


def numbered(name: str) -> bool:
    """Whether a folded label is a number, or a few words before one."""
    return _NUMBERED.fullmatch(name) is not None


def is_birads(label: str) -> bool:
    """Whether a label is a category of BI-RADS."""
    return _BIRADS.fullmatch(fold(label)) is not None


class Categories:
    """Finds the categories of one label space, by digits, Roman numerals, words or letters.

    Of BI-RADS only what ``find_birads`` leaves out: "BI-RADS mamográfico: 4", "classificação final 4".

    Args:
        labels: names of the labels.

    Attributes:
        words: the words they are named by.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        leads: set[str] = set()
        values: set[str] = set()
        for label in labels:
            birads, number = _BIRADS.fullmatch(fold(label)), _NUMBERED.fullmatch(_plain(label))
            if birads is not None:
                leads |= set(lexicon("statements")["names"]["birads"])
                ways = _ways(birads.group("number"))
                values |= ways | {way + letter for way in ways for letter in "abc"}
            elif number is not None:
                leads |= _leads(number.group("head").strip(" -"))
                values |= _ways(number.group("number"))
        self._patterns = [_pattern(leads, values)] if values else []
        spoken = {word for phrase in leads | values for word in (phrase, *_loose(phrase).split(_GAP))}
        self.words = spoken | ({"categoria", "category", "acr"} if "birads" in leads else set())
        letters = {_plain(label) for label in labels}
        if len(letters) > 1 and all(re.fullmatch("[a-e]", letter) for letter in letters):
            named = lexicon("statements")["names"]
            # A letter alone is a word of the language: it must end the phrase.
            ends = r"(?=[ \t]*(?:[).,;\n]|$))"
            self._patterns.append(_pattern({*named["ranks"], *named["lettered"]}, letters, ends=ends))
            self.words |= {*named["ranks"], *letters}

    def find(self, folded: str) -> Iterator[Ranked]:
        """Every category of a folded text."""
        for pattern in self._patterns:
            for found in pattern.finditer(folded):
                term = " ".join(f"{found.group('lead')} {found.group('value')}".replace("-", " ").split())
                yield Ranked(found.start("value"), found.end(), term)


def _plain(label: str) -> str:
    return " ".join(fold(label).replace("-", " ").replace("_", " ").split())


def _leads(head: str) -> set[str]:
    """What may stand before the number: the label's own word, and its kin."""
    ranks = set(lexicon("statements")["names"]["ranks"])
    if not head or head in ranks:
        return ranks | ({"g"} if head.startswith("gra") else set())
    return {head}


def _ways(number: str) -> set[str]:
    """A number in digits, Roman numerals and words; one with a letter in digits and Roman numerals."""
    digits, letter = number.rstrip("abcd ") or number, number.lstrip("0123456789ivx ")
    value = int(digits) if digits.isdigit() else _ROMAN.index(digits) if digits in _ROMAN else -1
    ways = {digits} | ({str(value), _ROMAN[value]} if 0 < value < len(_ROMAN) else set())
    ways = {way + letter for way in ways} | ({f"{way} {letter}" for way in ways} if letter else set())
    return ways | set(_WORDS[value] if not letter and 0 <= value < len(_WORDS) else ())


def _pattern(leads: set[str], values: set[str], *, ends: str = _NO_MEASURE) -> re.Pattern[str]:
    before = "|".join(_loose(word) for word in sorted(leads, key=len, reverse=True))
    after = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True))
    return re.compile(
        rf"(?<!\w)(?P<lead>{before})[®™]?{_BETWEEN}[\s:=\-–(.]{{0,4}}(?<![a-z](?=[a-z]))(?P<value>{after}){ends}"
    )


def _loose(head: str) -> str:
    """A head of categories with any gap: ``tirads`` also finds "TI-RADS"."""
    spaced = re.sub(r"\s*rads$", " rads", head)
    return _GAP.join(re.escape(part) for part in spaced.split())
