"""Detector: what a recognizer that learned finds, beside the rules, where a rule does not know better."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bert4text.core.clinical import clinical
from bert4text.core.lexicon import lexicon
from bert4text.core.span import Span, Tagger
from bert4text.privacy.census import census
from bert4text.privacy.kinds import KINDS, PERSONS
from bert4text.privacy.numbers import measured
from bert4text.privacy.persons import called_after, known_for, things
from bert4text.privacy.reading import Reading

SURE = 0.85
"""What its probability is multiplied by: whose a name is, a field or a title beside it tells more surely."""
MOMENTS = frozenset({"date", "birth-date", "time"})
"""Kinds whose numbers the rules know in all forms: what they leave of them is a fraction or a measure."""
NAMED = PERSONS | {"facility", "organisation", "place"}
"""Kinds that are told by words."""
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_WRITTEN = 3  # letters of a month


class Recognized:
    """Finds what a recognizer finds, without the labels of forms around it.

    Words that are clinical, or that a thing is called after, are none; nor is a single word in small letters,
    where others have capitals; nor are numbers that are measures, or that rules would have known for a date.

    Args:
        tagger: the recognizer; spans whose labels are not among ``KINDS`` are passed over.
    """

    def __init__(self, tagger: Tagger) -> None:
        self.tagger = tagger

    def __call__(self, reading: Reading) -> Iterator[Span]:
        """The identifiers of a report."""
        for span in _names_whole(reading.text, self.tagger(reading.text)):
            if span.label not in KINDS or _no_moment(reading, span):
                continue
            start, end = _trimmed(reading, span)
            if start < end and not _of_nobody(reading, start, end, named=span.label in NAMED):
                yield span.model_copy(update={"start": start, "end": end, "score": SURE * span.score})


def _names_whole(text: str, spans: Sequence[Span]) -> list[Span]:
    """Parts of one name that were taken for several persons', as one: whose the longest part is."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and {last.label, span.label} <= PERSONS and text[last.end : span.start] == " ":
            longer = max(last, span, key=lambda one: one.end - one.start)
            found[-1] = longer.model_copy(update={"start": last.start, "end": span.end})
        else:
            found.append(span)
    return found


def _no_moment(reading: Reading, span: Span) -> bool:
    """Whether a span of a date or time is numbers alone, without a year."""
    if span.label not in MOMENTS or _YEAR.search(reading.text, span.start, span.end):
        return False
    words = _WORD.findall(reading.folded, span.start, span.end)
    return all(len(word) < _WRITTEN for word in words)


def _trimmed(reading: Reading, span: Span) -> tuple[int, int]:
    """A span without the labels of fields, kinship and links at its ends; empty where it is nothing else."""
    words = list(_TOKEN.finditer(reading.folded, span.start, span.end))
    before, behind = _around(person=span.label in PERSONS)
    while words and words[0].group() in before:
        del words[0]
    while words and words[-1].group() in behind:
        del words[-1]
    return (words[0].start(), words[-1].end()) if words else (span.end, span.end)


_TOKEN = re.compile(r"[^\W_]+")


@cache
def _around(*, person: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Words, folded, that stand before and behind what identifies somebody and are no part of it."""
    persons = lexicon("persons")
    if not person:
        labels = frozenset(persons["fillers"]["labels"].split()) | _LINKS
        return labels, labels
    labels = frozenset(persons["fillers"]["stop"].split()) - set(persons["fillers"]["surnames"].split())
    titles = frozenset(title for titles in persons["titles"].values() for title in titles)
    kin = frozenset(persons["relatives"]["words"]) - _NAMES_TOO
    return labels | titles | kin | _LINKS, labels | titles | _LINKS


_NAMES_TOO = frozenset({"irma"})
_LINKS = frozenset(("de", "da", "do", "dos", "das", "e", "del", "la", "y", "and", "no", "na", "em"))


def _of_nobody(reading: Reading, start: int, end: int, *, named: bool) -> bool:
    """Whether words are of a thing, or numbers a measure."""
    if named:
        return _of_a_thing(reading, start, end)
    numbers = not any(map(str.isalpha, reading.text[start:end]))
    return numbers and measured(reading.folded, start, end)


def _of_a_thing(reading: Reading, start: int, end: int) -> bool:
    """Whether words name nobody: clinical ones, those that a thing is called after, one in small letters."""
    words = [word for word in _WORD.findall(reading.folded, start, end) if word not in _LINKS]
    if all(map(clinical, words)):
        return True
    if words[0] in things():  # "doença de Chagas"
        return known_for(words[1:])
    if len(words) == 1 and census() and reading.text[start:end].islower() and not reading.text.islower():
        return words[0] not in census()
    return (len(words) == 1 or known_for(words)) and called_after(reading.folded, start)
