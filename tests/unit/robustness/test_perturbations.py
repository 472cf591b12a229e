"""What holds of every perturbation, whatever the text."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.language import LANGUAGES
from bert4text.core.messages import load
from bert4text.core.seeds import rng
from bert4text.data.normalize import normalize
from bert4text.robustness.perturbations import PERTURBATIONS
from bert4text.robustness.wording import CAPABILITIES

PIECES = [
    "Observa-se nódulo",
    "Não há massas",
    "sem sinais de",
    "na mama direita",
    "MD",
    "1,2 x 0,8 cm",
    "12 mm",
    "Achados:",
    "Conclusão: ",
    "\n",
    "Paciente: Ana Souza, 54 anos",
    "sexo feminino",
    "Convênio: SUS",
    "Campinas/SP",
    "QSE",
    ". ",
    ", ",
    "There is a mass",
    "No evidence of",
    "se observan nódulos",
    "the left breast",
    "ß",
    "İ",
    "e\u0301",
    "[NOME]",
    "#",
    '"',
    "ﬁ",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map(" ".join)
NUMBERS = {"decimal-mark", "unit-changed", "age", "finding-denied"}
"""Those that may change numbers; denied findings lose their measures."""
EMPTIED = {name for name in PERTURBATIONS if PERTURBATIONS.get(name).expectation == "minimum-functionality"}


def of(name: str, text: str, language: str, seed: int = 1) -> str | None:
    return PERTURBATIONS.get(name).of(text, language=language, rng=rng(seed, "tests"))


@pytest.mark.parametrize("name", list(PERTURBATIONS))
@settings(max_examples=40, deadline=None)
@given(text=TEXTS, language=st.sampled_from(LANGUAGES), seed=st.integers(0, 9))
def test_any_text_gives_another_or_none_the_same_for_a_seed(
    name: str, text: str, language: str, seed: int
) -> None:
    found = of(name, text, language, seed)
    assert found == of(name, text, language, seed)
    if found is None:
        return
    assert found != text
    assert found.strip()
    normalize(found)
    if name not in NUMBERS | EMPTIED:
        digits = (Counter(re.findall("[0-9]", one)) for one in (text, found))
        assert next(digits) <= next(digits)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_sides_and_decimal_marks_that_change_twice_are_as_before(text: str) -> None:
    for name in ("side-swapped", "decimal-mark"):
        once = of(name, text, "pt")
        if once is not None:
            assert of(name, once, "pt") == text


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_accents_and_capitals_are_lost_once(text: str) -> None:
    for name in ("accents-lost", "capitals", "small-letters", "lines-joined", "decomposed-accents"):
        once = of(name, normalize(text), "pt")
        if once is not None:
            assert of(name, once, "pt") is None


def test_each_has_a_title_a_capability_and_a_direction_where_one_is_due() -> None:
    names = list(PERTURBATIONS)
    assert len(names) >= 20
    portuguese = load("pt-BR")
    for name in names:
        one = PERTURBATIONS.get(name)
        assert (one.expectation == "direction") == (one.toward is not None), name
        assert one.capability in CAPABILITIES, name
        assert portuguese(one.title) != one.title, name
        assert set(one.languages) <= set(LANGUAGES)


def test_a_report_in_another_language_and_an_empty_one_are_left_alone() -> None:
    for name in PERTURBATIONS:
        one = PERTURBATIONS.get(name)
        assert one.of("Nódulo na mama direita.", language=None, rng=rng(1, "t")) is None
        assert one.of(" \n", language="pt", rng=rng(1, "t")) is None
