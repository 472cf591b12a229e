"""Language of a report, Portuguese, Spanish or English, by its words, endings and letters; fast, no model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from bert4text.core.fold import fold
from bert4text.core.lexicon import lexicon

LANGUAGES = ("pt", "es", "en")
"""The languages told apart; anything else is None."""

_READ = 2000  # characters: enough to be sure, and what keeps it fast
_WORD = re.compile(r"[^\W\d_]+")
_WORD_WEIGHT, _FORM_WEIGHT, _CHARACTER_WEIGHT = 1.0, 0.45, 1.0
_LEAST_SHARE, _LEAST_SCORE, _LEAST_RATIO = 0.18, 1.0, 1.25


class _Cues(NamedTuple):
    words: dict[str, float]
    forms: re.Pattern[str]
    characters: frozenset[str]


@cache
def _cues() -> dict[str, _Cues]:
    tables = lexicon("language")
    shared = Counter(word for table in tables.values() for word in set(table["words"]))
    return {
        language: _Cues(
            {word: _WORD_WEIGHT / shared[word] for word in table["words"]},
            re.compile(rf"{table['inside']}|(?<=\w\w)(?:{table['endings']})$"),
            frozenset(table["characters"]),
        )
        for language, table in tables.items()
    }


@lru_cache(maxsize=16384)
def _word_scores(word: str) -> tuple[float, ...]:
    """How much a word speaks for each language: itself, else its form."""
    folded = fold(word)
    scores = []
    for cues in _cues().values():
        score = cues.words.get(folded, 0.0)
        if not score and cues.forms.search(word if "ñ" in word else folded):
            score = _FORM_WEIGHT
        score += _CHARACTER_WEIGHT * any(character in cues.characters for character in word)
        scores.append(score)
    return tuple(scores)


def detect(text: str) -> str | None:
    """``pt``, ``es``, ``en``, or None when it is none of them or there is too little to tell.

    Only the first 2,000 characters are read. Capitals and missing accents do not matter.
    """
    words = _WORD.findall(text[:_READ].lower())
    if not words:
        return None
    totals = dict.fromkeys(_cues(), 0.0)
    for word in words:
        for language, score in zip(totals, _word_scores(word), strict=True):
            totals[language] += score
    first, second = sorted(totals, key=lambda name: -totals[name])[:2]
    sure = (
        totals[first] >= _LEAST_SCORE
        and totals[first] >= _LEAST_SHARE * len(words)
        and totals[first] >= _LEAST_RATIO * totals[second]
    )
    return first if sure and first in LANGUAGES else None


def detect_many(texts: Sequence[str]) -> list[str | None]:
    """The language of each text, in order."""
    return [detect(text) for text in texts]


def majority(texts: Sequence[str], *, at_most: int = 500) -> str | None:
    """The language of most texts, from ``at_most`` of them spread evenly; None if less than half agree."""
    step = max(1, len(texts) // at_most)
    found = Counter(detect(text) for text in texts[::step])
    known = [(count, language) for language, count in found.items() if language is not None]
    if not known:
        return None
    count, language = max(known)
    return language if 2 * count > found.total() else None
