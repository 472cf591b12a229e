"""Over many reports: means over patients, and no word that few of them have."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import pytest

from bert4text.core.explanation import Contribution, Explanation, Faithfulness, Overview
from bert4text.core.messages import load
from bert4text.explanation.overview import LEAST, Case, overview, strongest
from bert4text.explanation.page import overview_page
from bert4text.explanation.units import cut
from bert4text.explanation.wording import overall_verdict

WEIGHTS = {"espiculado": 2.0, "oval": -1.0, "rara": 3.0, "12": 5.0}
LABELS = ("benigno", "maligno")


def case(text: str, patient: str, *, label: str = "maligno", holds: bool = True, plus: float = 0.0) -> Case:
    found = tuple(
        Contribution(
            start=start,
            end=end,
            unit="word",
            value=WEIGHTS[word] + plus if (word := text[start:end].lower()) in WEIGHTS else 0.0,
            probability=0.5,
        )
        for start, end in cut(text, "word")
    )
    measured = Faithfulness(
        comprehensiveness=0.5 if holds else 0.0,
        sufficiency=0.0,
        random_comprehensiveness=0.1,
        random_sufficiency=0.0,
        shares=(0.5,),
        draws=5,
    )
    known = {"id": patient, "row": 1, "label": label, "probability": 0.9, "method": "occlusion"}
    return Case(text, patient, Explanation(contributions=found, faithfulness=measured, **known))


def cases() -> Iterator[Case]:
    for place in range(8):
        yield case("Nódulo espiculado, espiculado de 12 mm oval", f"p{place}", plus=0.1 * (place % 3))
    for place in range(LEAST - 1):
        yield case("lesão rara", f"p{place}", holds=False)
    for _ in range(9):
        yield case("ninho rara", "one", label="benigno")


@pytest.fixture
def found() -> Overview:
    return overview(cases(), LABELS, split="validation", model="m", corpus="c")


def test_what_words_add_is_the_mean_over_patients_with_an_interval(found: Overview) -> None:
    assert found.reports == {"benigno": 9, "maligno": 12}
    assert found.faithful == pytest.approx(17 / 21)
    first, *_, last = found.drivers
    assert (first.word, first.reports, first.patients) == ("espiculado", 8, 8)
    assert first.value == pytest.approx(2 * 2.0 + 2 * 0.1 * (0 + 1 + 2 + 0 + 1 + 2 + 0 + 1) / 8)
    assert first.low is not None
    assert first.high is not None
    assert first.low < first.value < first.high
    assert (last.word, last.label) == ("oval", "maligno")
    added, taken = strongest(found, "maligno", most=5)
    assert [one.word for one in added] == ["espiculado"]
    assert [one.word for one in taken] == ["oval"]


def test_a_word_of_few_reports_or_patients_and_a_number_are_left_out(found: Overview) -> None:
    words = {one.word for one in found.drivers}
    assert words == {"nódulo", "espiculado", "de", "mm", "oval"}
    assert strongest(found, "benigno", most=5) == ([], [])


def test_what_was_not_measured_or_holds_seldom_is_said(found: Overview) -> None:
    translator = load("en")
    assert overall_verdict(found, translator)[0] == "good"
    assert overall_verdict(found.model_copy(update={"faithful": 0.5}), translator)[0] == "warn"
    assert "not measured" in overall_verdict(found.model_copy(update={"faithful": None}), translator)[1]
    assert overview([], LABELS, split="train", model="", corpus="").drivers == ()


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_the_page_lists_the_words_of_each_label(found: Overview, language: str) -> None:
    translator = load(language)
    page = unescape(overview_page(found, translator=translator))
    assert "espiculado" in page
    assert "rara" not in page
    assert translator("no word stands out") not in page.split("maligno", 1)[1].split("<h2>")[0]
    assert "<script" not in page
