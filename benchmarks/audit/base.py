"""What a clean corpus is made from: a question, a language, a size, a seed and a few habits of writing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.audit.draft import Draft
from bert4text.core.seeds import integer

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("pt", "es", "en")


@dataclass(frozen=True)
class Question:
    """What is asked: of which exam, the labels in each language, and how frequent they are.

    Attributes:
        exam: key of the word lists.
        labels: language -> names, from the mildest to the gravest.
        shares: of the labels.
        target: place of the label that faults are planted in.
    """

    exam: str
    labels: Mapping[str, tuple[str, ...]]
    shares: tuple[float, ...]
    target: int


def _same(*names: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(LANGUAGES, names)


def _grades(word: str) -> tuple[str, ...]:
    return tuple(f"{word}_{i}" for i in range(1, 5))


QUESTIONS: dict[str, Question] = {
    "two": Question(
        "breast",
        {"pt": ("benigno", "maligno"), "es": ("benigno", "maligno"), "en": ("benign", "malignant")},
        (0.68, 0.32),
        target=1,
    ),
    "three": Question(
        "breast",
        {
            "pt": ("normal", "benigno", "suspeito"),
            "es": ("normal", "benigno", "sospechoso"),
            "en": ("normal", "benign", "suspicious"),
        },
        (0.5, 0.32, 0.18),
        target=2,
    ),
    "icd": Question("breast", _same("N60", "D24", "C50"), (0.48, 0.3, 0.22), target=2),
    "five": Question(
        "breast", _same(*(f"BIRADS_{i}" for i in range(1, 6))), (0.24, 0.38, 0.14, 0.16, 0.08), target=3
    ),
    "course": Question(
        "chest",
        {
            "pt": ("inalterado", "cronico", "agudo"),
            "es": ("inalterado", "cronico", "agudo"),
            "en": ("unchanged", "chronic", "acute"),
        },
        (0.48, 0.3, 0.22),
        target=2,
    ),
    "grade": Question(
        "chest",
        {"pt": _grades("grau"), "es": _grades("grado"), "en": _grades("grade")},
        (0.38, 0.28, 0.2, 0.14),
        target=2,
    ),
}


@dataclass(frozen=True)
class Base:
    """Which clean corpus.

    Attributes:
        language: ``pt``, ``es`` or ``en``.
        question: key of ``QUESTIONS``.
        size: reports.
        seed: of the corpus.
        split: ``patient``; ``time``, by patient with all of train before all of test; ``episode`` and
            ``report``, which name no patient.
        conclusion: whether reports end with a conclusion that says nothing.
        stamped: whether a date and a number stand in the text.
        signed: whether physicians sign, each anything.
        teased: whether words of labels stand in all classes alike.
        held: whether what is planted comes from the lists that nobody looked at while the checks were mended.
        words: words the findings have at the least.
        style: a style of the generator ``cytology``; then that makes the reports.
        aim: place of the label that faults are planted in, where it is not that of the question.
    """

    language: str
    question: str
    size: int
    seed: int
    split: str = "patient"
    conclusion: bool = False
    stamped: bool = False
    signed: bool = False
    teased: bool = False
    held: bool = False
    words: int = 0
    style: str | None = None
    aim: int | None = None

    @property
    def key(self) -> str:
        """The corpus in one word; what is aimed at does not change it."""
        flags = [
            name for name in ("conclusion", "stamped", "signed", "teased", "held") if getattr(self, name)
        ]
        kind = f"cytology-{self.style}" if self.style else self.question
        words = [f"{self.words}w"] if self.words else []
        return "/".join([self.language, kind, str(self.size), self.split, *flags, *words, str(self.seed)])

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels."""
        return QUESTIONS[self.question].labels[self.language]

    @property
    def aimed(self) -> int:
        """The place of the label that faults are planted in."""
        return QUESTIONS[self.question].target if self.aim is None else self.aim

    @property
    def target(self) -> str:
        """The label that faults are planted in."""
        return self.labels[self.aimed]


@dataclass
class Scene:
    """A corpus in the making.

    Attributes:
        base: what it is made from.
        drafts: the reports.
        words: ``[audit] words`` that the user would have given.
        labels: labels that a fault added.
        planted: words of faults, in small letters; they are compared, and written nowhere.
    """

    base: Base
    drafts: list[Draft]
    words: dict[str, list[str]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    planted: list[str] = field(default_factory=list)

    def of_target(self) -> list[Draft]:
        """The reports of the class that faults are planted in."""
        return [draft for draft in self.drafts if draft.label == self.base.target]

    def of_others(self) -> list[Draft]:
        """All other reports."""
        return [draft for draft in self.drafts if draft.label != self.base.target]


@cache
def lists(name: str) -> Mapping[str, Any]:
    """One of the word lists."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def faults(base: Base) -> Mapping[str, Any]:
    """What is planted in the language of a corpus."""
    return lists(f"{'held' if base.held else 'faults'}_{base.language}")


def people(base: Base) -> Mapping[str, Any]:
    """People and places in the language of a corpus."""
    return dict(lists("people")[base.language])


def stream(seed: int, name: str) -> Random:
    """Random numbers for one use."""
    return Random(integer(seed, f"benchmarks.audit.{name}"))
