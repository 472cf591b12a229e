"""Who answers is decided by validation reports: the better system, and the encoder where nothing speaks."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.training import decide as decision
from bert4text.training.calibrate import fit_temperature
from bert4text.training.config import CalibrationConfig
from bert4text.training.decide import Told, decide
from bert4text.training.parts import Part, Parts

THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))
N = 240
PLAIN = CalibrationConfig(thresholds=False)


def parts_of(space, random):
    truth = np.zeros((N, 3), dtype=np.bool_)
    truth[np.arange(N), random.integers(0, 3, N)] = True
    if space is MANY:
        truth |= random.random((N, 3)) < 0.3
    part = Part(["" for _ in range(N)], [f"p{place // 2}" for place in range(N)], truth, space is MANY)
    return Parts(space, part, part, part)


def told(parts, random, *, skill, knows=None):
    """A system whose logits hold the truth times a skill, and noise; it may know some reports alone."""
    truth = parts.validation.truth
    known = np.ones(N, dtype=bool) if knows is None else knows
    logits = truth * 2.0 * skill * known[:, None] + random.normal(0, 1, truth.shape)
    if parts.validation.many:
        logits = logits - skill
    return Told(fit_temperature(logits, truth, label_space=parts.label_space), logits, logits)


@pytest.mark.parametrize("space", [THREE, MANY])
def test_the_better_alone_answers_where_the_other_knows_nothing(space):
    random = np.random.default_rng(5)
    parts = parts_of(space, random)
    good, bad = told(parts, random, skill=4.0), told(parts, random, skill=0.0)
    assert decide(good, bad, parts, config=PLAIN, seed=1).delivered == "model"
    found = decide(bad, good, parts, config=PLAIN, seed=1)
    assert found.delivered == "tfidf"
    assert found.hybrid is None
    assert found.macro_f1["tfidf"] > found.macro_f1["model"] + 0.2


@pytest.mark.parametrize("space", [THREE, MANY])
def test_both_answer_where_each_knows_what_the_other_does_not(space):
    random = np.random.default_rng(6)
    parts = parts_of(space, random)
    half = random.random(N) < 0.5
    one, other = told(parts, random, skill=2.0, knows=half), told(parts, random, skill=2.0, knows=~half)
    found = decide(one, other, parts, config=PLAIN, seed=1)
    assert found.delivered == "hybrid"
    assert found.hybrid is not None
    assert min(found.better.values()) > 0.6
    assert found.macro_f1["hybrid"] > max(found.macro_f1["model"], found.macro_f1["tfidf"])


def test_the_cheaper_answers_where_the_encoder_knows_no_more():
    random = np.random.default_rng(7)
    parts = parts_of(THREE, random)
    one = told(parts, random, skill=3.0)
    found = decide(one, one, parts, config=PLAIN, seed=1)
    assert found.delivered == "tfidf"
    assert found.better == {"hybrid": 0.0, "encoder": 0.0}


def test_the_same_seed_decides_alike():
    random = np.random.default_rng(8)
    parts = parts_of(THREE, random)
    one, other = told(parts, random, skill=1.0), told(parts, random, skill=1.0)
    first, second = (decide(one, other, parts, seed=3) for _ in range(2))
    assert first.evidence == second.evidence
    assert set(first.evidence["macro_f1"]) == set(first.evidence["loss"]) == {"model", "tfidf", "hybrid"}


def test_who_knows_more_has_the_larger_share():
    random = np.random.default_rng(10)
    parts = parts_of(THREE, random)
    good, fair = told(parts, random, skill=1.6), told(parts, random, skill=0.8)
    assert decide(good, fair, parts, seed=1).share == 0.7
    assert decide(fair, good, parts, seed=1).share == 0.3


def test_likelier_answers_that_are_worse_beyond_doubt_are_not_taken(monkeypatch):
    random = np.random.default_rng(11)
    parts = parts_of(THREE, random)
    good, bad = told(parts, random, skill=4.0), told(parts, random, skill=0.5)
    truth = np.concatenate([parts.validation.truth, parts.calibration.truth])
    right = {id(bad): truth}
    monkeypatch.setattr(decision, "_decided", lambda one: right.get(id(one), ~truth))
    assert decide(good, bad, parts, config=PLAIN, seed=1).delivered == "tfidf"


@pytest.mark.parametrize("wanted", ["model", "tfidf", "hybrid"])
def test_whoever_is_asked_for_answers(wanted):
    random = np.random.default_rng(9)
    parts = parts_of(THREE, random)
    one, other = told(parts, random, skill=1.0), told(parts, random, skill=1.0)
    found = decide(one, other, parts, config=CalibrationConfig(deliver=wanted), seed=3)
    assert found.delivered == wanted
    assert (found.hybrid is not None) == (wanted == "hybrid")
