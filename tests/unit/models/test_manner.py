"""How answers are given: with the set that was promised, and left to a person where asked."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import NotCalibratedError
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Manner
from bert4text.core.report import Report
from bert4text.models.backends import Output
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.conformal import PredictionSets
from bert4text.models.manner import check_manner, level_of, promise_of
from bert4text.models.scope import Scope

THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))
SETS = PredictionSets(
    overall={"0.8": 0.4, "0.95": 0.7},
    each_label={"0.8": (0.4, 0.4, 0.5), "0.95": (0.7, 0.6, None)},
    reports=(50, 40, 8),
    patients=(50, 40, 8),
)


class Backend:
    """Gives the logarithms of the probabilities that a text spells out."""

    name, precision, settings = "torch", "float32", {}

    def forward(self, texts):
        rows = np.array([[float(part) for part in text.split()] for text in texts]).reshape(-1, 3)
        sizes = np.ones(len(rows), dtype=np.int32)
        unknown = np.array([float(row[0] == 0.34) for row in rows], dtype=np.float32)
        return Output(np.log(rows).astype(np.float32), None, sizes, sizes, unknown=unknown)


def classifier(*, space=THREE, scope=None, **calibrator):
    link = "sigmoid" if space is MANY else "softmax"
    return Classifier(space, Backend(), Calibrator(link=link, **calibrator), scope=scope)


def answered(model, *texts):
    reports = [Report(id=str(place), text=text, origin="synthetic") for place, text in enumerate(texts)]
    return model.predict(reports)


def test_the_set_has_what_cannot_be_excluded_and_the_answer():
    model = classifier(sets=SETS).answering(Manner(coverage=0.8, promise="overall"))
    sure, torn = answered(model, "0.9 0.05 0.05", "0.4 0.35 0.25")
    assert (sure.prediction_set, sure.label, sure.status) == (("a",), "a", "ok")
    assert torn.prediction_set == ("a",)  # nothing is kept: the answer stands alone
    wide = answered(model.answering(Manner(coverage=0.95, promise="overall")), "0.4 0.35 0.25")[0]
    assert wide.prediction_set == ("a", "b")


def test_a_label_that_cannot_be_excluded_is_in_every_set():
    model = classifier(sets=SETS).answering(Manner(coverage=0.95, promise="each-label"))
    assert answered(model, "0.98 0.01 0.01")[0].prediction_set == ("a", "c")


def test_what_is_promised_if_nothing_is_asked_for():
    assert level_of(SETS, Manner()) == 0.95
    assert promise_of(SETS, Manner()) == "overall"
    assert promise_of(SETS, Manner(coverage=0.8)) == "each-label"
    assert promise_of(SETS, Manner(coverage=0.8, promise="overall")) == "overall"
    only = SETS.model_copy(update={"overall": None})
    assert promise_of(only, Manner(coverage=0.95)) == "each-label"


def test_without_sets_nothing_is_told_of_them():
    assert answered(classifier(), "0.9 0.05 0.05")[0].prediction_set is None


def test_several_labels_are_left_to_a_person_where_asked():
    model = classifier(sets=SETS).answering(Manner(coverage=0.95, promise="overall", abstain="several"))
    torn, sure = answered(model, "0.4 0.35 0.25", "0.9 0.05 0.05")
    assert (torn.status, torn.reason, torn.label, torn.probability) == (
        "abstained",
        "several-labels",
        None,
        None,
    )
    assert torn.probabilities is not None
    assert torn.prediction_set == ("a", "b")
    assert (sure.status, sure.label) == ("ok", "a")


@pytest.mark.parametrize(
    ("abstain", "status"), [("auto", "abstained"), ("unsure", "abstained"), ("never", "ok")]
)
def test_a_risk_that_was_set_is_kept_unless_it_is_refused(abstain, status):
    model = classifier(least=0.7).answering(Manner(abstain=abstain))
    assert answered(model, "0.6 0.3 0.1")[0].status == status
    assert answered(model, "0.8 0.1 0.1")[0].status == "ok"


def test_several_labels_hold_and_none_of_it_is_left():
    model = classifier(space=MANY, sets=SETS.model_copy(update={"overall": None}))
    (found,) = answered(model, "0.9 0.05 0.4")
    assert found.status == "ok"
    assert found.prediction_set is not None
    assert set(found.labels) <= set(found.prediction_set)


def test_what_lies_beyond_the_scope_is_left_to_a_person():
    model = classifier(scope=Scope(0.5, 0.01, 200))
    beyond, within = answered(model, "0.34 0.33 0.33", "0.9 0.05 0.05")
    assert (beyond.status, beyond.reason, beyond.label) == ("out-of-scope", "far-from-training", None)
    assert within.status == "ok"
    open_ = model.answering(Manner(guard=False))
    assert answered(open_, "0.34 0.33 0.33")[0].status == "ok"
    assert model.manner.guard


@pytest.mark.parametrize(
    ("made", "manner"),
    [
        ({"sets": SETS}, {"coverage": 0.9}),
        ({}, {"coverage": 0.95}),
        ({}, {"abstain": "several"}),
        ({"sets": SETS}, {"abstain": "unsure"}),
    ],
)
def test_what_was_not_fitted_is_refused(made, manner):
    with pytest.raises(NotCalibratedError):
        check_manner(Manner(**manner), Calibrator(**made))
    with pytest.raises(NotCalibratedError):
        check_manner(Manner(abstain="several"), Calibrator(link="sigmoid", sets=SETS))
