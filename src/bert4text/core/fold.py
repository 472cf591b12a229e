"""Fold text for matching: lower case, without accents, every offset kept; patterns of many phrases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any


class _Folding(dict[int, str]):
    """Character -> its folded character, filled as characters are met; one character gives one."""

    def __missing__(self, key: int) -> str:
        character = chr(key)
        base = unicodedata.normalize("NFD", character)[0].lower()
        folded = base if len(base) == 1 else character
        self[key] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text in lower case and without accents, as long as it was: offsets hold in both.

    The text should be NFC, as a corpus keeps it: a combining mark on its own stays where it is.
    """
    return text.translate(_FOLDING)


def phrases(
    words: Iterable[str], *, gap: str = r"[\s\-]+", start: str = r"(?<!\w)", end: str = r"(?!\w)"
) -> str:
    r"""A regular expression that finds the longest of many folded phrases, built as a prefix tree.

    Args:
        words: phrases in lower case without accents; ``*`` at the end of a word allows any ending.
        gap: what may stand between two words of a phrase.
        start: what must hold before a phrase.
        end: what must hold behind it.
    """
    tree: dict[str, Any] = {}
    for phrase in words:
        place = tree
        for character in " ".join(phrase.replace("-", " ").split()):
            place = place.setdefault(character, {})
        place[""] = {}
    if not tree:
        return r"(?!)"
    return rf"{start}{_branch(tree, gap)}{end}"


def _branch(tree: dict[str, Any], gap: str) -> str:
    parts = [
        _symbol(character, gap) + (_branch(rest, gap) if set(rest) != {""} else "")
        for character, rest in sorted(tree.items())
        if character
    ]
    if not parts:
        return ""
    body = parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"
    if "" in tree:
        return f"(?:{body})?"
    return body


def _symbol(character: str, gap: str) -> str:
    if character == " ":
        return gap
    return r"\w*" if character == "*" else re.escape(character)
