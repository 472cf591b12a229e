"""How reports end: at the end of a sentence, in the middle of one, or at the limit of an export."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import pdtrc

from bert4text.auditing.reading import Bools
from bert4text.core.fold import fold

Unit = Literal["characters", "bytes"]

USUAL = 0.7
"""Share of the reports that must end as a sentence does for those that do not to be judged."""

_ENDED = re.compile(r"[.!?…][\"'”’»)\]}]*[\s\-–—_,;:*=#.]*$|[.!?…]\s*\S{1,3}$")
_OPEN_END = re.compile(r"(?:[,;:(\[]|\w[\-–/])$")
_LAST = re.compile(r"[^\W\d_]+$")
_WORD = re.compile(r"[^\W\d_]+")
_CLOSING = re.compile(r"([^\W\d_]+)[ \t]?[\"'”’»)\]]*[ \t]?(?:[.,!?;:]|\n)")
_FAREWELL = re.compile(r"(?:sincerely|regards|truly|atenciosamente|atentamente|cordialmente|saludos)\W*$")
_TAIL = 200  # characters from the end in which an opened bracket is looked for
_READ = 3000  # whole reports that words are learned from
_KNOWN, _NEVER = 20, 0.02  # a word met so often, that stands before a stop or comma so rarely, ends nothing
_COMMON = 5  # a word met so often may have been cut
_UNITS: tuple[Unit, ...] = ("characters", "bytes")
_LEAST, _CHANCE = 5, 1e-6  # reports at a limit; how likely chance may put so many at any length
_NEAR = 0.05  # how far lengths near it are from it, in parts of it
_UNENDED, _DIFFER = 0.5, 0.2  # shares of the reports at a limit that are unfinished, that end differently
_DIGITS = re.compile(r"\d")


class Limit(NamedTuple):
    """A length at which reports were cut, and which of them end there.

    Attributes:
        length: the length, in units.
        unit: what it counts.
        reached: (n,), whether a report ends there.
    """

    length: int
    unit: Unit
    reached: Bools


def ended(text: str) -> bool:
    """Whether a report ends as a sentence does, whatever dashes or signs stand behind."""
    return _ENDED.search(text, max(0, len(text) - 20)) is not None


def torn_off(texts: Sequence[str], whole: Sequence[bool]) -> list[bool]:
    """Which reports break off: at a comma, dash or open bracket, at a word that ends nothing, in a word.

    Which words end nothing, and which are but the beginning of one, is learned from reports that end
    as they should. Where too few do, nothing is said.

    Args:
        texts: the reports.
        whole: whether each ends as a sentence does.
    """
    torn = [False] * len(texts)
    unfinished = [i for i, end in enumerate(whole) if not end]
    if not unfinished or sum(whole) < USUAL * len(texts):
        return torn
    use = _Use.of([text for text, end in zip(texts, whole, strict=True) if end])
    for i in unfinished:
        text = fold(texts[i]).rstrip()
        last = _LAST.search(text, max(0, len(text) - 40))
        open_end = _left_open(text) and _FAREWELL.search(text, max(0, len(text) - 40)) is None
        torn[i] = open_end or (last is not None and use.breaks(last.group()))
    return torn


def _left_open(text: str) -> bool:
    tail = text[-_TAIL:]
    return _OPEN_END.search(tail) is not None or tail.rfind("(") > tail.rfind(")")


class _Use(NamedTuple):
    """How words are used: how often each is met, and before a stop or comma; and all of them in order."""

    met: Counter[str]
    closing: Counter[str]
    words: list[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Use:
        met, closing = Counter[str](), Counter[str]()
        for text in texts[:: max(1, len(texts) // _READ)]:
            folded = fold(text)
            met.update(_WORD.findall(folded))
            closing.update(_CLOSING.findall(folded))
        return cls(met, closing, sorted(met))

    def breaks(self, word: str) -> bool:
        """Whether a report cannot end with that word."""
        if self.met[word]:
            return self.met[word] >= _KNOWN and self.closing[word] <= _NEVER * self.met[word]
        return len(word) > 1 and any(self.met[longer] >= _COMMON for longer in self._longer(word))

    def _longer(self, beginning: str) -> Iterator[str]:
        for place in range(bisect_left(self.words, beginning), len(self.words)):
            if not self.words[place].startswith(beginning):
                return
            yield self.words[place]


def limit_of(texts: Sequence[str], whole: Sequence[bool]) -> Limit | None:
    """The length at which most reports were cut; None if reports were not cut at a length.

    Far more reports have that length, or one less where a space was stripped, than have one near it; at
    least half of them do not end as a sentence does; and they do not end alike, as a template would.
    """
    finished = np.asarray(whole, dtype=np.bool_)
    endings = np.asarray([_DIGITS.sub("0", fold(text[-20:])) for text in texts], dtype=object)
    best, most = None, 0
    for unit in _UNITS:
        of = np.asarray([len(text.encode("utf-8", "replace") if unit == "bytes" else text) for text in texts])
        for length in _piled_up(of):
            reached = (of == length) | (of == length - 1)
            count = int(reached.sum())
            differ = len(set(endings[reached])) >= _DIFFER * count
            unfinished = finished[reached].mean() <= 1 - _UNENDED
            exact = int((of == length).sum())
            if differ and unfinished and exact > most:
                best, most = Limit(length, unit, reached), exact
    return best


def _piled_up(lengths: npt.NDArray[np.int64]) -> Iterator[int]:
    """Lengths that far more reports have than have those near it."""
    ordered = np.sort(lengths)

    def between(low: float, high: float) -> int:
        return int(np.searchsorted(ordered, high, side="right") - np.searchsorted(ordered, low, side="left"))

    values, counts = np.unique(lengths, return_counts=True)
    for length in values[counts >= _LEAST / 2].tolist():
        here, reach = between(length - 1, length), max(5.0, _NEAR * length)
        below, above = between(length - 1 - reach, length - 2), between(length + 1, length + reach)
        expected = 2 * max(below, above, 1) / reach
        if here >= _LEAST and pdtrc(here - 1, expected) * len(values) <= _CHANCE:
            yield length
