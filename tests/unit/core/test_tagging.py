"""Tags of tokens: what spans become tags, and tags the same spans again."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.span import Span
from bert4text.core.tagging import spans_of, tag_names, tags_of

KINDS = ("patient", "date")
WORDS = st.lists(
    st.sampled_from(["ana", "lima", "nódulo", "12", "03", "às", "oval"]), min_size=1, max_size=12
)


def pieces(text: str, size: int) -> list[tuple[int, int]]:
    """Tokens as a tokenizer cuts them: words in pieces, the space before a word with its first."""
    found = []
    for word in re.finditer(r" ?\w+|[^\w\s]", text):
        starts = range(word.start(), word.end(), size)
        found += [(start, min(start + size, word.end())) for start in starts]
    return found


def certain(tags: list[int]) -> np.ndarray:
    """Probabilities of tags that are sure."""
    return np.eye(len(tag_names(KINDS)), dtype=np.float32)[tags]


def test_the_names_of_tags_begin_with_none() -> None:
    assert tag_names(KINDS) == ["O", "B-patient", "I-patient", "B-date", "I-date"]


@given(WORDS, st.data())
def test_spans_come_back_from_their_tags(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    places = [word.span() for word in re.finditer(r"\w+", text)]
    spans, place = [], 0
    while place < len(places):
        length = data.draw(st.integers(0, 2))
        if length:
            last = min(place + length, len(places)) - 1
            label = data.draw(st.sampled_from(KINDS))
            spans.append(Span(start=places[place][0], end=places[last][1], label=label))
        place += max(1, length)
    offsets = pieces(text, data.draw(st.integers(2, 9)))
    tags = tags_of(text, spans, offsets, KINDS)
    found = spans_of(text, offsets, certain(tags), KINDS, least=0.5, source="x")
    assert [(span.start, span.end, span.label) for span in found] == [
        (span.start, span.end, span.label) for span in spans
    ]


def test_a_word_is_taken_whole_where_its_pieces_say_so_on_the_mean() -> None:
    text = "Anastácia veio"
    offsets = [(0, 3), (3, 9), (9, 14)]
    shares = np.zeros((3, 5), dtype=np.float32)
    shares[:, 0] = [0.9, 0.2, 1.0]
    shares[:, 1] = [0.1, 0.8, 0.0]
    (span,) = spans_of(text, offsets, shares, KINDS, least=0.5, source="x")
    assert (span.start, span.end) == (0, 9)
    assert abs(span.score - (0.1 * 3 + 0.8 * 6) / 9) < 1e-6
    assert spans_of(text, offsets, shares, KINDS, least=0.6, source="x") == []


def test_numbers_with_signs_between_are_one_and_two_names_beside_are_two() -> None:
    text = "em 12/03-24 Ana Lima\nJosé Sá"
    spans = [
        Span(start=3, end=11, label="date"),
        Span(start=12, end=20, label="patient"),
        Span(start=21, end=28, label="patient"),
    ]
    offsets = [word.span() for word in re.finditer(r"\w+|[^\w\s]", text)]
    tags = tags_of(text, spans, offsets, KINDS)
    found = spans_of(text, offsets, certain(tags), KINDS, least=0.5, source="x")
    assert [text[span.start : span.end] for span in found] == ["12/03-24", "Ana Lima", "José Sá"]


def test_spans_of_unknown_kinds_are_text() -> None:
    assert tags_of("Ana", [Span(start=0, end=3, label="plate")], [(0, 3)], KINDS) == [0]
