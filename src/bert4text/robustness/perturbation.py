"""Perturbation: one change of a report, and what the answer to it should then do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from bert4text.core.language import LANGUAGES
from bert4text.core.stress import Expectation


class Change(Protocol):
    """Rewrites a report; pure: the same text, language and state of the generator give the same."""

    def __call__(self, text: str, *, language: str, rng: np.random.Generator) -> str | None:
        """The changed report, or None where it can not be changed so."""


@dataclass(frozen=True)
class Perturbation:
    """One change of a report with what should happen.

    Attributes:
        title: what is done, for people; a message id.
        capability: what a model needs to stand it.
        change: does it.
        expectation: ``invariance``: the answer stays. ``direction``: the answer must not become less serious
            (``toward`` up) or more serious (down). ``minimum-functionality``: the text says nothing of the
            question any more, so that no answer may be sure.
        toward: where the answer may go under ``direction``.
        languages: of the reports that it can change.
        sideless: whether it changes what a question that is asked of one side is about.
    """

    title: str
    capability: str
    change: Change
    expectation: Expectation = "invariance"
    toward: Literal["up", "down"] | None = None
    languages: tuple[str, ...] = LANGUAGES
    sideless: bool = False

    def of(self, text: str, *, language: str | None, rng: np.random.Generator) -> str | None:
        """The changed report; None where it can not be changed, or nothing would be different."""
        if language not in self.languages or not text.strip():
            return None
        changed = self.change(text, language=language, rng=rng)
        return None if changed is None or changed == text or not changed.strip() else changed
