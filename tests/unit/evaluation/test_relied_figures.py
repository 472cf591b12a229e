"""The figures of what can be relied on are drawn where there is something to see, alike each time."""

from __future__ import annotations

import pytest

from bert4text.core.evaluation import Evaluation, ReliabilityBin, System
from bert4text.core.messages import load
from bert4text.core.reliance import Benefit, Reliance, Selection
from bert4text.evaluation.reliability_figure import label_figure
from bert4text.evaluation.relied_figures import benefit_figure, selection_figure

X = (0.2, 0.4, 0.6)
NAMES = {"model": "BERT", "tfidf": "TF-IDF"}


def evaluation(labels=("a", "b", "c"), **given):
    return Evaluation(
        corpus="",
        split="test",
        reports=10,
        labels=labels,
        systems=(System(name="model"),),
        metrics=(),
        **given,
    )


def curves(*labels):
    return tuple(
        Benefit(system=system, label=label, x=X, y=(0.3 - place / 10, 0.2, -0.4))
        for place, label in enumerate(labels)
        for system in ("all", "model", "tfidf")
    )


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_how_wrong_the_surest_answers_are(language):
    kept = Selection(answered=(0.25, 0.5, 1.0), risk=(0.0, 0.02, 0.1), area=0.04)
    made = evaluation(reliance=Reliance(selection=kept))
    figure = selection_figure(made, translator=load(language))
    assert figure.svg == selection_figure(made, translator=load(language)).svg
    assert "2" in figure.caption
    assert selection_figure(evaluation(), translator=load(language)) is None
    assert selection_figure(evaluation(reliance=Reliance()), translator=load(language)) is None


def test_of_one_label_all_systems_are_drawn_and_of_several_one():
    translator = load("en")
    one = evaluation(("n", "p"), reliance=Reliance(benefit=curves("p")))
    drawn = benefit_figure(one, "model", names=NAMES, translator=translator).svg
    assert "act on every report" in drawn
    assert "TF-IDF" in drawn
    some = evaluation(reliance=Reliance(benefit=curves("a", "b", "c")))
    drawn = benefit_figure(some, "model", names=NAMES, translator=translator).svg
    assert "TF-IDF" not in drawn
    assert benefit_figure(evaluation(), "model", names=NAMES, translator=translator) is None


def test_a_small_diagram_of_each_label_up_to_six():
    labels = tuple("abcdefgh")
    bins = tuple(
        ReliabilityBin(system="model", label=label, mean=0.5, observed=0.4, low=0.2, high=0.6, n=10 + place)
        for place, label in enumerate(labels)
    )
    figure = label_figure(evaluation(labels, reliability_by_label=bins), translator=load("en"))
    assert figure.wide
    assert "6 most frequent of 8" in figure.caption
    assert ">h<" in figure.svg
    assert ">a<" not in figure.svg
    assert label_figure(evaluation(), translator=load("en")) is None
