"""How explanations are shown: the whole report, nothing of it as markup, in both languages."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.explanation import Contribution, Explanation, Faithfulness
from bert4text.core.messages import load
from bert4text.explanation.page import page, pieces_table
from bert4text.explanation.shading import LEAST, foremost, shades
from bert4text.explanation.units import cut
from bert4text.explanation.wording import LIMITS, answer_sentence, verdict

TEXT = 'Nódulo <b>oval</b> de 12 mm & "cisto".'
FAITHFUL = Faithfulness(
    comprehensiveness=0.4,
    sufficiency=0.1,
    random_comprehensiveness=0.05,
    random_sufficiency=0.3,
    shares=(0.5,),
    draws=5,
)


def made(text: str = TEXT, values: dict[int, float] | None = None, **given: Any) -> Explanation:
    found = tuple(
        Contribution(start=start, end=end, unit="word", value=(values or {}).get(place, 0.0), probability=0.5)
        for place, (start, end) in enumerate(cut(text, "word"))
    )
    known = {"id": "E1", "row": 1, "label": "benigno", "answer": "benigno", "probability": 0.9}
    return Explanation(method="occlusion", contributions=found, **{**known, **given})


@given(
    st.text(max_size=60),
    st.dictionaries(st.integers(0, 9), st.floats(-5, 5, allow_nan=False), max_size=9),
)
def test_what_is_shown_is_the_report(text: str, values: dict[int, float]) -> None:
    found = shades(text, made(text, values))
    assert "".join(shade.text for shade in found) == text
    assert all(bool(shade.tone) == (shade.strength > 0) for shade in found)


def test_pieces_that_overlap_are_shown_once() -> None:
    one = Contribution(start=0, end=3, unit="phrase", value=1.0, probability=0.5)
    found = made("a b c").model_copy(
        update={"contributions": (one, one.model_copy(update={"start": 2, "end": 5}))}
    )
    assert [(shade.text, shade.tone) for shade in shades("a b c", found)] == [("a b", "for"), (" c", "")]


def test_the_more_hangs_on_a_word_the_stronger_it_is_shown() -> None:
    found = shades("a b c d e", made("a b c d e", {0: 3.0, 1: 1.5, 2: -0.6, 3: 0.3}))
    assert [(shade.text, shade.tone, shade.strength) for shade in found if shade.tone] == [
        ("a", "for", 3),
        ("b", "for", 2),
        ("c", "against", 1),
    ]


def test_little_is_not_made_much_of() -> None:
    found = made("a b", {0: LEAST / 9, 1: LEAST / 8})
    assert not any(shade.tone for shade in shades("a b", found))
    assert foremost(found, "word", most=5) == []
    assert "No piece alone" in verdict(found, load("en"))[1]


def test_a_probability_that_nobody_asked_for_has_no_column() -> None:
    translator = load("en")
    found = made(values={0: 1.0}).contributions
    assert pieces_table(TEXT, found[:1], translator) == (
        ["adds (log-odds)", "probability without it"],
        [["Nódulo", "1.00", "50%"]],
    )
    exact = [one.model_copy(update={"probability": None}) for one in found[:1]]
    assert pieces_table(TEXT, exact, translator) == (["adds (log-odds)"], [["Nódulo", "1.00"]])


def test_the_verdict_says_whether_it_is_to_be_believed() -> None:
    translator = load("en")
    assert verdict(made(values={0: 1.0}), translator)[0] == ""
    assert verdict(made(values={0: 1.0}, faithfulness=FAITHFUL), translator)[0] == "good"
    weak = FAITHFUL.model_copy(update={"comprehensiveness": 0.05})
    tone, sentence = verdict(made(values={0: 1.0}, faithfulness=weak), translator)
    assert tone == "bad"
    assert "do not read reasons into it" in sentence
    assert answer_sentence(made(label="maligno", probability=0.1), translator) == (
        "maligno, 10%; the answer is benigno"
    )


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_the_page_shows_the_report_as_text_and_what_it_can_not_show(language: str) -> None:
    translator = load(language)
    told = [(TEXT, made(values={1: 2.0, 2: -1.0}, faithfulness=FAITHFUL, side="esquerda", deidentified=True))]
    shown = page(told, translator=translator)
    assert "<b>" not in shown
    assert '&lt;<mark class="for s3">b</mark>&gt;' in shown
    assert "<script" not in shown
    assert all(translator(sentence) in unescape(shown) for sentence in LIMITS)
    assert "(esquerda)" in shown
    assert translator("no report has an answer") in page([], translator=translator)
