"""Layout: order of sections, what stands before and behind a report, what is said twice, broken lines."""

from __future__ import annotations

import re

import numpy as np

from bert4text.core.messages import N_
from bert4text.core.sections import BODY, find_sections
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import in_style
from bert4text.robustness.words import words

_FIXED = {BODY, "patient", "note", "addendum", "signature"}
"""Sections that stay where they are."""
_BLANK = re.compile(r"(?<=[^\s.:;!?]) (?=[^\W\d_])")
_LINE_END = re.compile(r"[ \t]*\n\s*")
_ONE_IN = 9
LONG = 500
"""Words that are put before and behind a report to make it long."""


def _moved(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    """The sections with content in another order, in the places where such sections stand."""
    parts = find_sections(text)
    pieces = [text[part.start : part.end].strip() for part in parts]
    movable = [
        place
        for place, part in enumerate(parts)
        if part.name not in _FIXED and text[part.body : part.end].strip()
    ]
    if len({parts[place].name for place in movable}) < 2:
        return None
    turn = int(rng.integers(1, len(movable)))
    order = movable[turn:] + movable[:turn]
    new = list(pieces)
    for place, other in zip(movable, order, strict=True):
        new[place] = pieces[other]
    return ("\n" if "\n" in text else " ").join(piece for piece in new if piece)


def _letterhead(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return in_style(str(rng.choice(words("statements")[language]["letterhead"])), text) + "\n" + text


def _signature(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return text.rstrip() + "\n" + in_style(str(rng.choice(words("statements")[language]["signature"])), text)


def _twice(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return text.rstrip() + "\n" + text.lstrip()


def _broken(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _BLANK.sub(lambda _: " " if rng.integers(_ONE_IN) else "\n", text)


def _joined(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _LINE_END.sub(" ", text)


def _long(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    half = in_style(filler(language, rng, LONG // 2), text)
    return half + "\n" + text.strip() + "\n" + in_style(filler(language, rng, LONG // 2), text)


def filler(language: str, rng: np.random.Generator, least: int) -> str:
    """Sentences that say nothing of a patient, in an order that is drawn.

    Args:
        language: of them.
        rng: draws.
        least: words there are at least.
    """
    told: list[str] = []
    while sum(len(sentence.split()) for sentence in told) < least:
        told += [str(one) for one in rng.permutation(words("statements")[language]["filler"])]
    return " ".join(told)


MOVED = Perturbation(N_("sections stand in another order"), "section-order", _moved)
LETTERHEAD = Perturbation(N_("a letterhead stands before the report"), "boilerplate", _letterhead)
SIGNATURE = Perturbation(N_("a signature stands behind the report"), "boilerplate", _signature)
TWICE = Perturbation(N_("the report stands there twice"), "duplication", _twice)
BROKEN = Perturbation(N_("lines are broken within sentences"), "line-breaks", _broken)
JOINED = Perturbation(N_("all stands in one line"), "line-breaks", _joined)
LONG_REPORT = Perturbation(N_("500 words that say nothing stand around the report"), "length", _long)
