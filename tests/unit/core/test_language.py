from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.language import detect, detect_many, majority

PT = "Mamas heterogeneamente densas. Não se observam nódulos nem calcificações suspeitas na mama direita."
ES = (
    "Mamas heterogéneamente densas. No se observan nódulos ni calcificaciones sospechosas en la mama derecha."
)
EN = "The breasts are heterogeneously dense. No suspicious masses or calcifications are seen."


@pytest.mark.parametrize(("text", "language"), [(PT, "pt"), (ES, "es"), (EN, "en")])
def test_languages_are_told_apart_in_any_dress(text, language):
    assert detect(text) == language
    assert detect(text.upper()) == language
    plain = text.translate(str.maketrans("ãçõéúóáí", "acoeuoai"))
    assert detect(plain) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12,5 mm 30",
        "ok",
        "Il paziente presenta una lesione della mammella destra con calcificazioni",
        "Die Patientin hat eine Läsion in der rechten Brust",
        "Le patient présente une lésion du sein droit avec des calcifications",
        "\u4e73\u623f X \u7ebf",
    ],
)
def test_none_when_unsure_or_another_language(text):
    assert detect(text) is None


def test_many_and_the_majority():
    assert detect_many([PT, ES, "?", EN]) == ["pt", "es", None, "en"]
    assert majority([PT] * 6 + [ES] * 4) == "pt"
    assert majority([PT] * 4 + [ES] * 4 + [EN] * 4) is None
    assert majority(["?"] * 5) is None
    assert majority([]) is None


def test_only_the_beginning_is_read():
    assert detect(PT * 30 + ES * 1000) == "pt"
    long = PT * 20000
    started = time.perf_counter()
    detect(long)
    assert time.perf_counter() - started < 0.5


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text):
    assert detect(text) in {"pt", "es", "en", None}
