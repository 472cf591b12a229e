"""Typing errors: a wrong key, two letters that change places, one that is left out, and misread scans."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from bert4text.core.messages import N_
from bert4text.robustness.perturbation import Perturbation

_WORD = re.compile(r"(?<!\w)[^\W\d_]{5,}(?!\w)")
_ONE_IN = 12
"""One word of five letters or more in so many is written wrongly, and one at least."""
_ROWS = ("qwertyuiop", "asdfghjklç", "zxcvbnm")
_BESIDE = {
    sign: "".join(row[max(0, place - 1) : place] + row[place + 1 : place + 2])
    for row in _ROWS
    for place, sign in enumerate(row)
}
"""The keys beside a key, as they lie on Brazilian (ABNT2) and American keyboards; of the former the ç too."""
_SCANNED = (
    ("rn", "m"),
    ("m", "rn"),
    ("l", "I"),
    ("cl", "d"),
    ("ç", "c"),
    ("ã", "a"),
    ("h", "b"),
    ("e", "c"),
    ("u", "ii"),
)
"""What readers of scanned pages take for something else, by its looks."""


def _spoiled(
    text: str, rng: np.random.Generator, spoil: Callable[[str, np.random.Generator], str | None]
) -> str | None:
    """A text of which some words are written wrongly: those drawn, and where one can not be, the next."""
    found = list(_WORD.finditer(text))
    wanted = max(1, len(found) // _ONE_IN)
    instead: dict[int, str] = {}
    for place in rng.permutation(len(found)).tolist():
        if len(instead) == wanted:
            break
        wrong = spoil(found[place].group(), rng)
        if wrong is not None and wrong != found[place].group():
            instead[place] = wrong
    if not instead:
        return None
    parts, here = [], 0
    for place in sorted(instead):
        parts += [text[here : found[place].start()], instead[place]]
        here = found[place].end()
    return "".join([*parts, text[here:]])


def _inside(word: str, rng: np.random.Generator) -> int:
    """A place inside a word: neither its first letter nor its last."""
    return int(rng.integers(1, len(word) - 1))


def _slipped(word: str, rng: np.random.Generator) -> str | None:
    place = _inside(word, rng)
    keys = _BESIDE.get(word[place].lower())
    if keys is None:
        return None
    key = str(rng.choice(list(keys)))
    return word[:place] + (key.upper() if word[place].isupper() else key) + word[place + 1 :]


def _transposed(word: str, rng: np.random.Generator) -> str | None:
    place = min(_inside(word, rng), len(word) - 3)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _dropped(word: str, rng: np.random.Generator) -> str | None:
    place = _inside(word, rng)
    return word[:place] + word[place + 1 :]


def _misread(word: str, rng: np.random.Generator) -> str | None:
    for place in rng.permutation(len(_SCANNED)).tolist():
        seen, taken = _SCANNED[place]
        seen, taken = (seen.upper(), taken.upper()) if word.isupper() and seen != "l" else (seen, taken)
        if seen in word:
            return word.replace(seen, taken, 1)
    return None


def _slips(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _spoiled(text, rng, _slipped)


def _transpositions(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _spoiled(text, rng, _transposed)


def _omissions(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _spoiled(text, rng, _dropped)


def _misreadings(text: str, *, language: str, rng: np.random.Generator) -> str | None:
    return _spoiled(text, rng, _misread)


SLIPPED = Perturbation(N_("one word in twelve has a neighboring key"), "typing-errors", _slips)
TRANSPOSED = Perturbation(
    N_("in one word of twelve two letters change places"), "typing-errors", _transpositions
)
DROPPED = Perturbation(N_("one word in twelve lacks a letter"), "typing-errors", _omissions)
MISREAD = Perturbation(N_("one word in twelve is misread from a scan"), "scans", _misreadings)
