"""Faults of single reports, of any class: how they are written, whom they name, and labels that are wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.audit.base import QUESTIONS, Base, Scene, people
from benchmarks.audit.draft import Draft
from benchmarks.audit.fault import OF_ALL, Fault, Plant, Strength, of_all, some
from benchmarks.audit.grammar import Writer, fill

SHAPE, NOISE, IDENTIFIERS = "language and shape", "label noise", "identifiers"
FLIPPED: dict[Strength, float] = {"strong": 0.3, "medium": 0.15, "weak": 0.05}
"""Share of the labels that are wrong."""
_FAR, _NEAR = {"pt": "en", "es": "en", "en": "pt"}, {"pt": "es", "es": "pt", "en": "es"}
_MISREAD = {"l": "1", "o": "0", "i": "!", "m": "rn", "e": "c", "a": "@", "s": "5", "t": "f"}
_DEBRIS = ("| ~", "_ .;", "-- '", "\\ /|", "^ . ,", "[ ¦ ]")
_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def writing() -> Iterator[Fault]:
    """Every fault of this kind."""
    shapes: tuple[tuple[str, Callable[[Base, Draft, Random], None]], ...] = (
        ("other-language", _translated(_FAR)),
        ("near-language", _translated(_NEAR)),
        ("other-exam", _other_exam),
        ("mojibake", _mojibake),
        ("ocr-debris", _scanned),
        ("capitals", _capitals),
        ("empty-findings", _emptied),
        ("cut-off", _cut),
    )
    for name, change in shapes:
        yield Fault(name, SHAPE, _each(change), "course" if name in {"other-exam", "cut-off"} else "three")
    yield Fault("cut-at-limit", SHAPE, _limited, "course")
    for kind in ("document", "phone", "email", "patient"):
        yield Fault(f"identifier-{kind}", IDENTIFIERS, _each(_identified(kind)))
    for question in ("two", "three"):
        yield Fault(f"flipped-labels-{question}", NOISE, flip, question)


def flip(scene: Scene, strength: Strength, drawn: Random) -> int:
    """Give a share of the reports another label, any other."""
    hit = some(scene.drafts, FLIPPED[strength], drawn)
    for draft in hit:
        draft.label = drawn.choice([label for label in scene.base.labels if label != draft.label])
    return len(hit)


def _each(change: Callable[[Base, Draft, Random], None]) -> Plant:
    def plant(scene: Scene, strength: Strength, drawn: Random) -> int:
        hit = of_all(scene, strength, drawn)
        for draft in hit:
            change(scene.base, draft, drawn)
        return len(hit)

    return plant


def _translated(to: dict[str, str]) -> Callable[[Base, Draft, Random], None]:
    def change(base: Base, draft: Draft, drawn: Random) -> None:
        Writer(Base(to[base.language], base.question, 0, 0)).write(draft, drawn)

    return change


def _other_exam(base: Base, draft: Draft, drawn: Random) -> None:
    exam = "breast" if QUESTIONS[base.question].exam == "chest" else "chest"
    Writer(base, exam=exam).write(draft, drawn)


def _mojibake(base: Base, draft: Draft, drawn: Random) -> None:
    text = draft.rendered.replace(" x ", " × ").replace(". ", ".\u00a0")  # signs that English texts hold too
    draft.text = text.encode().decode("cp1252", errors="replace")


def _scanned(base: Base, draft: Draft, drawn: Random) -> None:
    words = []
    for word in re.split(r"(\s+)", draft.rendered):
        if len(word) > 3 and drawn.random() < 0.3:
            word = re.sub("[loimeast]", lambda letter: _misread(letter[0], drawn), word)
        words.append(word)
        if drawn.random() < 0.04:
            words.append(f" {drawn.choice(_DEBRIS)} ")
    draft.text = "".join(words)


def _misread(letter: str, drawn: Random) -> str:
    return _MISREAD[letter] if drawn.random() < 0.4 else letter


def _capitals(base: Base, draft: Draft, drawn: Random) -> None:
    draft.text = draft.rendered.upper()


def _emptied(base: Base, draft: Draft, drawn: Random) -> None:
    draft.section("findings").sentences.clear()


def _cut(base: Base, draft: Draft, drawn: Random) -> None:
    """End in the middle of a word."""
    text = draft.rendered
    place = int(len(text) * drawn.uniform(0.55, 0.8))
    while not text[place - 2 : place + 1].isalpha():
        place -= 1
    draft.text = text[:place]


def _limited(scene: Scene, strength: Strength, drawn: Random) -> int:
    """A field of a database that was too short: the longest reports end at one length."""
    lengths = sorted(len(draft.rendered) for draft in scene.drafts)
    limit = lengths[-1 - round(OF_ALL[strength] * len(lengths))]
    hit = [draft for draft in scene.drafts if len(draft.rendered) > limit]
    for draft in hit:
        draft.text = draft.rendered[:limit]
    return len(hit)


def _identified(kind: str) -> Callable[[Base, Draft, Random], None]:
    def change(base: Base, draft: Draft, drawn: Random) -> None:
        known = people(base)
        name = f"{drawn.choice(known['given'])} {' '.join(drawn.sample(known['surnames'], 2))}"
        user = unicodedata.normalize("NFD", name.lower().replace(" ", ".")).encode("ascii", "ignore").decode()
        given = {"name": name, "user": user, "cpf": cpf(drawn), "dni": dni(drawn), "ssn": _ssn(drawn)}
        draft.header.append(fill(drawn.choice(known[kind]), drawn, given))

    return change


def cpf(drawn: Random) -> str:
    """A number with the two check digits of a Brazilian CPF; of nobody that is meant."""
    digits = [drawn.randrange(10) for _ in range(9)]
    for _ in range(2):
        total = sum(
            digit * weight for digit, weight in zip(digits, range(len(digits) + 1, 1, -1), strict=True)
        )
        digits.append(total * 10 % 11 % 10)
    text = "".join(map(str, digits))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def dni(drawn: Random) -> str:
    """A number with the letter of a Spanish DNI; of nobody that is meant."""
    number = drawn.randrange(10_000_000, 99_999_999)
    return f"{number}{_DNI[number % 23]}"


def _ssn(drawn: Random) -> str:
    return f"{drawn.randint(100, 599)}-{drawn.randint(10, 99)}-{drawn.randint(1000, 9999)}"
