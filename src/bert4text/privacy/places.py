"""Detector: addresses, postal codes, towns, hospitals and other bodies, by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bert4text.core.clinical import clinical
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.councils import COUNCIL, STATES
from bert4text.privacy.reading import Reading

SOURCE = "places"
SURE, LIKELY = 0.9, 0.7

_UPPER = r"[A-ZÀ-Þ]"
_LINK = r"(?:d[aeo]s?|del?|de la|de los|de las|la|las|los|el|e|y|of|the|and)"
_WORD = rf"(?:{_UPPER}[a-zà-ÿ]{{0,3}}\.(?=[ ]{_UPPER})|{_UPPER}[\w'’\-]*)"
_POSTAL = re.compile(
    r"(?=\d\d|(?<!\w)[cpz])(?:(?<![\d.\-/])\d{2}\.?\d{3}-\d{3}(?!\d|[.\-/]\d)"
    r"|(?<!\w)(?P<cue>c\.?e\.?p\.?|c\.?p\.?|codigo postal|cod\.? postal|zip(?: code)?|postcode)"
    r"[ \t]*[:.\-]*[ \t]*(?P<value>\d{2}\.?\d{3}[\- ]?\d{0,4}|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})(?!\d))"
)
_TOWN_NAME = rf"{_UPPER}[^\W\d_]+(?:[ ](?:[Dd][AEOaeo][Ss]?[ ])?{_UPPER}[^\W\d_]+){{0,3}}"
_CITY = re.compile(
    rf"(?<!\w)(?P<city>{_TOWN_NAME})(?:[ ]?/[ ]?|[ ][\-–][ ]|,[ ](?={_UPPER}{{2}}(?:[,.;)\n]|$)))"
    rf"(?P<state>(?:{STATES.upper()}))(?![\w\-])"
)
_BLOCKS = r"sq[ns]w?|shi[ns]|sh[ci]s|cl[ns]|qn[a-z]?|qs[a-z]?|sgas|sgan"
_BRASILIA = re.compile(
    rf"(?<!\w)(?:{_BLOCKS})[ ]?\d{{1,3}}"
    r"(?:[ ,]+(?:bloco|bl\.?|conj\.?|conjunto|casa|lote|apto\.?)[ ]?\w{1,4})*(?!\w)"
)


class _Patterns(NamedTuple):
    street: re.Pattern[str]
    weak: re.Pattern[str]
    behind: re.Pattern[str]
    more: re.Pattern[str]
    place: re.Pattern[str]
    facility: re.Pattern[str]
    facility_behind: re.Pattern[str]
    body: re.Pattern[str]


def find(reading: Reading) -> Iterator[Span]:
    """Addresses and places."""
    patterns = _patterns()
    for found in _POSTAL.finditer(reading.folded):
        group = "value" if found["value"] else 0
        yield _span(*found.span(group), "postal-code", SURE)
    for found in _BRASILIA.finditer(reading.folded) if reading.speaks("pt") else ():
        yield _span(*found.span(), "address", SURE)
    yield from _addresses(reading, patterns)
    yield from _towns(reading, patterns)


def find_facilities(reading: Reading) -> Iterator[Span]:
    """Hospitals, clinics, units and other bodies with a name of their own."""
    patterns = _patterns()
    for kind, pattern in (("facility", patterns.facility), ("organisation", patterns.body)):
        for cue in pattern.finditer(reading.folded):
            end = _name_end(reading.text, cue.end())
            if end is not None and reading.text[cue.start()].isupper():
                yield _span(cue.start(), end, kind, LIKELY)
    for found in patterns.facility_behind.finditer(reading.text) if reading.speaks("en") else ():
        if not clinical(found.group().rsplit(" ", 1)[0]):
            yield _span(*found.span(), "facility", LIKELY)


def _addresses(reading: Reading, patterns: _Patterns) -> Iterator[Span]:
    foreign = reading.language is not None and reading.speaks("en")
    for pattern, numbered in () if foreign else ((patterns.street, False), (patterns.weak, True)):
        for cue in pattern.finditer(reading.folded):
            end = _address_end(reading, cue.end(), patterns, numbered=numbered)
            if end is not None:
                yield _span(cue.start(), end, "address", SURE)
                town = _TOWN_BEHIND.match(reading.text, end)
                if town is not None:
                    yield _span(*town.span("city"), "place", LIKELY)
    for found in patterns.behind.finditer(reading.text):
        yield _span(*found.span(), "address", SURE)


def _address_end(reading: Reading, place: int, patterns: _Patterns, *, numbered: bool) -> int | None:
    """Where an address ends that begins with a word for a street; None where none follows.

    It needs a name with a capital or the number of a house, and where ``numbered`` the number.
    """
    text = reading.text
    name = _STREET_NAME.match(text, place)
    if name is None:
        return None
    end = name.end()
    number = _HOUSE_NUMBER.match(text, end)
    if number is not None:
        end = number.end()
    elif numbered or not name["proper"]:
        return None
    while (further := patterns.more.match(reading.folded, end)) is not None:
        end = further.end()
    return end


_MEASURE = r"[\d.,]?\d|[ ]?(?:mm|cm|h\b)"
_STREET_NAME = re.compile(
    rf"[ \t]*(?P<proper>(?:{_LINK}[ ])*(?:{_WORD}|\d{{1,3}}(?=[ ]de[ ]))(?:[ ](?:{_LINK}[ ])*{_WORD}){{0,5}})"
    r"|[ \t]+(?:[^\W\d_]{2,}[ ]){0,4}[^\W\d_]{2,}"  # in small letters, before the number of a house
    rf"(?=[ ]?,?[ ]?(?:n[º°o.]*[ ]?)?\d{{1,5}}(?!{_MEASURE}))"
)
_HOUSE_NUMBER = re.compile(
    r"[ ]?,?[ ]?(?:n[º°o]?\.?[ ]?|num\.?[ ]?|nº[ ]?|km[ ]?)?"
    r"(?:\d{1,5}(?:,\d{3})?(?:-\d{1,4})?(?:[ ]?[\-/]?[ ]?[A-Z](?!\w))?|[sS][/.]?[nN]\.?[º°]?)(?![\d/])"
)
_DOOR = (
    r"[ ]?[,.\-][ ]?\d{1,3}(?:[ ]?[ºª°])?(?:[.,\- ]?[a-j](?![\w]))?"
    r"(?:[ ]?(?:izq|izda|dcha|dch)\.?)?(?![\w/]|[.,]\d{2})"
)


@cache
def _patterns() -> _Patterns:
    words = lexicon("places")
    streets, facilities = words["streets"], words["facilities"]
    more = "|".join(re.escape(one) for one in sorted(streets["more"], key=len, reverse=True))
    behind = "|".join(one.capitalize() for one in streets["behind"])
    ends = "|".join(" ".join(map(str.capitalize, one.split())) for one in facilities["behind"])
    return _Patterns(
        street=_streets(streets["before"]),
        weak=_streets(streets["weak"]),
        behind=re.compile(
            rf"(?<!\w)\d{{1,5}}[ ](?:[NSEW]\.?[ ])?(?:[A-Z][\w'.]+[ ]){{1,3}}(?:{behind})\b\.?"
            r"(?:,?[ ](?:Apt|Suite|Unit)\.?[ ]?\w+)?"
        ),
        more=re.compile(
            rf"{_DOOR}|[ ][a-f](?=[.,\n])|[ ]?[,\-–]?[ ]?(?:{more})[ ]?[:.]?[ ]?(?:n[º°o.]*[ ]?)?"
            r"(?:[a-z]{0,2}\d+[a-z]?(?!\w)|[a-z](?!\w)"
            r"|(?:[^\W\d_]+)(?:[ ][^\W\d_]+){0,2}(?=[,.;\n\-]|[ ][\-–.]|[ ]{2}|$))"
        ),
        place=re.compile(
            phrases(words["streets"]["cues"], gap="[ /]+") + r"[ \t]*(?:[:\-|]|\.{2,}:?)?[ \t]*"
        ),
        facility=re.compile(phrases(facilities["before"], gap=r"[ \-]+")),
        facility_behind=re.compile(rf"(?<!\w)(?:[A-Z][\w'.&]+[ ]){{1,4}}(?:{ends})(?!\w)"),
        body=re.compile(phrases(words["bodies"]["before"])),
    )


def _streets(words: list[str]) -> re.Pattern[str]:
    """Words for a street, those that end in a sign with or without a space behind."""
    whole = phrases(word for word in words if word[-1].isalpha())
    short = "|".join(re.escape(word) for word in words if not word[-1].isalpha())
    return re.compile(rf"{whole}(?=[ .:])\.?|(?<![\w.])(?:{short})(?=[ ]?[a-z]{{2}})")


_NAME = re.compile(rf"[ \t]+(?:{_LINK}[ ])*{_WORD}(?:[ ](?:{_LINK}[ ])*{_WORD}){{0,6}}")


def _name_end(text: str, place: int) -> int | None:
    """Where the name of a body ends that begins behind a word for it; None where no name follows."""
    found = _NAME.match(text, place)
    if found is None:
        return None
    words = re.findall(r"[^\W_]+", fold(found.group()))
    alone = set(lexicon("places")["facilities"]["alone"])
    if all(word in alone for word in words):
        return None
    return found.end() - len(found.group()) + len(found.group().rstrip(" .,-"))


def _towns(reading: Reading, patterns: _Patterns) -> Iterator[Span]:
    for found in _CITY.finditer(reading.text) if reading.speaks("pt") else ():
        if not (_is_state_of_council(reading.folded, found) or clinical(found["city"])):
            yield _span(*found.span("city"), "place", LIKELY)
    for found in _SIGNED_AT.finditer(reading.text):
        yield _span(*found.span("city"), "place", LIKELY)
    for cue in patterns.place.finditer(reading.folded):
        name = _TOWN.match(reading.text, cue.end())
        if name is not None:
            yield _span(cue.end(), name.end(), "place", LIKELY)


_TOWN = re.compile(rf"{_WORD}(?:[ ](?:{_LINK}[ ])*{_WORD}){{0,4}}")
_SIGNED_AT = re.compile(
    rf"(?:^|\n)[ \t]*(?P<city>{_UPPER}[^\W\d_]+(?:[ ](?:{_LINK}[ ])*{_UPPER}[^\W\d_]+){{0,4}})"
    r"(?:[ ]?[/\-][ ]?[A-Z]{2})?,[ ]?"
    r"(?=\d{1,2}[ ]?(?:[/.\-]\d|[Dd][Ee][ ])|\d{1,2}[ ][^\W\d_]{3}|\d{4}-\d"
    r"|[^\W\d_]{3,9}[ ](?:[Dd][Ee][ ])?\d{4})"
)
_TOWN_BEHIND = re.compile(
    r"[ ]*(?:[,.\-–][ ]*|[ ]{2,}(?:[Mm][Uu][Nn]\.?|[Cc]idade|CIDADE)[ ]*)"
    rf"(?P<city>{_TOWN_NAME})(?=[ ]*(?:[,.\-–)/(]|\n|$))"
)
_COUNCILS = re.compile(rf"(?<!\w)(?:{COUNCIL}|ssp|detran|rg)$")


def _is_state_of_council(folded: str, found: re.Match[str]) -> bool:
    return _COUNCILS.search(folded[found.start("city") : found.end("city")]) is not None


def _span(start: int, end: int, kind: str, score: float) -> Span:
    return Span(start=start, end=end, label=kind, score=score, source=SOURCE)
