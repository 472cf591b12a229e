"""Pieces of what a model is shown are found again in the report that it was cut from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.explanation import Contribution
from bert4text.explanation.places import aligned, in_report
from bert4text.explanation.units import cut, only

WORDS = st.lists(st.sampled_from(["nódulo", "oval", "mama", "12", "cisto", "BI-RADS"]), max_size=12)


def every_word(text: str) -> list[Contribution]:
    return [
        Contribution(start=start, end=end, unit="word", value=1.0, probability=0.5)
        for start, end in cut(text, "word")
    ]


@given(WORDS, st.data())
def test_every_word_that_is_shown_is_found_in_order(words: list[str], data: st.DataObject) -> None:
    text = ", ".join(words)
    kept = [place for place in cut(text, "word") if data.draw(st.booleans())]
    shown = only(text, kept)
    found = in_report(every_word(shown), shown=shown, text=text)
    starts = [one.start for one in found]
    assert starts == sorted(set(starts))
    assert [text[one.start : one.end] for one in found] == [text[start:end] for start, end in kept]


def test_a_sentence_that_is_said_twice_is_found_where_it_stands_as_a_whole() -> None:
    theirs = ["a", "b", "c", "x", "a", "b", "c", "d"]
    assert aligned(["a", "b", "c", "d"], theirs) == {0: 4, 1: 5, 2: 6, 3: 7}
    assert aligned(["b", "new", "x", "c"], theirs) == {0: 1, 2: 3, 3: 6}
    assert aligned(["a", "b"], ["a", "x", "b", "a", "b"]) == {0: 3, 1: 4}
    assert aligned([], theirs) == aligned(["new"], theirs) == aligned(["a"], []) == {}


def test_what_was_put_in_is_left_out_and_a_longer_piece_reaches_from_its_first_word_to_its_last() -> None:
    text = "Mama direita: cisto. Mama esquerda: nódulo oval."
    shown = "[esquerda] nódulo oval."
    whole = Contribution(start=0, end=len(shown), unit="sentence", value=1.0, probability=0.5)
    marks = every_word(shown)[0].model_copy(update={"end": 1})
    (found,) = in_report([whole, marks], shown=shown, text=text)
    assert text[found.start : found.end] == "esquerda: nódulo oval"
    assert in_report([whole], shown=text, text=text) == [whole]
