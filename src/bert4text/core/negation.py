"""Negation and doubt: is what stands here denied, or only suspected? Portuguese, Spanish and English.

The method is that of NegEx (Chapman and others, "A simple algorithm for identifying negated findings
and diseases in discharge summaries", J Biomed Inform 2001): cues govern a window of words, up to the
end of the sentence or a word that turns it. The word lists are our own.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from bert4text.core.fold import fold, phrases
from bert4text.core.language import detect
from bert4text.core.lexicon import lexicon

Kind = Literal["negation", "hedge"]

WORDS_BEFORE = 12
"""How many words a cue governs after itself: lists of absent findings are long in radiology."""
WORDS_AFTER = 5
"""How many words a cue governs before itself."""

_REACH = 240  # characters looked at on either side
_SENTENCE = r"[.;!?](?=\W|$)|\n(?=\s*(?:[-•*\d(]|[A-ZÀ-Þ]))|\n\s*\n"
_OPENING = re.compile(_SENTENCE + r"|:(?=\s)")
_CLOSING = re.compile(_SENTENCE + r"|,")
_WORD = re.compile(r"\w+")
_EARLIER = re.compile(r"\W+(?:\w+\W+){0,3}(?:anterior\w*|previ[oa]s?|previous\w*|prior)\b")


def negated(text: str, start: int, end: int, *, language: str | None = None) -> bool:
    """Whether ``text[start:end]`` is said to be absent.

    Args:
        text: the report, NFC.
        start: first character of what is judged.
        end: one past its last.
        language: ``pt``, ``es`` or ``en``; found from the text if not given. It decides whether a
            bare "no" denies (Spanish, English) or means "in the" (Portuguese).
    """
    return _governed(text, start, end, kind="negation", language=language)


def hedged(text: str, start: int, end: int, *, language: str | None = None) -> bool:
    """Whether ``text[start:end]`` is only suspected, possible or not excluded; arguments as ``negated``."""
    if _governed(text, start, end, kind="hedge", language=language):
        return True
    return text[end : end + 2].strip().startswith("?")


def _governed(text: str, start: int, end: int, *, kind: Kind, language: str | None) -> bool:
    bare_no = (language or _language(text)) in {"es", "en"}
    left, right = fold(_before(text, start)), fold(_behind(text, end))
    return _cue_reaches(left, kind=kind, bare_no=bare_no) or _cue_follows(right, kind=kind)


def _cue_reaches(left: str, *, kind: Kind, bare_no: bool) -> bool:
    """Whether the last thing said in ``left`` is a cue of that kind, near enough to its end."""
    reach: int | None = None
    for found in _pattern("before").finditer(left):
        said = _kind("before", found.group())
        if found.group() == "no" and not bare_no:
            continue
        at_once = reach is not None and not _WORD.search(left, reach, found.start())
        if said == kind or (said == "stop" and at_once):
            reach = found.end()
        elif said == "stop":
            reach = None
    return reach is not None and len(_WORD.findall(left, reach)) <= WORDS_BEFORE


def _cue_follows(right: str, *, kind: Kind) -> bool:
    """Whether the first thing said in ``right`` is a cue of that kind, near enough to its beginning."""
    for found in _pattern("after").finditer(right):
        said = _kind("after", found.group())
        if said == "pseudo":
            continue
        near = len(_WORD.findall(right, 0, found.start())) <= WORDS_AFTER
        return said == kind and near and _EARLIER.match(right, found.end()) is None
    return False


@cache
def _cues(side: str) -> dict[str, str]:
    """Each cue of that side and its kind; where a cue stands twice, doubt and pseudo-cues come first."""
    tables = lexicon("negation")
    kinds = {
        "stop": tables["stop"]["phrases"],
        "negation": tables["negation"][side],
        "hedge": tables["hedge"][side],
        "pseudo": tables["pseudo"]["phrases"],
    }
    return {word: kind for kind, words in kinds.items() for word in words}


@cache
def _pattern(side: str) -> re.Pattern[str]:
    return re.compile(phrases(_cues(side)))


@lru_cache(maxsize=4096)
def _kind(side: str, phrase: str) -> str:
    """The kind of what the pattern found: the cue itself, or the one whose open ending it fills."""
    cues, said = _cues(side), " ".join(phrase.replace("-", " ").split())
    if said in cues:
        return cues[said]
    return next(kind for cue, kind in cues.items() if cue.endswith("*") and said.startswith(cue[:-1]))


def _before(text: str, start: int) -> str:
    """What stands before, back to the beginning of the sentence."""
    left = text[max(0, start - _REACH) : start]
    ends = [found.end() for found in _OPENING.finditer(left)]
    return left[ends[-1] :] if ends else left


def _behind(text: str, end: int) -> str:
    """What stands behind, up to a comma or the end of the sentence."""
    right = text[end : end + _REACH]
    stop = _CLOSING.search(right)
    return right if stop is None else right[: stop.start()]


@lru_cache(maxsize=8)
def _language(text: str) -> str | None:
    return detect(text)
