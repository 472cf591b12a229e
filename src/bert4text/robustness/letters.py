"""Letters: signs of Unicode that look alike, and how other programs write the same signs."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation

_ALIKE = str.maketrans("aeocpxiAEOCPXBHKMT", "аеосрхіАЕОСРХВНКМТ")
"""Latin letters, and Cyrillic ones that look the same."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_ONE_IN = 8
_TYPESET = ((" - ", " – "), ("'", "’"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("...", "…"))
_OTHER_SPACE, _INVISIBLE = "\u00a0", "\u200b"
_QUOTED = re.compile(r'"([^"\n]*)"')


def _alike(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    def instead(found: re.Match[str]) -> str:
        return found.group() if rng.integers(_ONE_IN) else found.group().translate(_ALIKE)

    changed = _WORD.sub(instead, text)
    return changed if changed != text else _WORD.sub(lambda found: found.group().translate(_ALIKE), text, 1)


def _typeset(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    for plain, typographic in _TYPESET:
        text = text.replace(plain, typographic)
    return _QUOTED.sub("“\\1”", text)


def _decomposed(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return unicodedata.normalize("NFD", text)


def _spaces(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return re.sub(" ", lambda _: " " if rng.integers(3) else _OTHER_SPACE, text)


def _invisible(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    def instead(found: re.Match[str]) -> str:
        half = len(found.group()) // 2
        return found.group()[:half] + _INVISIBLE + found.group()[half:]

    return _WORD.sub(lambda found: found.group() if rng.integers(_ONE_IN) else instead(found), text)


ALIKE = Perturbation(N_("one word in eight has Cyrillic letters that look alike"), "look-alikes", _alike)
TYPESET = Perturbation(N_("signs are those of a word processor"), "look-alikes", _typeset)
DECOMPOSED = Perturbation(N_("accents are signs of their own"), "encoding", _decomposed)
SPACES = Perturbation(N_("one space in three does not break"), "encoding", _spaces)
INVISIBLE = Perturbation(N_("one word in eight holds an invisible sign"), "encoding", _invisible)
