"""Explanations over many reports: the difference to words drawn at random gives the verdict, by patient."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.messages import load
from bert4text.evaluation.explained import BEYOND, explained, explained_said, explained_table

RNG = np.random.default_rng(7)
N = 60
RANDOM = RNG.normal(0.1, 0.05, N)
GROUPS = [f"p{place // 3}" for place in range(N)]


def found(own: np.ndarray, *, groups: list[str] = GROUPS, count: int = 400):  # type: ignore[no-untyped-def]
    values = {"comprehensiveness": (own, RANDOM), "sufficiency": (RANDOM, own)}
    return explained(values, method="occlusion", groups=groups, patients=True, count=count, seed=7)


def test_figures_are_means_with_intervals_by_patient() -> None:
    own = RANDOM + RNG.normal(0.2, 0.1, N)
    one = found(own)
    beyond = one.metric("comprehensiveness", whose=BEYOND)
    assert beyond.value == pytest.approx(np.mean(own - RANDOM))
    assert beyond.low < beyond.value < beyond.high
    assert (beyond.n, beyond.interval, one.reports) == (N, "bootstrap-patient", N)
    assert one.faithful == pytest.approx(np.mean(own > RANDOM))
    assert one.metric("sufficiency").value == pytest.approx(RANDOM.mean())
    assert one.metric("sufficiency", whose=BEYOND).value == pytest.approx(-beyond.value)
    assert one == found(own)


def test_reports_of_one_patient_make_an_interval_no_narrower() -> None:
    shared = np.repeat(RNG.normal(0.2, 0.2, N // 3), 3)
    by_patient = found(RANDOM + shared).metric("comprehensiveness", whose=BEYOND)
    by_report = found(RANDOM + shared, groups=[str(place) for place in range(N)])
    narrow = by_report.metric("comprehensiveness", whose=BEYOND)
    assert by_patient.high - by_patient.low > 1.3 * (narrow.high - narrow.low)


def test_the_verdict_follows_the_interval() -> None:
    for language in ("en", "pt-BR"):
        translator = load(language)
        good = explained_said(found(RANDOM + 0.2 + RNG.normal(0, 0.1, N)), translator=translator)
        noise = found(RANDOM + RNG.normal(0, 0.3, N))
        bad = explained_said(noise, translator=translator)
        assert (good.tone, bad.tone) == ("good", "bad")
        assert good.verdict != bad.verdict
        table = explained_table(noise, translator=translator)
        assert [len(row) for row in table["rows"]] == [len(table["head"])] * 2
