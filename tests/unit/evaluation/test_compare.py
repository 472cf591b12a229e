"""Verdicts: what an interval of a difference shows, and when there is too little to say."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.evaluation import System
from bert4text.evaluation.compare import compare, leading, pairs, verdict
from bert4text.evaluation.draws import Drawn


def drawn(value, draws):
    return Drawn(value, np.asarray(draws, dtype=float), np.zeros(0))


@pytest.mark.parametrize(
    ("low", "high", "higher", "wanted"),
    [
        (0.01, 0.2, True, "better"),
        (-0.01, 0.2, True, "not-shown-better"),
        (0.0, 0.2, True, "not-shown-better"),
        (-0.2, -0.01, True, "worse"),
        (-0.2, -0.01, False, "better"),
        (0.01, 0.2, False, "worse"),
        (None, None, True, "not-shown-better"),
    ],
)
def test_verdict(low, high, higher, wanted):
    assert verdict(low, high, enough=True, higher_is_better=higher) == wanted
    assert verdict(low, high, enough=False, higher_is_better=higher) == "too-few"


def test_pairs():
    usual = ["model", "tfidf", "majority"]
    assert pairs(usual, lead="model") == [("model", "tfidf"), ("model", "majority"), ("tfidf", "majority")]
    assert pairs(usual, lead="tfidf") == [("tfidf", "model"), ("tfidf", "majority"), ("model", "majority")]
    assert pairs(["hybrid", *usual], lead="model") == [
        ("model", "hybrid"),
        ("model", "tfidf"),
        ("model", "majority"),
        ("hybrid", "tfidf"),
        ("hybrid", "majority"),
        ("tfidf", "majority"),
    ]
    assert pairs(["model", "majority", "tabular"], lead="model") == [
        ("model", "majority"),
        ("model", "tabular"),
    ]
    assert pairs(["tfidf", "majority", "other"], lead="tfidf") == [("tfidf", "majority"), ("tfidf", "other")]
    assert pairs(["majority"], lead="majority") == []
    assert pairs(["x", "y"], lead="x") == []


def named(*names, delivered=None):
    return [System(name=name, delivered=name == delivered) for name in names]


def test_leading():
    assert leading(named("tfidf", "model")) == "model"
    assert leading(named("x", "tfidf")) == "tfidf"
    assert leading(named("majority", "x")) == "x"
    assert leading(named("majority")) == "majority"


@pytest.mark.parametrize("delivered", ["hybrid", "model", "tfidf"])
def test_what_answers_new_reports_leads(delivered):
    assert leading(named("hybrid", "model", "tfidf", "majority", delivered=delivered)) == delivered


def test_paired_draws_count():
    """What both systems share cancels: the same spread, drawn together or apart."""
    random = np.random.default_rng(0)
    shared, own = random.normal(0, 0.1, 2000), random.normal(0, 0.01, 2000)
    together = compare(
        ("model", drawn(0.85, 0.85 + shared + own)),
        ("tfidf", drawn(0.80, 0.80 + shared)),
        metric="macro_f1",
        n=100,
        patients=100,
        minimum=30,
    )
    apart = compare(
        ("model", drawn(0.85, 0.85 + shared)),
        ("tfidf", drawn(0.80, 0.80 + shared[::-1])),
        metric="macro_f1",
        n=100,
        patients=100,
        minimum=30,
    )
    assert together.verdict == "better"
    assert apart.verdict == "not-shown-better"
    assert together.difference == pytest.approx(0.05)


def test_few_patients_give_no_verdict():
    found = compare(
        ("model", drawn(0.9, [0.9, 0.91, 0.92])),
        ("majority", drawn(0.1, [0.1, 0.1, 0.1])),
        metric="accuracy",
        n=90,
        patients=29,
        minimum=30,
    )
    assert found.verdict == "too-few"
    assert found.low is not None


def test_the_same_difference_in_each_resample_is_its_own_interval():
    found = compare(
        ("model", drawn(1.0, np.ones(50))), ("majority", drawn(0.5, np.full(50, 0.5))),
        metric="auroc", n=50, patients=50, minimum=30,
    )  # fmt: skip
    assert (found.low, found.high, found.verdict) == (0.5, 0.5, "better")


def test_a_difference_that_is_mostly_undefined_gives_no_verdict():
    broken = np.concatenate([np.full(40, np.nan), np.ones(10)])
    found = compare(
        ("model", drawn(1.0, broken)), ("majority", drawn(0.5, np.full(50, 0.5))),
        metric="auroc", n=50, patients=50, minimum=30,
    )  # fmt: skip
    assert (found.low, found.high, found.verdict) == (None, None, "too-few")


def test_the_interval_of_few_patients_is_wider_than_that_of_many():
    rng = np.random.default_rng(0)
    a, b = drawn(0.8, 0.8 + 0.05 * rng.normal(size=1000)), drawn(0.7, 0.7 + 0.05 * rng.normal(size=1000))

    def width(patients):
        found = compare(("a", a), ("b", b), metric="macro_f1", n=200, patients=patients, minimum=2)
        return found.high - found.low

    assert width(10) > 1.1 * width(200) > 1.1 * width(100_000) * 0.99
    percentiles = np.subtract(*np.quantile(a.draws - b.draws, [0.975, 0.025]))
    assert width(100_000) == pytest.approx(percentiles, rel=0.02)
