"""Rates of failures: their intervals by patient, and what they show."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.stress import Rate
from bert4text.evaluation.intervals import wilson
from bert4text.robustness.rates import Trials, rate


def of(
    failed: list[bool], groups: list[str] | None = None, *, at_most: float = 0.05, minimum: int = 20
) -> Rate:
    groups = [str(place) for place in range(len(failed))] if groups is None else groups
    tests = [Trials(np.array(failed, dtype=np.bool_), groups)]
    return rate("one", tests, capability="all", at_most=at_most, minimum=minimum)


def test_reports_of_different_patients_have_the_interval_of_wilson() -> None:
    found = of([True] * 5 + [False] * 45)
    assert (found.tests, found.failures, found.rate) == (50, 5, 0.1)
    assert (found.low, found.high) == pytest.approx(wilson(5, 50))


def test_reports_of_one_patient_widen_it() -> None:
    failed = [True] * 10 + [False] * 40
    alone, together = of(failed), of(failed, [str(place // 10) for place in range(50)])
    assert alone.low is not None
    assert together.low is not None
    assert together.low < alone.low


@pytest.mark.parametrize(
    ("failures", "tests", "verdict"),
    [(0, 19, "too-few"), (0, 30, "not-shown"), (0, 200, "holds"), (30, 100, "breaks"), (8, 100, "not-shown")],
)
def test_a_verdict_needs_an_interval_on_one_side(failures: int, tests: int, verdict: str) -> None:
    assert of([True] * failures + [False] * (tests - failures)).verdict == verdict


def test_without_a_test_there_is_no_rate() -> None:
    found = of([])
    assert (found.verdict, found.rate, found.tests) == ("too-few", None, 0)
