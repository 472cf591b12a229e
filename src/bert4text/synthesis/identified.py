"""Made-up reports whose identifiers are marked, for a recognizer to learn from; nobody in them exists.

Layouts, form fields, frames of sentences, signatures and sentences without any identifier are drawn and
filled; then capitals, accents, line breaks and letters are spoiled as they are in hospitals.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from bert4text.core import seeds
from bert4text.core.span import Marked, Span
from bert4text.synthesis.frames import frames
from bert4text.synthesis.noise import noisy, spoiled
from bert4text.synthesis.people import People
from bert4text.synthesis.values import KIND_OF, Values

SHARES = {"pt": 3, "es": 1, "en": 1}
"""How often reports are made in each language."""
_SLOT = re.compile(r"(\{[a-z\-]+\}|<findings>)")
_COLONS = (": ", ": ", ": ", ":", " : ", " - ", "  ", " ", ".: ", "....: ", "\t", ":\n", " | ", "= ")
_BETWEEN = ("\n", "\n", "\n", "   ", "  ", " | ", "; ", " / ", ", ", "\t", " - ", "\n\n")
_LAYOUT, _COMPOSED = 0.3, 0.65
_HEAD = ("patient", "record", "birth-date", "date", "professional", "phone", "cpf", "cns", "facility", "plan")


class _Piece(NamedTuple):
    """A part of a report: what is written, and of what slot it is (empty for what identifies nobody)."""

    text: str
    slot: str


class _Frames(NamedTuple):
    """What reports of one language are made of."""

    fields: dict[str, list[str]]
    other: list[tuple[str, list[str]]]
    sentences: list[str]
    signatures: list[str]
    layouts: list[str]
    findings: list[str]
    traps: list[str]
    headings: list[str]


def identified(n: int, *, languages: Sequence[str], seed: int) -> Iterator[Marked]:
    """Reports one after the other.

    Args:
        n: how many.
        languages: ``pt``, ``es`` or ``en``.
        seed: same seed, same reports.

    Yields:
        Reports, whose spans are of ``privacy.kinds.KINDS``.

    Raises:
        MissingExtraError: faker is not installed.
    """
    draw = random.Random(seeds.integer(seed, "synthesis.identified"))
    people = {language: People(language, draw) for language in languages}
    weights = [SHARES[language] for language in languages]
    for _ in range(n):
        language = draw.choices(languages, weights)[0]
        yield _Writer(people[language], read_frames(language)).report()


class _Writer:
    """Writes one report."""

    def __init__(self, people: People, told: _Frames) -> None:
        self.people = people
        self.draw = people.draw
        self.told = told
        self.values = Values(people)

    def report(self) -> Marked:
        """A whole layout, one that is composed, or some sentences."""
        chance = self.draw.random()
        if chance < _LAYOUT:
            pieces = self.filled(self.draw.choice(self.told.layouts).strip("\n"))
        elif chance < _LAYOUT + _COMPOSED * (1 - _LAYOUT):
            pieces = self.composed()
        else:
            pieces = self.sentences(self.draw.choice((1, 2, 2, 3, 4)))
        return self.marked(pieces)

    def composed(self) -> list[_Piece]:
        """Fields, sections under headings, and a signature."""
        pieces = self.fields() if self.draw.random() < _OFTEN else []
        for _ in range(self.draw.choice((1, 1, 2, 2, 3))):
            if self.draw.random() < _OFTEN:
                heading = self.draw.choice(self.told.headings)
                pieces.append(_Piece(f"{heading}{self.draw.choice((':', ':', '', ' -', '.'))}", ""))
                pieces.append(_Piece(self.draw.choice(("\n", "\n", " ")), ""))
            pieces += self.sentences(self.draw.choice((1, 2, 2, 3)))
            pieces.append(_Piece(self.draw.choice(("\n", "\n", "\n\n")), ""))
        if self.draw.random() < _OFTEN:
            pieces += self.filled(self.draw.choice(self.told.signatures))
        return pieces

    def fields(self) -> list[_Piece]:
        """Fields of a form, with one way of writing them."""
        colon, between = self.draw.choice(_COLONS), self.draw.choice(_BETWEEN)
        slots = [slot for slot in _HEAD if slot in self.told.fields and self.draw.random() < _HALF]
        slots += self.draw.sample(sorted(self.told.fields), self.draw.choice((0, 1, 2, 3)))
        slots += ["" for _ in range(self.draw.choice((0, 1, 2)))]
        if self.draw.random() < _HALF:
            self.draw.shuffle(slots)
        pieces: list[_Piece] = []
        for slot in slots:
            label, value = self._field(slot)
            pieces += [_Piece(label + colon, ""), _Piece(value, slot), _Piece(between, "")]
        return [*pieces, _Piece("\n", "")]

    def _field(self, slot: str) -> tuple[str, str]:
        if slot:
            return self.draw.choice(self.told.fields[slot]), self.values.of(slot, field=True)
        label, values = self.draw.choice(self.told.other)
        return label, self.draw.choice(values)

    def sentences(self, n: int) -> list[_Piece]:
        """Sentences of running text, some with identifiers."""
        pieces: list[_Piece] = []
        for _ in range(n):
            kind = self.draw.random()
            if kind < _FRAMES:
                pieces += self.filled(self.draw.choice(self.told.sentences))
            else:
                pieces.append(_Piece(self.plain(), ""))
            pieces.append(_Piece(self.draw.choice((" ", " ", "\n")), ""))
        return pieces

    def plain(self) -> str:
        """A sentence without any identifier; some only look as if they had one."""
        return self.draw.choice(self.told.traps if self.draw.random() < _TRAPS else self.told.findings)

    def filled(self, form: str) -> list[_Piece]:
        """A form with its slots filled."""
        pieces = []
        for part in _SLOT.split(form):
            if part == "<findings>":
                some = (self.plain() for _ in range(self.draw.choice((1, 1, 2, 3))))
                pieces.append(_Piece(" ".join(some), ""))
            elif part.startswith("{"):
                pieces.append(_Piece(self.values.of(part[1:-1]), part[1:-1]))
            elif part:
                pieces.append(_Piece(part, ""))
        return pieces

    def marked(self, pieces: Sequence[_Piece]) -> Marked:
        """The report as it is written, spoiled, with its spans."""
        noise = noisy(self.draw)
        text, spans = "", []
        for piece in pieces:
            written = spoiled(piece.text, noise, self.draw, identifies=bool(piece.slot))
            kind = KIND_OF.get(piece.slot)
            if kind is not None and written.strip():
                start = len(text) + len(written) - len(written.lstrip(" /-:."))
                spans.append(Span(start=start, end=len(text) + len(written.rstrip()), label=kind))
            text += written
        return Marked(text, tuple(spans))


_OFTEN, _HALF, _FRAMES, _TRAPS = 0.75, 0.5, 0.45, 0.45


@cache
def read_frames(language: str) -> _Frames:
    """The frames of a language."""
    told: dict[str, Any] = frames(language)
    other = [tuple(field.partition("=")[::2]) for field in told["fields"]["other"]]
    return _Frames(
        fields={slot: labels for slot, labels in told["fields"].items() if slot != "other"},
        other=[(label, values.split("|")) for label, values in other if values],
        sentences=told["text"]["frames"],
        signatures=told["text"]["signatures"],
        layouts=told["text"]["layouts"],
        findings=told["plain"]["findings"],
        traps=[*told["plain"]["traps"], *frames("traps")[language]["traps"]],
        headings=told["plain"]["headings"],
    )
