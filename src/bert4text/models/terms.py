"""Terms of a text: lower-cased words and pairs of words, digits folded to 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import scipy.sparse as sp

_WORD = re.compile(r"\b\w\w+\b")
_DIGIT = re.compile(r"\d")


def words(text: str) -> list[str]:
    """Lower-cased words of two letters or more; every digit is a 0, so that no number is remembered."""
    folded = _DIGIT.sub("0", unicodedata.normalize("NFC", text).lower())
    return _WORD.findall(folded)


def terms(text: str) -> list[str]:
    """Words, then pairs of neighbouring words joined by a space."""
    single = words(text)
    return single + [f"{first} {second}" for first, second in pairwise(single)]


def count(texts: Sequence[str], vocabulary: Mapping[str, int]) -> tuple[sp.csr_array, list[int]]:
    """Count the terms of a vocabulary.

    Args:
        texts: n texts.
        vocabulary: term -> column.

    Returns:
        Counts, float64 sparse [n, terms], columns sorted within a row; and the words of each text.
    """
    columns: list[int] = []
    values: list[int] = []
    ends = [0]
    sizes: list[int] = []
    for text in texts:
        found: dict[int, int] = {}
        all_terms = terms(text)
        for term in all_terms:
            column = vocabulary.get(term)
            if column is not None:
                found[column] = found.get(column, 0) + 1
        for column in sorted(found):
            columns.append(column)
            values.append(found[column])
        ends.append(len(columns))
        sizes.append((len(all_terms) + 1) // 2)
    data = (np.array(values, dtype=np.float64), np.array(columns, dtype=np.int64), np.array(ends))
    return sp.csr_array(data, shape=(len(texts), len(vocabulary))), sizes


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
    for text, group in zip(texts, groups, strict=True):
        for term in set(terms(text)):
            seen[term] = seen.get(term, 0) + 1
            people = holders.setdefault(term, set())
            if len(people) < patients:
                people.add(numbers[group])
    kept = sorted(term for term, n in seen.items() if n >= reports and len(holders[term]) >= patients)
    return {term: column for column, term in enumerate(kept)}
