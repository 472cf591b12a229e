"""Put other words in the place of some, written as the report is: its capitals, its accents if any."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from bert4text.core.fold import fold, phrases

_LETTER = re.compile(r"[^\W\d_]")
_SHOUTED = 0.8


def shouted(text: str) -> bool:
    """Whether a text is written in capitals."""
    letters = _LETTER.findall(text)
    return bool(letters) and sum(map(str.isupper, letters)) > _SHOUTED * len(letters)


def in_style(words: str, text: str) -> str:
    """Words as a report is written: in capitals, without accents."""
    if text.isascii() and text:
        words = unaccented(words)
    return words.upper() if shouted(text) else words


def unaccented(text: str) -> str:
    """The text without accents, its capitals kept."""
    pairs = zip(text, fold(text), strict=True)
    return "".join(low.upper() if sign.isupper() and len(low.upper()) == 1 else low for sign, low in pairs)


def cased(new: str, *, like: str) -> str:
    """Words with the capitals of those that they stand for: all of them, the first, or their own."""
    letters = _LETTER.findall(like)
    if len(letters) > 1 and all(map(str.isupper, letters)):
        return new.upper()
    return new[:1].upper() + new[1:] if letters[:1] and like[:1].isupper() else new


class Rewording:
    """Puts phrases in the place of others, all in one pass, so that two words may change places.

    Args:
        pairs: what is said -> what is said instead. Capitals do not matter, and accents only where phrases
            differ by them alone; without any the first of those is meant.
    """

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._exact = {_single_spaced(said): instead for said, instead in pairs.items()}
        self._folded = {fold(said): instead for said, instead in reversed(self._exact.items())}
        self._pattern = re.compile(phrases(self._folded))

    def __call__(self, text: str) -> str:
        """The text with every phrase that is known replaced."""

        def instead(found: re.Match[str]) -> str:
            said = text[found.start() : found.end()]
            plain = _single_spaced(said)
            new = self._exact[plain] if plain in self._exact else self._folded[fold(plain)]
            return cased(in_style(new, text), like=said)

        return replaced(text, self._pattern.finditer(fold(text)), instead)

    def finds(self, text: str) -> bool:
        """Whether a text says any of the phrases."""
        return self._pattern.search(fold(text)) is not None


def replaced(
    text: str, found: Iterable[re.Match[str]], instead: Callable[[re.Match[str]], str | None]
) -> str:
    """A text with other words where a pattern matches it folded.

    Args:
        text: the text.
        found: matches in order, none overlapping another.
        instead: what stands there then; None leaves it.
    """
    parts, here = [], 0
    for match in found:
        new = instead(match)
        if new is not None:
            parts += [text[here : match.start()], new]
            here = match.end()
    return "".join([*parts, text[here:]])


def beginning(text: str, words: str) -> str:
    """A text with words before it, in its style."""
    return in_style(words, text) + ("\n" if "\n" in text else " ") + text


def ending(text: str, words: str) -> str:
    """A text with words behind it, in its style."""
    stop = "" if text.rstrip().endswith((".", "!", "?", ":", ";")) else "."
    return text.rstrip() + stop + ("\n" if "\n" in text else " ") + in_style(words, text)


def _single_spaced(said: str) -> str:
    return " ".join(said.lower().replace("-", " ").split())
