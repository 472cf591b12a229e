"""An indeterminate label: figures over what can be answered, and what is lost or claimed all the same."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk
from evaluations import given, run

from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load
from bert4text.evaluation.determinate import determinate_said
from bert4text.evaluation.scorecard import scorecard

NAMES = ["benigno", "maligno", "indeterminado"]
SPACE = LabelSpace(task="multiclass", names=tuple(NAMES), indeterminate="indeterminado")


@pytest.fixture(scope="module")
def measured():
    _, labels, said = given(NAMES, [0.55, 0.25, 0.2], n=240, task="multiclass", seed=2, signal=1.6)
    return labels, said, run(SPACE, labels, said)


def test_lost_and_overclaimed_are_counted(measured):
    labels, said, found = measured
    for system, probabilities in said.items():
        called = [NAMES[place] for place in probabilities.argmax(axis=1)]
        pairs = [(row[0], answer) for row, answer in zip(labels, called, strict=True)]
        able = [answer for true, answer in pairs if true != "indeterminado"]
        unable = [answer for true, answer in pairs if true == "indeterminado"]
        lost = found.metric("lost", system=system)
        assert (lost.n, round(lost.value * lost.n)) == (len(able), able.count("indeterminado"))
        over = found.metric("overclaimed", system=system)
        assert (over.n, round(over.value * over.n)) == (
            len(unable),
            len(unable) - unable.count("indeterminado"),
        )
        for metric in (lost, over):
            assert metric.low <= metric.value <= metric.high
            assert metric.interval == "wilson-patient"


def test_figures_over_determinate_reports(measured):
    labels, said, found = measured
    rows = [place for place, row in enumerate(labels) if row[0] != "indeterminado"]
    true = [labels[place][0] for place in rows]
    for system, probabilities in said.items():
        called = [NAMES[place] for place in probabilities[rows].argmax(axis=1)]
        macro = sk.f1_score(true, called, labels=NAMES[:2], average="macro", zero_division=0)
        assert found.metric("determinate_macro_f1", system=system).value == pytest.approx(macro)
        recall = sk.recall_score(true, called, labels=NAMES[:2], average=None)
        assert found.metric("determinate_specificity", system=system).value == pytest.approx(recall[0])
        assert found.metric("determinate_sensitivity", system=system).value == pytest.approx(recall[1])
    assert found.metric("determinate_macro_f1").interval == "bootstrap-patient"


def test_an_answer_that_is_not_given_is_never_the_negative_one():
    _, labels, _ = given(NAMES, [0.55, 0.25, 0.2], n=100, task="multiclass")
    silent = np.tile([0.0, 0.0, 1.0], (100, 1))
    found = run(SPACE, labels, {"model": silent})
    assert found.metric("determinate_specificity").value == 0
    assert found.metric("determinate_sensitivity").value == 0
    assert found.metric("lost").value == 1
    assert found.metric("overclaimed").value == 0


def test_of_ordered_labels_it_is_off_the_scale():
    names = ["1", "2", "3", "indeterminado"]
    space = LabelSpace(task="ordinal", names=tuple(names), indeterminate="indeterminado")
    assert space.scale == (0, 1, 2)
    _, labels, said = given(names, [0.4, 0.3, 0.2, 0.1], n=200, task="ordinal", seed=5)
    found = run(space, labels, said)
    called = said["model"].argmax(axis=1)
    true = np.array([names.index(row[0]) for row in labels])
    on = (called < 3) & (true < 3)
    kappa = sk.cohen_kappa_score(true[on], called[on], weights="quadratic")
    assert found.metric("quadratic_kappa").value == pytest.approx(kappa)
    assert (
        found.metric("determinate_sensitivity") is None
    )  # of three labels there is no second one to look for


def test_without_such_a_label_nothing_is_added(measured):
    labels, said, found = measured
    plain = run(LabelSpace(task="multiclass", names=tuple(NAMES)), labels, said)
    further = {"lost", "overclaimed"}
    assert not {m.name for m in plain.metrics if m.name in further or m.name.startswith("determinate")}
    same = [m for m in found.metrics if m.name not in further and not m.name.startswith("determinate")]
    assert same == list(plain.metrics)
    assert determinate_said(plain, system="model", translator=load("en")) == []


def test_reports_that_are_all_indeterminate_have_no_determinate_figure():
    _, _, said = given(NAMES, [0.4, 0.4, 0.2], n=40, task="multiclass")
    found = run(SPACE, [["indeterminado"]] * 40, said)
    assert found.metric("lost").value is None
    assert found.metric("overclaimed").n == 40
    assert found.metric("determinate_macro_f1") is None


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Over-claimed: "), ("pt-BR", "Respondidos sem base: ")]
)
def test_page_says_it(measured, language, word):
    _, _, found = measured
    page = scorecard(found, translator=load(language), context={})
    over = found.metric("overclaimed")
    assert f"{word}{round(over.value * over.n)}" in page
    assert "“indeterminado”" in page
