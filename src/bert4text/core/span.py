"""Span: a labelled stretch of text; and what finds some."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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


class Marked(NamedTuple):
    """A text, and the spans that somebody, or who made it, marked in it.

    Attributes:
        text: the report.
        spans: in order, none overlapping another.
    """

    text: str
    spans: tuple[Span, ...]


Tagger = Callable[[str], list[Span]]
"""Finds spans in a text, in order, none overlapping another."""
