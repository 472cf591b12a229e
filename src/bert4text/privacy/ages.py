"""Detector: ages, in figures and words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bert4text.core.fold import phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span
from bert4text.privacy.reading import Reading

SOURCE = "ages"
SURE = 0.9

_WORDS = lexicon("dates")["ages"]
_SPELT = {word: int(age) for age, words in _WORDS["words"].items() for word in words}
_NUMBER = rf"(?:{phrases(_SPELT)}|1[0-2]\d|\d{{1,2}})"
_UNITS = phrases(_WORDS["units"], start="", end=r"(?![^\W\d_])")
_LASTED = "|".join(map(re.escape, _WORDS["lasted"]))
_AGE = re.compile(
    rf"(?<![\w.,/\-])(?P<age>{_NUMBER})[ \-]?(?:{_UNITS}|(?<=\d\d)a(?=[ ,.;)]|$))(?![ ]+(?:{_LASTED}))"
    rf"|{phrases(_WORDS['before'])}(?:[ ]?(?:atual|aproximada|of))?[ \t]*(?:[:=|]|\.{{2,}}:?)?[ \t]*"
    rf"(?P<said>{_NUMBER})(?![\w/]|[.,]\d)"
)
_LASTING = re.compile(
    rf"{phrases(_WORDS['lasting'])}(?: (?:mais de|cerca de|aproximadamente|about|mas de))?[ ]$"
)
_GENERATION = re.compile(r"(?<!\w)(?:nonagenari|centenari)(?:[oa]s?|ans?)(?!\w)")
_NEAR = 40


def find(reading: Reading) -> Iterator[Span]:
    """The number of each age; how long something lasts is none."""
    folded = reading.folded
    for found in _AGE.finditer(folded):
        group = "age" if found["age"] else "said"
        if group == "age" and _LASTING.search(folded, max(0, found.start() - _NEAR), found.start()):
            continue
        yield _span(*found.span(group))
    for found in _GENERATION.finditer(folded):
        yield _span(*found.span())


def years(folded: str) -> int:
    """The age that a span of this detector tells, folded; of a generation its first year."""
    if folded.isdigit():
        return int(folded)
    return _SPELT.get(folded, 100 if folded.startswith("centenari") else 90)


def _span(start: int, end: int) -> Span:
    return Span(start=start, end=end, label="age", score=SURE, source=SOURCE)
