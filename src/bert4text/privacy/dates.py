"""Detector: dates in all their written forms, times of day, dates of birth. Days come before months.

What is written like a date and is none stays: fractions, scales, intervals of doses, vertebrae, measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bert4text.core.fold import phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.reading import Reading

SOURCE = "dates"
SURE, LIKELY = 0.95, 0.8

_WORDS = lexicon("dates")
MONTHS: tuple[tuple[str, ...], ...] = tuple(map(tuple, _WORDS["months"]))
"""Names of the months in three languages, folded; January first."""
WHOLE = frozenset(name for names in MONTHS for name in names if len(name) > 4) | set(
    _WORDS["short_but_whole"]
)
"""Those that are no abbreviation."""

_NO_LETTER = r"(?![^\W\d_])"
_D, _M, _Y = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1[89]|20)\d\d"
_NAME = phrases((name for names in MONTHS for name in names), start="", end=_NO_LETTER)
_FULL = phrases(WHOLE, start="", end=_NO_LETTER)
_TH = r"(?:[ ]?[o°º]|st|nd|rd|th)?"
_OF = r"(?:[ ]?(?:de|del|do|of)[ ]|[ ]?[\-/.,]{0,2}[ ]?)"
_HOUR = r"(?:[01]?\d|2[0-3])[ ]?"
_CLOCK = (
    rf"{_HOUR}(?:h(?:oras?)?[ ]?(?:[0-5]\d)?(?:[ ]?min)?"
    r"|:[0-5]\d(?::[0-5]\d(?:\.\d+)?z?)?(?:[ ]?h(?:oras?)?)?)(?![\w/])"
)
_AT = rf"(?:(?:[ \t]*[,\-–]?[ \t]*(?:as|a las|at)?[ \t]+|t){_CLOCK})?"

_WORD = r"(?<!\w)"
_FORMS = (
    rf"(?P<d>{_D})(?P<s>[ ]?[/.\-][ ]?)(?P<m>{_M})(?P=s)(?P<y>{_Y}|\d\d)",  # 12/03/2024, 12-3-24
    rf"(?P<y2>{_Y})(?P<s2>[/.\-])(?P<m2>{_M})(?P=s2)(?P<d2>{_D})",  # 2024-03-12
    rf"{_WORD}(?P<m3>{_M})/(?P<d3>{_D})/(?P<y3>{_Y}|\d\d)",  # 03/18/2024, where the first form does not fit
    r"(?P<y4>(?:19|20)\d\d)(?P<m4>0[1-9]|1[0-2])(?P<d4>0[1-9]|[12]\d|3[01])",  # 20240312, of images
    rf"(?P<d5>{_D}|primeiro){_TH}(?:{_OF}|[ ])(?P<n5>{_NAME})\.?{_OF}(?P<y5>{_Y}|'?\d\d)",  # 12 de maio de 24
    rf"{_WORD}(?P<n6>{_NAME})\.?[ ](?P<d6>{_D})(?:st|nd|rd|th)?,?[ ](?P<y6>{_Y})",  # March 12, 2024
    rf"{_WORD}(?P<n7>{_NAME})(?:\.?[ ]?[/\-][ ]?|\.?[ ](?:de |del |do |of )?)(?P<y7>{_Y})",  # março de 2024
    rf"{_WORD}(?P<n8>{_NAME})\.?[/\-]'?(?P<y8>\d\d)",  # mar/24
    rf"{_WORD}(?P<m9>0?[1-9]|1[0-2])[/\-](?P<y9>{_Y})",  # 03/2024
    rf"{_WORD}(?P<d10>{_D}|primeiro){_TH}[ ](?:de |of )?(?P<n10>{_FULL})",  # 1º de maio
    rf"{_WORD}(?P<n11>{_FULL})[ ](?P<d11>{_D})(?:st|nd|rd|th)?(?![ ]?\d)",  # May 1st
)
_APART = r"(?<![\d/.,])"  # a field may run into its date: "DN12/03/1960"
_NO_MORE = r"/\d|[.,]\d|-\d+(?![\d/.\-])"  # a dash may lead to another date
_BEGINS = rf"(?=\d|primeiro|(?<!\w){_NAME})"  # tells at once where none can begin: most signs of a report
DATE = re.compile(rf"{_BEGINS}{_APART}(?:{'|'.join(_FORMS)})(?!(?!t\d\d:)\w|{_NO_MORE}){_AT}")
"""A date in a folded text, with its hour; groups named for day, month, name of the month and year."""

_SHORT = re.compile(rf"(?<![\w/.,\-+]){_D}/{_M}(?![\w/+]|[.,\-]\d){_AT}")
_PADDED = re.compile(r"(?:0[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2])")
_DOTTED = re.compile(r"\d\d\.\d\d\.\d\d")
_TIME = re.compile(
    rf"(?<![\w/:.,]){_HOUR}(?:h[ ]?[0-5]\d(?:[ ]?min)?|:[0-5]\d(?::[0-5]\d)?(?:[ ]?h)?)"
    r"(?![\w/:]|[ ](?:position|o'clock))"  # the face of a clock, on which lesions are placed
)
_NEAR = 40


def _behind(words: list[str]) -> re.Pattern[str]:
    """Words that end where a number begins."""
    return re.compile(rf"{phrases(words)}[ \t]*(?:d[aeo]s? )?[:.=]?[ \t]*$")


_SAYS_DATE = re.compile(
    rf"{_behind(_WORDS['day_and_month']['before']).pattern}"
    r"|(?<!\w)(?:de|a|e)[ \t]+\d{1,2}/\d{1,2}[ \t]+(?:a|e|ate)[ \t]+$"  # "de 3/4 a 5/4"
)
_SAYS_NONE = _behind(_WORDS["day_and_month"]["none_behind"])
_NONE_BEFORE = re.compile(
    rf"[ \t]*(?:h{_NO_LETTER}|hs(?!\w)|/|d[ao]s? |de (?:cada|altura|mama)|em \d{{1,2}}/\d"
    rf"|{'|'.join(map(re.escape, _WORDS['day_and_month']['none_before']))})"
)
_SAYS_TIME = _behind(_WORDS["times"]["before"])
_SAYS_BORN = re.compile(phrases(_WORDS["born"], gap=r"[\s\-.]+") + r"\W{0,5}(?:em |el |on )?$")


class Written(NamedTuple):
    """A date as it is written: its parts, and where each stands in the text.

    Attributes:
        day, month, year: None where the text does not tell them; a year of two digits is completed.
        places: part (``day``, ``month``, ``name``, ``year``) -> its place in the text.
    """

    day: int | None
    month: int | None
    year: int | None
    places: dict[str, tuple[int, int]]


def find(reading: Reading) -> Iterator[Span]:
    """Dates, dates of birth, and times of day."""
    folded = reading.folded
    if not any(map(str.isdigit, folded)):
        return
    taken: list[tuple[int, int]] = []
    for found in DATE.finditer(folded):
        if _is_date(read(found), folded, found):
            taken.append(found.span())
            yield _span(found, "birth-date" if _before(_SAYS_BORN, folded, found) else "date", SURE)
    for found in _SHORT.finditer(folded):
        if not _inside(found.start(), taken) and _is_short_date(folded, found):
            taken.append(found.span())
            yield _span(found, "date", LIKELY)
    for found in _TIME.finditer(folded):
        if not _inside(found.start(), taken):
            two_digits = found.group()[1:2].isdigit()
            if two_digits or _before(_SAYS_TIME, folded, found):
                yield _span(found, "time", LIKELY)


def read(found: re.Match[str]) -> Written:
    """The parts of a date that ``DATE`` found."""
    parts = {name.rstrip("0123456789"): name for name, value in found.groupdict().items() if value}
    told = {"d": "day", "m": "month", "n": "name", "y": "year"}
    places = {told[short]: found.span(parts[short]) for short in told if short in parts}
    day = found[parts["d"]] if "d" in parts else None
    year = found[parts["y"]] if "y" in parts else None
    name = found[parts["n"]] if "n" in parts else ""
    month = int(found[parts["m"]]) if "m" in parts else month_named(name)
    return Written(
        day=None if day is None else 1 if day == "primeiro" else int(day),
        month=month,
        year=None if year is None else _complete(year.lstrip("'")),
        places=places,
    )


def month_named(name: str) -> int | None:
    """The month, from 1, of a folded name, whole or short, or None."""
    return next((place for place, names in enumerate(MONTHS, 1) if name in names), None)


def _complete(year: str) -> int:
    """A year of two digits is of this century up to 40, else of the last one."""
    number = int(year)
    if len(year) == 4:
        return number
    return number + (2000 if number <= 40 else 1900)


def _is_date(written: Written, folded: str, found: re.Match[str]) -> bool:
    """Whether what has the form of a date is one: 12.03.24 may be, 1.2.3 is a version or a level."""
    number = found.group()
    if "." in number and written.year and not re.search(r"\d{4}|[a-z]", number):
        return _DOTTED.fullmatch(number) is not None
    if written.places.keys() == {"month", "year"}:
        return not _before(_SAYS_NONE, folded, found)
    return True


def _is_short_date(folded: str, found: re.Match[str]) -> bool:
    """Whether a day and a month without a year are one, and no fraction, scale or interval of doses."""
    if _before(_SAYS_NONE, folded, found) or _NONE_BEFORE.match(folded, found.end()):
        return False
    day, _, rest = found.group().partition("/")
    timed = len(rest) > 2
    padded = _PADDED.match(found.group()) is not None and day != rest[:2]
    return timed or padded or _before(_SAYS_DATE, folded, found)


def _before(words: re.Pattern[str], folded: str, found: re.Match[str]) -> bool:
    return words.search(folded, max(0, found.start() - _NEAR), found.start()) is not None


def _inside(place: int, taken: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in taken)


def _span(found: re.Match[str], kind: str, score: float) -> Span:
    return Span(start=found.start(), end=found.end(), label=kind, score=score, source=SOURCE)
