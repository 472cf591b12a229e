"""What can be relied on, counted by hand: promises kept, what a person reads, what errors cost."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.evaluation import Evaluation, System
from bert4text.core.messages import load
from bert4text.evaluation.answers import Answers
from bert4text.evaluation.config import ReviewConfig
from bert4text.evaluation.reliance import reliance
from bert4text.evaluation.relied import burden_table, coverage_table, label_table, said, shown

NAMES = ("a", "b", "c")
TRUE = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
SAID = [0, 0, 0, 1, 1, 1, 2, 2, 2, 0]


def answers(task="multiclass"):
    truth, decided = (np.eye(3, dtype=np.bool_)[labels] for labels in (TRUE, SAID))
    sure = np.linspace(0.95, 0.5, 10)
    probabilities = np.where(decided, sure[:, None], (1 - sure[:, None]) / 2)
    return Answers(task, truth, decided, probabilities)


def found(one=None, **given):
    one = one or answers()
    kept = np.eye(3, dtype=np.bool_)[SAID]
    kept[3, 0] = kept[6, 1] = True
    kept[8] = False  # nothing is kept: the answer stands alone
    settings = {
        "names": NAMES,
        "index": np.arange(10),
        "by_patient": False,
        "kept": {(0.9, "overall"): (kept, (0.6, 0.6, 0.6)), (0.9, "each-label"): (kept, (0.6, 0.5, None))},
        "usual": (0.9, "overall"),
        "statuses": [("ok", None)] * 10,
        "promised": 0.01,
        "guarded": True,
        "config": ReviewConfig.parse({}, section="evaluate.review"),
        "point": {},
    }
    return reliance({"model": one, "tfidf": one}, "model", **{**settings, **given})


def test_how_often_the_true_label_is_in_the_set():
    made = found()
    of_all = made.covered()
    assert (of_all.covered.value, of_all.covered.n, of_all.covered.interval) == (0.9, 10, "wilson-report")
    assert of_all.single.value == 0.8
    assert of_all.labels == pytest.approx(1.2)
    assert [made.covered(label=name).covered.value for name in NAMES] == [1.0, 1.0, pytest.approx(2 / 3)]
    rare = next(one for one in made.coverage if (one.promise, one.label) == ("each-label", "c"))
    assert not rare.excluded


def test_what_errors_cost():
    costs = {one.label: (one.missed.value, one.extra.value) for one in found().burden}
    assert costs == {"a": (0.1, 0.1), "b": (0.1, 0.1), "c": (0.1, 0.1)}


def test_what_is_left_to_a_person_and_how_wrong_the_rest_is():
    statuses = [("ok", None)] * 7 + [("abstained", "unsure")] * 2 + [("out-of-scope", "far-from-training")]
    made = found(statuses=statuses)
    assert made.abstained.value == 0.2
    assert made.guarded.value == 0.1
    assert made.risk.value == pytest.approx(2 / 7)
    assert found().abstained is None
    assert found(guarded=False).guarded is None


def test_the_surest_answers_first():
    kept = found().selection
    assert kept.answered == tuple((np.arange(10) + 1) / 10)
    wrong = np.cumsum(np.array(TRUE) != np.array(SAID)) / np.arange(1, 11)
    np.testing.assert_allclose(kept.risk, wrong)
    assert kept.area == pytest.approx(wrong.mean())


def test_net_benefit_is_that_of_vickers_and_elkin():
    curves = {(one.system, one.label): one for one in found().benefit}
    assert set(curves) == {(system, label) for system in ("all", "model", "tfidf") for label in NAMES}
    one, place = answers(), curves["model", "a"].x.index(0.5)
    acted, held = one.probabilities[:, 0] >= 0.5, one.truth[:, 0]
    expected = (acted & held).mean() - (acted & ~held).mean() * 1.0
    assert curves["model", "a"].y[place] == pytest.approx(expected)
    assert curves["all", "a"].y[place] == pytest.approx(0.4 - 0.6)


def test_of_two_labels_one_curve_is_enough():
    truth = np.eye(2, dtype=np.bool_)[[0, 1, 1, 0]]
    two = Answers("binary", truth, truth, np.where(truth, 0.8, 0.2))
    made = reliance(
        {"model": two}, "model", names=("n", "p"), index=np.arange(4), by_patient=True, kept={}, usual=None,
        statuses=[("ok", None)] * 4, promised=None, guarded=False,
        config=ReviewConfig.parse({}, section="evaluate.review"), point={},
    )  # fmt: skip
    assert {one.label for one in made.benefit} == {"p"}
    assert made.coverage == ()
    assert made.covered() is None
    assert made.burden[0].missed.interval == "wilson-patient"


def test_several_labels_have_no_order_of_sureness():
    made = found(answers("multilabel"))
    assert made.selection is None
    assert all(one.label is not None for one in made.coverage)


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_it_is_said_in_words(language):
    translator = load(language)
    point = {
        "sensitivity": {"a": {"wanted": 0.9, "confidence": 0.95, "patients": 40, "found": 40, "proven": 0.93}}
    }
    made = found(point=point)
    words = " ".join(one.verdict for one in said(made, translator=translator))
    assert "90%" in words
    assert "95%" in words
    tones = [one.tone for one in said(made, translator=translator)]
    assert tones == ["good", "good", "good"]
    assert len(coverage_table(made, translator=translator)["rows"]) == 2
    assert len(label_table(made, translator=translator)["rows"]) == 6
    assert burden_table(made, translator=translator)["rows"][0][0] == "a"


def test_broken_promises_are_bad_news():
    none = np.zeros((10, 3), dtype=np.bool_)
    statuses = [("out-of-scope", "far-from-training")] * 8 + [("ok", None)] * 2
    point = {
        "sensitivity": {"a": {"wanted": 0.9, "confidence": 0.95, "patients": 40, "found": 30, "proven": 0.6}}
    }
    made = found(kept={(0.9, "overall"): (none, (0.1,) * 3)}, statuses=statuses, point=point)
    assert [one.tone for one in said(made, translator=load("en"))] == ["bad", "bad", "bad"]
    assert "60.0%" in said(made, translator=load("en"))[1].verdict


def test_a_guard_without_a_limit_says_so():
    made = found(promised=None)
    assert said(made, translator=load("en"))[-1].tone == "warn"


def test_a_page_has_it_where_it_was_measured():
    plain = Evaluation(
        corpus="", split="test", reports=10, labels=NAMES, systems=(System(name="model"),), metrics=()
    )
    assert shown(plain, translator=load("en")) is None
    assert shown(plain.model_copy(update={"reliance": found()}), translator=load("en"))["coverage"]["rows"]


def test_a_label_that_a_promise_over_all_hides_is_named():
    truth = np.eye(2, dtype=np.bool_)[[0] * 90 + [1] * 10]
    said_ = np.eye(2, dtype=np.bool_)[[0] * 100]
    one = Answers("binary", truth, said_, np.where(said_, 0.9, 0.1))
    made = reliance(
        {"model": one}, "model", names=("n", "p"), index=np.arange(100), by_patient=True,
        kept={(0.9, "overall"): (said_, (0.5, 0.5))}, usual=(0.9, "overall"), statuses=[("ok", None)] * 100,
        promised=None, guarded=False, config=ReviewConfig.parse({}, section="evaluate.review"), point={},
    )  # fmt: skip
    (promise,) = said(made, translator=load("en"))
    assert promise.tone == "warn"
    assert "of the reports of p it is 0%" in promise.verdict
