"""Emptied: texts that say nothing of any question, to which no answer should be sure."""

from __future__ import annotations

import numpy as np

from bert4text.core.messages import N_
from bert4text.core.sections import BODY, find_sections
from bert4text.robustness.layout import filler
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rewording import in_style
from bert4text.robustness.words import words

SHORT, LONG = 30, 300
"""Words of boilerplate, about."""


def _boilerplate(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    told = words("statements")[language]
    parts = [rng.choice(told["letterhead"]), filler(language, rng, SHORT), rng.choice(told["signature"])]
    return in_style("\n".join(map(str, parts)), text)


def _headings(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    """The headings of the report alone; where it has none, usual ones."""
    found = [text[part.start : part.body].strip() for part in find_sections(text) if part.name != BODY]
    return "\n".join(found) or in_style("\n".join(words("statements")[language]["headings"]), text)


def _sentence(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return in_style(str(rng.choice(words("statements")[language]["filler"])), text)


def _repeated(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    sentence = str(rng.choice(words("statements")[language]["filler"]))
    return in_style(" ".join([sentence] * (LONG // len(sentence.split()))), text)


BOILERPLATE = Perturbation(
    N_("letterhead, house style and signature, and no report"),
    "nothing-said",
    _boilerplate,
    expectation="minimum-functionality",
)
HEADINGS = Perturbation(
    N_("headings and nothing under them"), "nothing-said", _headings, expectation="minimum-functionality"
)
SENTENCE = Perturbation(
    N_("one sentence that says nothing"), "nothing-said", _sentence, expectation="minimum-functionality"
)
REPEATED = Perturbation(
    N_("one sentence that says nothing, again and again"),
    "nothing-said",
    _repeated,
    expectation="minimum-functionality",
)
