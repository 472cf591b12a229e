"""Sides: one report as it tells of the right and of the left, where the question is asked of each.

What is said of the other side alone is left out. What names no side stays in both, and so does whatever is in
doubt: a sentence too many costs the model little, one too few the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Literal

from bert4text.core.errors import ConfigError
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon
from bert4text.core.sections import find_sections
from bert4text.data.sentences import spans, without_spans

Side = Literal["right", "left"]
BOTH: frozenset[Side] = frozenset({"right", "left"})


def side_of(name: str) -> Side | None:
    """Which side a name says, in Portuguese, Spanish or English; None if it says none, or both."""
    found = {side for _, side in _named(name)}
    return next(iter(found)) if len(found) == 1 else None


def check_sides(sides: Mapping[str, str]) -> None:
    """Refuse names that are not one right and one left.

    Raises:
        ConfigError: there are other than two, or a name says no side.
    """
    if sides and sorted(side_of(name) or "" for name in sides) != ["left", "right"]:
        raise ConfigError(
            "[prepare.sides] names {found}; it names one right and one left side",
            hint='for example direita = "birads_direita" and esquerda = "birads_esquerda"',
            code="unknown-side",
            found=list(sides),
        )


def side_view(text: str, name: str) -> str:
    """A normalized report as it tells of one side.

    Left out are sentences that name the other side alone, and those under a heading of the other side
    ("Mama esquerda:") until the next heading or a sentence of both sides, unless they name this one.

    Args:
        text: the report.
        name: of the side.
    """
    side = side_of(name)
    return without_spans(text, [(start, end) for start, end, told in _told(text) if side not in told])


def marked(text: str, name: str) -> str:
    """What is left of a report for one side, under the side's name, so that the model knows which it is."""
    return f"{name}:\n{text}"


def seen_of_side(text: str, name: str | None, view: Callable[[str], str]) -> str:
    """A view of what stands under a side's name, if it does; of all of the text otherwise."""
    mark = "" if name is None else marked("", name)
    if not mark or not text.startswith(mark):
        return view(text)
    left = view(text.removeprefix(mark))
    return f"{mark}{left}" if left else ""


def names_a_side(text: str) -> bool:
    """Whether a report tells its sides apart anywhere."""
    return any(told != BOTH for _, _, told in _told(text))


def _told(text: str) -> Iterator[tuple[int, int, frozenset[Side]]]:
    """Each sentence, and of which sides it tells."""
    starts = [section.body for section in find_sections(text)]
    under: frozenset[Side] = BOTH
    section = 0
    for start, end in spans(text):
        while section < len(starts) and starts[section] <= start:
            under, section = BOTH, section + 1
        sentence = text[start:end]
        named = frozenset(side for _, side in _named(sentence))
        if named and _is_heading(sentence):
            under = told = named
        elif named == BOTH:
            under = told = BOTH
        elif named:
            told = named if under == BOTH else named | under
        else:
            told = under
        yield start, end, told


def _named(text: str) -> Iterator[tuple[int, Side]]:
    """Where a side is named, and which; what tells of both is named as each."""
    words, letters, initials = _patterns()
    for found in words.finditer(fold(text)):
        side = _SIDES.get(found.lastgroup or "")
        yield from ((found.end(), each) for each in ("right", "left") if side in {None, each})
    for pattern in (letters, initials):
        for found in pattern.finditer(text):
            yield found.end(), "right" if found.group("right") else "left"


_SIDES: dict[str, Side] = {"right": "right", "left": "left"}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Words in a folded text; letters after a word, and initials at the beginning, in the text as it is."""
    known = lexicon("sides")
    words = "|".join(f"(?P<{name}>{phrases(known[name])})" for name in ("right", "left", "both"))
    letters, initials = known["letters"], known["initials"]
    before = "|".join(f"[{word[0]}{word[0].upper()}]{word[1:]}" for word in letters["before"])
    return (
        re.compile(words),
        re.compile(rf"\b(?:{before})\s+\(?{_either(letters)}(?!\w)"),
        re.compile(rf"^\W*{_either(initials)}\s*(?=[:,–—-])"),
    )


def _either(names: Mapping[str, list[str]]) -> str:
    right, left = ("|".join(map(re.escape, names[side])) for side in ("right", "left"))
    return rf"(?:(?P<right>{right})|(?P<left>{left}))"


_HEADING = re.compile(r"[^:\n]{0,40}:|[^.;:!?\n]{0,40}\.?\s*$")
_WORD = re.compile(r"\w+")
_MOST_WORDS, _TITLE = 5, 2


def _is_heading(sentence: str) -> bool:
    """Whether it begins with a few words that name sides and a colon, or is a title: capitals, two words."""
    found = _HEADING.match(sentence)
    if found is None or len(_WORD.findall(found.group())) > _MOST_WORDS:
        return False
    words = found.group().rstrip()
    title = words.endswith(":") or words.isupper() or len(words.split()) <= _TITLE
    return title and any(at <= found.end() for at, _ in _named(sentence))
