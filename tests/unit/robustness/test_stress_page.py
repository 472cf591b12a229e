"""How a suite is told: the verdict first, rows and no ids, in both languages."""

from __future__ import annotations

from html import unescape

import pytest

from bert4text.core.messages import load
from bert4text.core.stress import Failure, Rate, Stress, Stressed
from bert4text.robustness.page import page
from bert4text.robustness.wording import (
    CAPABILITIES,
    LIMITS,
    REASONS,
    capability_name,
    remarks,
    skipped,
    verdict_sentences,
)

FOUND = Stress(
    split="test",
    reports=100,
    patients=90,
    languages={"pt": 100},
    tolerance=0.1,
    capabilities=(
        Rate(name="accents", capability="accents", verdict="breaks", at_most=0.05, tests=90, failures=20,
             rate=20 / 90, low=0.15, high=0.32),
        Rate(name="capitals", capability="capitals", verdict="holds", at_most=0.05, tests=90, failures=0,
             rate=0.0, low=0.0, high=0.04),
        Rate(name="age", capability="age", verdict="too-few", at_most=0.05, tests=3, failures=0,
             rate=0.0, low=0.0, high=0.5),
        Rate(name="negation", capability="negation", verdict="skipped", at_most=0.05),
    ),
    perturbations=(
        Stressed(name="accents-lost", capability="accents", verdict="breaks", at_most=0.05, tests=90,
                 failures=20, rate=20 / 90, low=0.15, high=0.32, expectation="invariance", applied=0.9,
                 shifted=0.4, largest=0.8),
        Stressed(name="finding-denied", capability="negation", verdict="skipped", at_most=0.05,
                 expectation="direction", reason="no-order"),
    ),
    worst=(Failure(perturbation="accents-lost", id="SECRET-7", row=7, before="a", after="b", shift=0.8),),
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_the_page_says_where_it_breaks_and_holds_no_id(language: str) -> None:
    translator = load(language)
    shown = unescape(page(FOUND, translator=translator))
    first = shown.index('class="verdict bad"')
    assert translator(CAPABILITIES["accents"]) in shown[first : first + 200]
    assert all(translator(sentence) in shown for sentence in LIMITS)
    assert "SECRET" not in shown
    assert "<svg" in shown
    assert translator(REASONS["no-order"]) in shown
    assert ("22,2%" if language == "pt-BR" else "22.2%") in shown
    assert "<script" not in shown


def test_a_suite_that_tried_nothing_has_no_figure() -> None:
    nothing = FOUND.model_copy(
        update={"capabilities": FOUND.capabilities[3:], "perturbations": FOUND.perturbations[1:], "worst": ()}
    )
    assert "<svg" not in page(nothing, translator=load("en"))


def test_verdicts_come_worst_first_and_those_that_were_not_tried_have_a_reason() -> None:
    translator = load("en")
    assert [tone for tone, _ in verdict_sentences(FOUND, translator)] == ["bad", "good", ""]
    assert skipped(FOUND, translator) == [
        "not tried, since nobody said which labels are serious: [stress] serious: finding-denied"
    ]
    assert capability_name("of-a-plugin", translator) == "of-a-plugin"


def test_what_weakens_a_rate_is_told() -> None:
    translator = load("en")
    assert remarks(FOUND, translator) == []
    weak = FOUND.model_copy(update={"synthetic": 100, "use": "fit", "noise": 0.02, "noisy": 0.01})
    assert len(remarks(weak, translator)) == 3


def test_a_gate_is_broken_by_what_breaks_and_by_what_was_not_measured() -> None:
    gated = FOUND.model_copy(update={"gated": ("accents", "capitals", "age", "negation")})
    assert gated.broken == ("accents", "age", "negation")
    assert FOUND.broken == ()
