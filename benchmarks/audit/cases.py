"""Which corpora are examined: clean ones, and planted ones each with the clean corpus that it came from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from benchmarks.audit.base import LANGUAGES, QUESTIONS, Base
from benchmarks.audit.fault import Strength
from benchmarks.audit.plant import FAULTS, base_for
from benchmarks.audit.stating import CONDUCT, LABEL

SIZE, SMALL, LARGE = 600, 200, 2000
"""Reports of a corpus: of most, and of those that show what size does."""
TOGETHER: tuple[tuple[str, ...], ...] = (
    ("label-name/conclusion", "doctor-signature", "patients-across-splits"),
    ("conduct-biopsy/loose", "length", "identical-across-splits"),
    ("label-synonym/loose", "mojibake", "flipped-labels-two"),
    ("birads-digits/conclusion", "conduct-followup/conclusion", "site-column"),
    ("birads-roman/loose", "file-attribute", "identifier-document"),
    ("icd-code/conclusion", "hospital-in-text", "capitals"),
    ("label-name-grade/loose", "number-in-text", "other-language"),
    ("label-name-course/conclusion", "last-sentence", "time-travel"),
    ("own-words/loose", "heading-order", "cut-off"),
    ("conduct-routine/conclusion", "date-in-text", "synthetic-held-out"),
    ("word", "near-duplicates-across-splits", "empty-findings"),
    ("n-gram", "template-of-class", "ocr-debris"),
)
"""Faults that are planted together; a fault of another question takes that of the first."""
QUICK = (
    "label-name/conclusion", "label-synonym/loose", "birads-roman/loose", "icd-code/conclusion",
    "own-words/loose", "conduct-biopsy/loose", "conduct-followup/conclusion", "word", "heading", "length",
    "date-in-text", "doctor-signature", "site-column", "patients-across-splits", "identical-across-splits",
    "near-duplicates-with-other-label", "time-travel", "synthetic-held-out", "flipped-labels-two",
    "other-language", "mojibake", "identifier-document",
)  # fmt: skip
_CYTOLOGY = tuple(itertools.product(("pt", "en"), ("short", "long")))


@dataclass(frozen=True)
class Case:
    """One corpus: clean, or with faults."""

    base: Base
    faults: tuple[tuple[str, Strength], ...] = ()

    @property
    def key(self) -> str:
        """The case in one word."""
        return "+".join([self.base.key, *(f"{name}@{strength}" for name, strength in self.faults)])

    @property
    def parent(self) -> Case:
        """The clean corpus that faults are planted in."""
        return Case(replace(self.base, aim=None))


def cases(*, quick: bool, held: bool = False) -> list[Case]:
    """Every case, clean ones first; each planted one has its clean one among them.

    Args:
        quick: some of them.
        held: those whose sentences were held back, of the faults that are sentences.
    """
    planted = list(_quick() if quick else _planted())
    clean = list(_clean_quick() if quick else _clean())
    if held:
        planted = [_held(case) for case in planted if any(_spoken(name) for name, _ in case.faults)]
        clean = [_held(case) for case in clean if case.base.teased]
    return [*dict.fromkeys([*(case.parent for case in planted), *clean]), *dict.fromkeys(planted)]


def _held(case: Case) -> Case:
    return replace(case, base=replace(case.base, held=True))


def _spoken(fault: str) -> bool:
    """Whether what a fault plants is read from a list."""
    return FAULTS[fault].family in {LABEL, CONDUCT} or fault in {
        "word", "n-gram", "first-sentence", "last-sentence", "heading", "hospital-in-text",
    }  # fmt: skip


def _quick() -> Iterator[Case]:
    for name, language in zip(QUICK, itertools.cycle(LANGUAGES), strict=False):
        yield _single(name, "medium", language, SIZE)


def _planted() -> Iterator[Case]:
    """Each fault: medium in every language; in one, strong, weak (few and many reports) and another size."""
    for i, name in enumerate(FAULTS):
        for language in LANGUAGES:
            yield _single(name, "medium", language, SIZE)
        yield _single(name, "strong", LANGUAGES[i % 3], SIZE)
        yield _single(name, "weak", LANGUAGES[(i + 1) % 3], SIZE)
        yield _single(name, "weak", LANGUAGES[(i + 1) % 3], LARGE)
        yield _single(name, "medium", LANGUAGES[(i + 2) % 3], (SMALL, LARGE)[i % 2])
    for names, language in zip(TOGETHER, itertools.cycle(LANGUAGES), strict=False):
        base = base_for(names, language=language, size=SIZE, seed=2)
        yield Case(base, tuple((name, "medium") for name in names))
    for language, style in _CYTOLOGY:
        for name in ("label-name/loose", "word", "site-column", "identical-across-splits"):
            yield Case(Base(language, "two", SIZE, 1, style=style), ((name, "medium"),))


def _single(name: str, strength: Strength, language: str, size: int) -> Case:
    return Case(base_for([name], language=language, size=size, seed=1), ((name, strength),))


def _clean() -> Iterable[Case]:
    """Beside those that faults are planted in: other seeds, cytology, and words of labels in all classes."""
    for language, (place, question) in itertools.product(LANGUAGES, enumerate(QUESTIONS)):
        split = ("time", "report")[place % 2]
        yield Case(Base(language, question, SIZE, 3, split=split, conclusion=place % 3 == 0))
        if QUESTIONS[question].exam == "breast":
            yield Case(Base(language, question, SIZE, 4, teased=True))
    for (language, style), seed in itertools.product(_CYTOLOGY, (1, 2, 3)):
        yield Case(Base(language, "two", 569, seed, style=style))


def _clean_quick() -> Iterable[Case]:
    for language in LANGUAGES:
        yield Case(Base(language, "five", SIZE, 4, teased=True))
    for language, style in _CYTOLOGY[:2]:
        yield Case(Base(language, "two", 569, 1, style=style))
