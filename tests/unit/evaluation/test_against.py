"""Another run beside one's own: differences by label, and the reports that changed sides."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.evaluation import System
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load
from bert4text.evaluation.against import changed_said, changed_table, label_table, shown
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate

THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
TRUE = np.array([0, 1, 2] * 40)


def sure(said):
    return np.where(np.eye(3, dtype=bool)[said], 0.8, 0.1)


def found(ours, theirs, **config):
    settings = EvaluateConfig.parse({"resamples": 200, **config}, section="evaluate")
    return evaluate(
        [[THREE.names[label]] for label in TRUE],
        {"model": sure(ours), "run:b": sure(theirs)},
        label_space=THREE,
        groups=[str(place) for place in range(len(TRUE))],
        patients=len(TRUE),
        config=settings,
        systems=[System(name="model", delivered=True), System(name="run:b")],
        other="run:b",
        rows=range(101, 101 + len(TRUE)),
    )


def test_differences_are_told_label_by_label():
    worse = TRUE.copy()
    worse[2:60:3] = 0  # twenty of label c are called a
    made = found(TRUE, worse)
    of = {(one.label, one.metric): one for one in made.by_label}
    assert of["c", "recall"].difference == pytest.approx(0.5)
    assert of["c", "recall"].verdict == "better"
    assert of["c", "recall"].n == 40
    assert of["a", "precision"].difference == pytest.approx(1 - 40 / 60)
    assert of["b", "recall"].difference == 0.0
    assert of["b", "recall"].verdict == "not-shown-better"
    assert all(one.label is None for one in made.comparisons)


def test_reports_that_changed_sides_are_named_by_their_rows():
    other = TRUE.copy()
    other[[0, 4]] = [1, 2]
    made = found(TRUE, other)
    assert [(one.row, one.truth, one.a, one.b) for one in made.changed] == [
        (101, ("a",), ("a",), ("b",)),
        (105, ("b",), ("b",), ("c",)),
    ]
    translator = load("en")
    assert "2 of 120 reports differently: 2 are right with this run only" in changed_said(
        made, translator=translator
    )
    rows = changed_table(made, translator=translator)["rows"]
    assert ["a", "a", "b", "1", "101"] in rows


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_page_has_it_in_both_languages(language):
    translator = load(language)
    names = {"model": "BERT", "run:b": "run:b"}
    page = shown(found(TRUE, TRUE), names, translator=translator)
    assert page["title"]
    assert not page["changed"]["rows"]
    assert len(label_table(found(TRUE, TRUE), translator=translator)["rows"]) == 6


def test_it_is_told_also_where_no_metric_of_a_label_is_wanted():
    made = found(TRUE, np.roll(TRUE, 1), metrics=["accuracy"])
    assert made.by_label == ()
    assert len(made.changed) == 120
    assert shown(made, {"model": "BERT"}, translator=load("en")) is not None


def test_alone_there_is_nothing_to_tell():
    made = evaluate(
        [["a"], ["b"]], {"model": sure(np.array([0, 1]))}, label_space=THREE, groups=["x", "y"],
        config=EvaluateConfig.parse({"resamples": 100}, section="evaluate"),
    )  # fmt: skip
    assert shown(made, {"model": "BERT"}, translator=load("en")) is None
