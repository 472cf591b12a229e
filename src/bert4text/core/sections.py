"""Sections of a report: what its headings say, with offsets, in Portuguese, Spanish and English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from bert4text.core.config import Record
from bert4text.core.fold import fold, phrases
from bert4text.core.lexicon import lexicon

BODY = "body"
"""The name of text under no heading."""

NAMES = (
    "patient",
    "indication",
    "technique",
    "findings",
    "composition",
    "comparison",
    "macroscopy",
    "microscopy",
    "conclusion",
    "recommendation",
    "note",
    "addendum",
    "signature",
)
"""The names a section can have, beside ``body``."""


class Section(Record):
    """A stretch of a report: the heading is ``text[start:body]``, the content ``text[body:end]``.

    Attributes:
        name: one of ``NAMES``, or ``body`` for text under no heading.
        start: first character of the heading; equal to ``body`` when there is none.
        body: first character of the content.
        end: one past the last character of the content.
    """

    name: str
    start: int
    body: int
    end: int


def find_sections(text: str) -> tuple[Section, ...]:
    """Cut a report at its headings.

    Headings are found in any case, with or without accents or colons, on lines of their own, run
    into one line, or in capitals. The sections cover the text in order, without gaps; a heading
    that returns opens another section of that name. The text should be NFC.
    """
    cuts = list(_cuts(text))
    sections: list[Section] = []
    here = 0
    for i, cut in enumerate(cuts):
        if cut.start > here:
            sections.append(Section(name=BODY, start=here, body=here, end=cut.start))
        end = cuts[i + 1].start if i + 1 < len(cuts) else len(text)
        if cut.manner == "field":
            end = min(end, _sentence_end(text, cut.body))
        sections.append(Section(name=cut.name, start=cut.start, body=cut.body, end=end))
        here = end
    if here < len(text):
        sections.append(Section(name=BODY, start=here, body=here, end=len(text)))
    return tuple(sections)


def section_texts(text: str, name: str) -> tuple[str, ...]:
    """The contents of every section of that name, in order, without their headings."""
    return tuple(text[part.body : part.end].strip() for part in find_sections(text) if part.name == name)


def without_sections(text: str, drop: Collection[str]) -> str:
    """The report without some sections, their headings included; ``body`` may be dropped too."""
    return "".join(
        text[part.start : part.end] for part in find_sections(text) if part.name not in drop
    ).strip()


def only_sections(text: str, keep: Collection[str]) -> str:
    """The report with some sections only, their headings included."""
    return "".join(text[part.start : part.end] for part in find_sections(text) if part.name in keep).strip()


def sections_first(text: str, names: Sequence[str]) -> tuple[str, str]:
    """Some sections of a report, and all the rest of it; headings go with their sections.

    Args:
        text: the report.
        names: the sections, in the order in which they are to stand.

    Returns:
        The sections and the rest; ``""`` and the report as it is where nothing stands under such headings.
    """
    parts = find_sections(text)
    named = [part for name in names for part in parts if part.name == name]
    if not any(text[part.body : part.end].strip() for part in named):
        return "", text
    others = [part for part in parts if part.name not in names]
    chosen, rest = (
        "\n".join(text[part.start : part.end].strip() for part in some).strip() for some in (named, others)
    )
    return chosen, rest


def section_named(words: str) -> str | None:
    """The name of a section by its name or by a heading in any of the three languages, or None.

    ``conclusion``, ``Conclusão`` and ``impressão`` are all ``conclusion``.
    """
    folded = " ".join(fold(unicodedata.normalize("NFC", words)).replace("-", " ").split())
    if folded in (*NAMES, BODY):
        return folded
    found = _headings()[1].get(folded)
    return None if found is None else found[0]


def masked_sections(text: str, mask: Collection[str], *, filler: str = "[...]") -> str:
    """The report with the contents of some sections replaced by ``filler``; headings stay."""
    pieces = []
    for part in find_sections(text):
        content = text[part.body : part.end]
        if part.name in mask and content.strip():
            kept = content[len(content.rstrip()) :]
            content = (" " if content[0].isspace() else "") + filler + kept
        pieces.append(text[part.start : part.body] + content)
    return "".join(pieces)


class _Cut(NamedTuple):
    name: str
    manner: str
    start: int
    body: int


@cache
def _headings() -> tuple[re.Pattern[str], dict[str, tuple[str, str]]]:
    known = {
        phrase.replace("-", " "): (name, manner)
        for name, manners in lexicon("sections").items()
        for manner, words in manners.items()
        for phrase in words
    }
    pattern = phrases(known, gap=r"[ \t\-]+")
    return re.compile(pattern), known


_BEFORE = re.compile(r"[\s>*#=_\[(•·|]*(?:(?:\d{1,2}|[ivx]{1,4})[ \t]*[.):\-–][ \t]*)?[*_#=\[(]*[ \t]*$")
_AFTER = re.compile(
    r"[\])*_#=]*[ \t]*(?:\([^()\n]{0,40}\)[ \t]*)?[.]?[*_]*[ \t]*"
    r"(?P<mark>:+|[-–—](?=[ \t\n])|(?=\n|$))[*_]*[ \t,]*"
)
_DOT = re.compile(r"[\])*_#=]*[.][ \t]*")
_NEXT = re.compile(r"[ \t*_]*(?P<word>\w+)")
_BOUNDARY = ".;!?:)|-–—"
_RUNS_ON = re.compile(
    r"d[eoa]s?|del|of|the|[aoey]|and|ou|or|que|is|was|foi|es|fue|em|en|in|for|para|com|con|with"
    r"|anterior|previ[ao]|previous|prior"
)


def _cuts(text: str) -> Iterator[_Cut]:
    """The headings, in order, where each stands and where its content starts."""
    pattern, known = _headings()
    folded = fold(text)
    shouted = _mostly_capitals(text)
    covered = 0
    for found in pattern.finditer(folded):
        if found.start() < covered:
            continue
        name, manner = known[" ".join(found.group().replace("-", " ").split())]
        body = _content_start(text, folded, found, manner=manner, shouted=shouted)
        if body is None:
            continue
        line = folded.rfind("\n", 0, found.start()) + 1
        decorated = _BEFORE.fullmatch(folded, line, found.start())
        start = max(line if decorated else found.start(), covered)
        covered = body
        yield _Cut(name, manner, start, body)


def _content_start(text: str, folded: str, found: re.Match[str], *, manner: str, shouted: bool) -> int | None:
    """Where the content of a heading starts; None if the words are no heading here."""
    line = folded.rfind("\n", 0, found.start()) + 1
    opens_line = _BEFORE.fullmatch(folded, line, found.start()) is not None
    before = folded[max(0, found.start() - 8) : found.start()].rstrip(" \t*_\"'")
    opens = opens_line or not before or before[-1] in _BOUNDARY or folded[found.start() - 1] == ","
    capitals = text[found.start() : found.end()].isupper()
    after = _AFTER.match(folded, found.end())
    if after is None:
        return _run_in(text, found, manner=manner, opens=opens, opens_line=opens_line, shouted=shouted)
    mark = after.group("mark")
    if mark.startswith(":"):
        named = text[found.start()].isupper() and not shouted and not _continues(text, found)
        return after.end() if opens or named or manner == "strong" else None
    if manner in {"field", "colon"}:
        return None
    if not mark:
        return after.end() if opens_line else None
    return after.end() if opens_line or (opens and (capitals or manner == "strong")) else None


_LAST_WORD = re.compile(r"\w+(?=[ \t]*$)")


def _continues(text: str, found: re.Match[str]) -> bool:
    """Whether a heading in capitals only ends a longer one ("LABORATORY DATA:")."""
    last = _LAST_WORD.search(text[max(0, found.start() - 40) : found.start()])
    return last is not None and last.group().isupper() and text[found.start() : found.end()].isupper()


def _run_in(
    text: str, found: re.Match[str], *, manner: str, opens: bool, opens_line: bool, shouted: bool
) -> int | None:
    """The same for a heading with no mark after it: only signing words, strong ones and capitals count."""
    if not opens or manner in {"field", "colon"}:
        return None
    capitals = text[found.start() : found.end()].isupper()
    dot = _DOT.match(text, found.end())
    if dot is not None:
        return dot.end() if opens_line and (capitals or manner == "strong") else None
    following = _NEXT.match(text, found.end())
    if following is None:
        return None
    word = following.group("word")
    if manner == "open":
        return following.start("word")
    if _RUNS_ON.fullmatch(fold(word)):
        return None
    stands_out = (
        capitals and not shouted and not (word.isupper() and len(word) > 1) and len(found.group()) > 4
    )
    return following.start("word") if manner == "strong" or stands_out else None


def _mostly_capitals(text: str) -> bool:
    read = text[:2000]
    return len(_CAPITAL.findall(read)) > 0.7 * len(_LETTER.findall(read))


_LETTER, _CAPITAL = re.compile(r"[^\W\d_]"), re.compile(r"[A-ZÀ-ÖØ-Þ]")
_SENTENCE_END = re.compile(r"\n|(?<!\b[Dd]r)(?<!\b[Dd]ra)(?<!\b[Ss]r)(?<!\b[Ss]ra)(?<!\b\w)[.;](?=\s|$)")


def _sentence_end(text: str, start: int) -> int:
    found = _SENTENCE_END.search(text, start)
    return len(text) if found is None else found.end()
