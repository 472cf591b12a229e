"""Terms of a text: lower-cased words, pairs of words and pieces of words, digits folded to 0.

A rare word may name a person and is not kept; it still counts by pieces that other words have too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

_WORD = re.compile(r"\b\w\w+\b")
_DIGIT = re.compile(r"\d")

PIECES = (2, 5)
"""Shortest and longest piece of a word, in letters; the space before and after the word is one."""
MARK = "~"
"""Stands before a piece, which could otherwise be taken for a word."""


def words(text: str) -> list[str]:
    """Lower-cased words of two letters or more; every digit is a 0, so that no number is remembered."""
    folded = _DIGIT.sub("0", unicodedata.normalize("NFC", text).lower())
    return _WORD.findall(folded)


def terms(text: str) -> list[str]:
    """Words, then pairs of neighbouring words joined by a space."""
    single = words(text)
    return single + _pairs(single)


def pieces(word: str) -> list[str]:
    """Pieces of a word between two spaces, each behind a mark."""
    padded = f" {word} "
    shortest, longest = PIECES
    return [
        f"{MARK}{padded[start : start + size]}"
        for size in range(shortest, longest + 1)
        for start in range(len(padded) - size + 1)
    ]


def count(texts: Sequence[str], vocabulary: Mapping[str, int]) -> tuple[sp.csr_array, list[int]]:
    """Count the terms of a vocabulary.

    Args:
        texts: n texts.
        vocabulary: term -> column.

    Returns:
        Counts, float64 sparse [n, terms], columns sorted within a row; and the words of each text.
    """

    @cache
    def known(word: str) -> list[int]:
        return [vocabulary[term] for term in (word, *pieces(word)) if term in vocabulary]

    columns: list[int] = []
    values: list[int] = []
    ends = [0]
    sizes: list[int] = []
    for text in texts:
        single = words(text)
        found = Counter(column for word in single for column in known(word))
        found.update(vocabulary[pair] for pair in _pairs(single) if pair in vocabulary)
        for column in sorted(found):
            columns.append(column)
            values.append(found[column])
        ends.append(len(columns))
        sizes.append(len(single))
    data = (np.array(values, dtype=np.float64), np.array(columns, dtype=np.int64), np.array(ends))
    return sp.csr_array(data, shape=(len(texts), len(vocabulary))), sizes


def term_places(text: str, vocabulary: Mapping[str, int]) -> Iterator[tuple[list[tuple[int, int]], int]]:
    """The terms of a vocabulary in a text, each time they stand there: places of the words, and the column.

    All times that a term stands in a text come together: their places are those of every word it is made of.

    Args:
        text: the text; places are its own.
        vocabulary: term -> column.
    """
    lowered = "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)
    single = [(found.group(), found.span()) for found in _WORD.finditer(_DIGIT.sub("0", lowered))]
    found: dict[int, list[tuple[int, int]]] = {}
    for word, place in single:
        for term in (word, *pieces(word)):
            if term in vocabulary:
                found.setdefault(vocabulary[term], []).append(place)
    for (first, one), (second, other) in pairwise(single):
        pair = f"{first} {second}"
        if pair in vocabulary:
            found.setdefault(vocabulary[pair], []).extend((one, other))
    yield from ((places, column) for column, places in found.items())


def frequent(texts: Sequence[str], groups: Sequence[str], *, reports: int, patients: int) -> dict[str, int]:
    """The terms found in so many reports of so many patients, in alphabetical order: term -> column.

    Anything rarer could point at a person, and is not kept.

    Args:
        texts: n texts.
        groups: the patient of each, or what stands for one.
        reports: least number of reports.
        patients: least number of different patients.
    """
    seen: dict[str, int] = {}
    holders: dict[str, set[int]] = {}
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    apart: Callable[[str], list[str]] = cache(pieces)
    for text, group in zip(texts, groups, strict=True):
        single = words(text)
        for term in {*single, *_pairs(single), *(piece for word in set(single) for piece in apart(word))}:
            seen[term] = seen.get(term, 0) + 1
            people = holders.setdefault(term, set())
            if len(people) < patients:
                people.add(numbers[group])
    kept = sorted(term for term, n in seen.items() if n >= reports and len(holders[term]) >= patients)
    return {term: column for column, term in enumerate(kept)}


def _pairs(single: Iterable[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(single)]
