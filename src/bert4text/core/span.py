"""Span: a labelled stretch of text."""

from __future__ import annotations

from bert4text.core.config import Record


class Span(Record):
    """A stretch ``[start, end)`` of a text, in characters.

    Attributes:
        start: first character.
        end: one past the last.
        label: what it is.
        score: how sure, in [0, 1].
        source: what found it.
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    source: str = ""
