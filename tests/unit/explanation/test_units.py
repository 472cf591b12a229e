"""Pieces of a report: every one a stretch of it, in order, with nothing of it said twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.explanation.units import UNITS, cut, only, without

REPORT = (
    "ACHADOS: Nódulo oval, de 1,2 x 0,8 cm, sem calcificações. Axilas-livres.\nCONCLUSÃO: BI-RADS 2 (99%)."
)
TEXTS = st.text(st.sampled_from("aÁç1 ,.;:-\n()e%"), max_size=80)


def pieces(unit: str, text: str = REPORT) -> list[str]:
    return [text[start:end] for start, end in cut(text, unit)]


def test_a_report_is_cut_into_each_unit() -> None:
    assert pieces("section") == [REPORT.split("\n", maxsplit=1)[0], REPORT.split("\n")[1]]
    assert pieces("sentence") == [
        "Nódulo oval, de 1,2 x 0,8 cm, sem calcificações.",
        "Axilas-livres.",
        "BI-RADS 2 (99%).",
    ]
    assert pieces("phrase")[:4] == [
        "Nódulo oval,",
        "de 1,2 x 0,8 cm,",
        "sem calcificações.",
        "Axilas-livres.",
    ]
    assert pieces("word")[:9] == ["ACHADOS", "Nódulo", "oval", "de", "1,2", "x", "0,8", "cm", "sem"]
    assert pieces("word")[-3:] == ["BI-RADS", "2", "99%"]
    assert pieces("phrase", "Cisto simples e nódulo com halo") == ["Cisto simples", "e nódulo", "com halo"]


@pytest.mark.parametrize("unit", list(UNITS))
@given(text=TEXTS)
def test_pieces_come_in_order_and_hold_words(unit: str, text: str) -> None:
    found = cut(text, unit)
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found)


@given(TEXTS)
def test_without_its_words_nothing_is_said(text: str) -> None:
    words = cut(text, "word")
    rest = without(text, reversed(words))
    assert cut(rest, "word") == []
    assert len(rest) == len(text) - sum(end - start for start, end in words)
    assert only(text, words).split() == [word for start, end in words for word in text[start:end].split()]


def test_stretches_that_overlap_are_taken_away_once() -> None:
    assert without("abcdef", [(1, 4), (2, 5)]) == "af"
    assert without("abcdef", [(1, 5), (2, 3)]) == "af"
