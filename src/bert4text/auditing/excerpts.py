"""Excerpts of reports for local eyes: only where they were asked for, never written into a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold, phrases
from bert4text.core.issue import Issue

SHOWN = 3
"""Reports quoted for one finding."""
AROUND = 70
"""Characters on either side of what was found."""
HEAD = 160
"""Characters from the beginning where nothing of the text is pointed at."""


@dataclass(frozen=True, repr=False)  # it holds text
class Excerpt:
    """A piece of a report.

    Attributes:
        row: of the source.
        before, found, after: the piece; ``found`` is empty where nothing is pointed at.
    """

    row: int
    before: str
    found: str
    after: str


def excerpts(corpus: Corpus, issue: Issue) -> list[Excerpt]:
    """Pieces of some of the reports that a finding names, around its words where they stand."""
    if not issue.rows:
        return []
    texts = dict(zip(corpus.table["source_row"].to_pylist(), corpus.texts, strict=True))
    terms = [fold(one.term) for one in issue.evidence if re.search(r"[^\W\d_]", one.term)]
    pattern = re.compile(phrases(terms)) if terms else None
    return list(_pieces(issue.rows, texts, pattern))[:SHOWN]


def _pieces(
    rows: tuple[int, ...], texts: dict[int | None, str], pattern: re.Pattern[str] | None
) -> Iterator[Excerpt]:
    for row in rows:
        text = texts.get(row)
        if text:
            found = pattern.search(fold(text)) if pattern is not None else None
            yield _around(row, text, *found.span()) if found else _head(row, text)


def _around(row: int, text: str, start: int, end: int) -> Excerpt:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Excerpt(
        row,
        ("… " if start > AROUND else "") + _one_line(before),
        text[start:end],
        _one_line(after) + (" …" if end + AROUND < len(text) else ""),
    )


def _head(row: int, text: str) -> Excerpt:
    return Excerpt(row, _one_line(text[:HEAD]) + (" …" if len(text) > HEAD else ""), "", "")


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
