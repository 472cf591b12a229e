"""Sentences and rows: what is said in words, and the table for a terminal."""

from __future__ import annotations

import evaluations
import pytest
from evaluations import given, run

from bert4text.core.evaluation import Comparison, Confusion
from bert4text.core.messages import load
from bert4text.evaluation import sentences
from bert4text.evaluation.metrics import METRICS
from bert4text.evaluation.summary import header, meanings, rows
from bert4text.evaluation.wording import METRIC_MEANINGS, METRIC_NAMES, metric_name, system_names

ENGLISH = load("en")
NAMES = {"model": "BERT", "tfidf": "TF-IDF", "majority": "modal"}


@pytest.fixture
def binary():
    return evaluations.binary()


@pytest.fixture
def ordinal():
    return evaluations.ordinal()


def comparison(**changes):
    given = {
        "a": "model", "b": "tfidf", "metric": "macro_f1", "difference": 0.05, "low": -0.012, "high": 0.11,
        "n": 1140, "verdict": "not-shown-better",
    }  # fmt: skip
    return Comparison(**{**given, **changes})


def said(**changes):
    return sentences.comparison_said(
        comparison(**changes), names=NAMES, metric="macro F1", translator=ENGLISH
    )


def test_verdicts_in_words():
    found = said()
    assert found.verdict == "BERT is not shown better than TF-IDF on 1,140 reports."
    assert found.figures == (
        "Difference in macro F1: +0.05 (95% interval from −0.01 to +0.11; 0 means no difference)."
    )
    assert found.tone == "warn"
    assert said(verdict="better").tone == "good"
    assert said(verdict="worse").verdict == "BERT is worse than TF-IDF on 1,140 reports."
    assert "too few" in said(verdict="too-few").verdict
    assert "always answering the most frequent label" in said(b="majority", verdict="better").verdict
    assert said(difference=None, low=None, high=None, verdict="too-few").figures == ""


@pytest.mark.parametrize(
    ("value", "shown"), [(0.05, "+0.05"), (-0.05, "−0.05"), (0.0, "0.00"), (-0.001, "0.00"), (None, "–")]
)
def test_signed(value, shown):
    assert sentences.signed(value, translator=ENGLISH) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.5, "50%"), (0.9966, "99.7%"), (0.002, "0.2%"), (1.0, "100%"), (0.0, "0%"), (None, "–")],
)
def test_share_never_rounds_to_all_or_none(value, shown):
    assert sentences.share_said(value, translator=ENGLISH) == shown


def test_discordant():
    found = sentences.discordant_said(
        comparison(only_a=9, only_b=4, p_value=0.267), names=NAMES, translator=ENGLISH
    )
    assert found == "Only BERT was right on 9 reports, only TF-IDF on 4 (McNemar's test: p = 0.267)."
    small = sentences.discordant_said(
        comparison(only_a=90, only_b=4, p_value=1e-9), names=NAMES, translator=ENGLISH
    )
    assert "p < 0.001" in small
    assert sentences.discordant_said(comparison(), names=NAMES, translator=ENGLISH) == ""
    assert sentences.discordant_said(None, names=NAMES, translator=ENGLISH) == ""


def test_found_by_label_counts_add_up(binary):
    for row in sentences.found_by_label(binary):
        assert row.found + row.missed == row.reports
    matrix = next(c for c in binary.confusion if c.system == "model").rows
    benign, malignant = sentences.found_by_label(binary)
    assert (malignant.found, malignant.missed) == (matrix[1][1], matrix[1][0])
    assert (malignant.false_alarms, benign.false_alarms) == (matrix[0][1], matrix[1][0])


def test_all_found():
    row = sentences.Found("y", 5, 5, 0, 5, 0, 0.6, 1.0)
    alone = sentences.Found("y", 1, 1, 0, 2, 1, 0.2, 1.0)
    assert sentences.found_said(alone, translator=ENGLISH) == "y: 1 of 1 reports found, 0 missed."
    assert "one report that does not have it" in sentences.share_found_said(alone, translator=ENGLISH)
    assert sentences.found_said(row, translator=ENGLISH) == "All 5 reports of y were found."
    assert "also given" not in sentences.share_found_said(row, translator=ENGLISH)


def test_most_frequent_mistake():
    wrong = Confusion(system="model", labels=("a", "b"), rows=((5, 2), (3, 4)))
    assert sentences.worst_confusion_said(wrong, translator=ENGLISH) == (
        "The most frequent mistake: 3 of 7 reports of b were called a."
    )
    right = Confusion(system="model", labels=("a", "b"), rows=((5, 0), (0, 4)))
    assert "No report" in sentences.worst_confusion_said(right, translator=ENGLISH)


def test_rows_for_a_terminal(binary, ordinal):
    head = header(binary)
    assert head == ["metric", "BERT", "TF-IDF", "most frequent label", "table of measurements (ceiling)"]
    table = rows(binary)
    assert table[0][0] == "macro F1"
    value = binary.metric("macro_f1")
    assert table[0][1] == f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"
    assert all(len(row) == len(head) for row in table)
    assert len(rows(binary, everything=True)) > len(table)
    assert "quadratic kappa" in [row[0] for row in rows(ordinal)]
    portuguese = rows(binary, translator=load("pt-BR"))
    assert "0," in portuguese[0][1]


def test_a_figure_without_interval_is_shown_alone():
    space, labels, systems = given(["n", "y"], [0.5, 0.5], n=40)
    found = {row[0]: row for row in rows(run(space, labels, systems))}
    assert found["area under ROC"][3] == "0.50"


def test_every_metric_has_a_name_and_a_meaning():
    told = {
        "determinate_macro_f1",
        "determinate_sensitivity",
        "determinate_specificity",
        "lost",
        "overclaimed",
    }
    assert set(METRIC_NAMES) == {*METRICS, *told, "mean_cost", "cost_per_1000"}
    assert set(METRIC_MEANINGS) == set(METRIC_NAMES) - {"f1", "cost_per_1000"}
    assert metric_name("another", translator=ENGLISH) == "another"


def test_meanings_are_of_what_was_measured(binary):
    assert "sensitivity" in meanings(binary, translator=ENGLISH)
    assert "quadratic kappa" not in meanings(binary, translator=ENGLISH)


def test_given_names_take_precedence(binary):
    names = system_names(binary, translator=ENGLISH, given={"model": "MiniLM"})
    assert list(names.values())[:2] == ["MiniLM", "TF-IDF"]
