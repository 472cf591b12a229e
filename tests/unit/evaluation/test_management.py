"""Groups of labels with one management, and costs: scikit-learn, plain sums, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
import sklearn.metrics as sk
from evaluations import given, run
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st
from rich.console import Console

from bert4text.cli.scores import evaluation_table
from bert4text.core.errors import ConfigError
from bert4text.core.evaluation import Evaluation
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import load
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.scorecard import scorecard

NAMES = ["0", "1", "2", "3", "4", "5"]
SHARES = [0.08, 0.2, 0.46, 0.08, 0.12, 0.06]
GROUPS = {"rotina": ["1", "2"], "controle": ["3"], "biópsia": ["4", "5"], "reconvocação": ["0"]}
COSTS = {
    "rotina": {"controle": 6, "biópsia": 100, "reconvocação": 20},
    "controle": {"rotina": 2, "biópsia": 40, "reconvocação": 10},
    "biópsia": {"rotina": 15, "controle": 8, "reconvocação": 9},
    "reconvocação": {"rotina": 3, "controle": 4, "biópsia": 12, "reconvocação": 1},
}


def config(groups=GROUPS, costs=COSTS, **more):
    values = {"resamples": 200, "management": {"groups": groups, "costs": costs}, **more}
    return EvaluateConfig.parse(values, section="evaluate")


def managed(groups=GROUPS, costs=COSTS, *, n=300, seed=3, **more):
    space, labels, said = given(NAMES, SHARES, n=n, task="ordinal", seed=seed)
    return labels, said, run(space, labels, said, config=config(groups, costs), **more)


def group_of(label, groups=GROUPS):
    return next((group for group, labels in groups.items() if label in labels), None)


def answered(said, system="model"):
    return [NAMES[place] for place in said[system].argmax(axis=1)]


def test_figures_by_group_are_those_of_the_grouped_labels():
    labels, said, found = managed()
    names = list(GROUPS)
    true = [group_of(row[0]) for row in labels]
    for system in said:
        called = [group_of(label) for label in answered(said, system)]
        management = found.management
        recall = sk.recall_score(true, called, labels=names, average=None)
        assert [management.metric("recall", system=system, group=g).value for g in names] == pytest.approx(
            recall
        )
        macro = sk.f1_score(true, called, labels=names, average="macro", zero_division=0)
        assert management.metric("macro_f1", system=system).value == pytest.approx(macro)
        assert management.metric("accuracy", system=system).value == sk.accuracy_score(true, called)
        counts = next(one for one in management.confusion if one.system == system)
        assert np.array_equal(counts.rows, sk.confusion_matrix(true, called, labels=names))
    precision = sk.precision_score(true, [group_of(x) for x in answered(said)], labels=names, average=None)
    assert [management.metric("precision", group=g).value for g in names] == pytest.approx(precision)


def test_mean_cost_is_what_the_answers_cost_one_by_one():
    labels, said, found = managed()
    for system in said:
        total = sum(
            COSTS[given_].get(true, 0)
            for given_, true in (
                (group_of(label), group_of(row[0]))
                for label, row in zip(answered(said, system), labels, strict=True)
            )
        )
        mean = found.management.metric("mean_cost", system=system)
        assert mean.value == pytest.approx(total / len(labels))
        assert mean.low < mean.value < mean.high
        assert mean.interval == "bootstrap-patient"
        thousand = found.management.metric("cost_per_1000", system=system)
        assert (thousand.value, thousand.low) == pytest.approx((1000 * mean.value, 1000 * mean.low))


def test_one_label_a_group_and_errors_of_one_are_the_figures_by_label():
    singles = {f"g{name}": [name] for name in NAMES}
    costs = {a: {b: 1 for b in singles if b != a} for a in singles}
    _, _, found = managed(singles, costs)
    for system in ("model", "tfidf", "majority"):
        accuracy = found.metric("accuracy", system=system).value
        assert found.management.metric("mean_cost", system=system).value == pytest.approx(1 - accuracy)
        macro = found.metric("macro_f1", system=system).value
        assert found.management.metric("macro_f1", system=system).value == pytest.approx(macro)


def test_right_answers_cost_nothing_and_a_cheaper_system_is_better():
    space, labels, said = given(NAMES, SHARES, n=300, task="multiclass", seed=1)
    right = np.eye(len(NAMES))[[NAMES.index(row[0]) for row in labels]]
    costs = {a: {b: cost for b, cost in row.items() if a != b} for a, row in COSTS.items()}
    found = run(space, labels, {**said, "model": right}, config=config(costs=costs))
    assert found.management.metric("mean_cost").value == 0
    assert found.management.metric("mean_cost").interval is None
    saved = next(c for c in found.management.comparisons if (c.b, c.metric) == ("tfidf", "mean_cost"))
    assert saved.high < 0
    assert saved.verdict == "better"
    page = scorecard(found, translator=load("en"), context={})
    assert "BERT costs less than TF-IDF on 300 reports." in page


def test_labels_in_no_group_are_left_out_and_told():
    groups = {name: labels for name, labels in GROUPS.items() if name != "reconvocação"}
    costs = {a: {b: c for b, c in row.items() if b in groups} for a, row in COSTS.items() if a in groups}
    labels, said, found = managed(groups, costs)
    kept = [place for place, row in enumerate(labels) if row[0] != "0"]
    management = found.management
    assert (management.left_out, management.reports) == (("0",), len(kept))
    told = {issue.code: issue for issue in found.issues}
    assert told["labels-in-no-group"].values == {"labels": ["0"], "count": len(labels) - len(kept)}
    called = answered(said, "tfidf")
    outside = [place for place in kept if called[place] == "0"]
    assert management.outside["tfidf"] == len(outside) > 0
    assert "answers-in-no-group" in told
    worst = {"rotina": 15, "controle": 8, "biópsia": 100}
    total = sum(
        worst[group_of(labels[place][0])]
        if called[place] == "0"
        else costs[group_of(called[place])].get(group_of(labels[place][0]), 0)
        for place in kept
    )
    assert management.metric("mean_cost", system="tfidf").value == pytest.approx(total / len(kept))
    counts = next(one for one in management.confusion if one.system == "tfidf")
    assert np.sum(counts.rows) == len(kept) - len(outside)


def test_nothing_is_measured_where_no_report_has_a_group():
    _, labels, said = given(["a", "b"], [0.5, 0.5], n=60)
    wider = LabelSpace(task="multiclass", names=("a", "b", "c", "d"))
    padded = {name: np.hstack([values, np.zeros((60, 2))]) for name, values in said.items()}
    found = run(wider, labels, padded, config=config({"x": ["c"], "y": ["d"]}, {}))
    assert found.management is None
    assert next(i for i in found.issues if i.code == "labels-in-no-group").values["count"] == 60


def test_groups_change_no_other_figure_and_the_seed_gives_the_same_again():
    labels, said, found = managed()
    space = LabelSpace(task="ordinal", names=tuple(NAMES))
    plain = run(space, labels, said)
    assert plain.management is None
    assert found.metrics == plain.metrics
    assert found.comparisons == plain.comparisons
    assert managed()[2].model_dump_json() == found.model_dump_json()
    assert Evaluation.model_validate_json(found.model_dump_json()) == found


def test_without_costs_none_are_shown():
    _, _, found = managed(costs={})
    assert found.management.costs is None
    assert {metric.name for metric in found.management.metrics} == {
        "accuracy",
        "precision",
        "recall",
        "macro_f1",
    }
    assert "cost" not in scorecard(found, translator=load("en"), context={}).split("Before you trust")[0]


@drawn_from(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40),
    st.lists(st.integers(0, 50), min_size=9, max_size=9),
)
@settings(deadline=None, max_examples=40)
def test_a_mean_cost_lies_among_the_costs(pairs, numbers):
    names = ("a", "b", "c", "d")
    groups = {"x": ["a"], "y": ["b", "c"], "z": ["d"]}
    cells = iter(numbers)
    costs = {row: {column: next(cells) for column in groups} for row in groups}
    said = {"model": np.eye(4)[[answer for _, answer in pairs]]}
    space = LabelSpace(task="multiclass", names=names)
    found = run(
        space,
        [[names[true]] for true, _ in pairs],
        said,
        config=config(groups, costs, resamples=100),
    )
    mean = found.management.metric("mean_cost")
    assert min(numbers) - 1e-9 <= mean.value <= max(numbers) + 1e-9
    if mean.low is not None:
        assert min(numbers) - 1e-9 <= mean.low <= mean.high <= max(numbers) + 1e-9


@pytest.mark.parametrize(
    ("groups", "costs", "code", "said"),
    [
        ({"rotina": ["1", "22"], "controle": ["3"]}, {}, "group-of-unknown-label", "'22'"),
        ({"rotina": ["1", "2"], "controle": ["2", "3"]}, {}, "label-in-two-groups", "'rotina' and"),
        ({"rotina": ["1", "2"]}, {}, "few-groups", "two groups"),
        ({"rotina": ["1"], "controle": []}, {}, "few-groups", "1 without any"),
        (
            {"rotina": ["1"], "controle": ["3"]},
            {"rotina": {"controle": 5}},
            "cost-missing",
            "'controle' where 'rotina'",
        ),
        ({"rotina": ["1"], "controle": ["3"]}, {"rotinas": {"controle": 5}}, "cost-of-no-group", "rotinas"),
        ({}, {"rotina": {"controle": 5}}, "cost-of-no-group", "no groups"),
        (
            {"rotina": ["1"], "controle": ["3"]},
            {"rotina": {"controle": -1}, "controle": {"rotina": 0}},
            "bad-cost",
            "-1",
        ),
        (
            {"rotina": ["1"], "controle": ["3"]},
            {"rotina": {"controle": float("inf")}, "controle": {"rotina": 0}},
            "bad-cost",
            "inf",
        ),
    ],
)  # fmt: skip
def test_declarations_that_do_not_fit_are_refused(groups, costs, code, said):
    with pytest.raises(ConfigError) as caught:
        managed(groups, costs, n=60)
    assert caught.value.error_code == code
    assert said in str(caught.value)
    assert caught.value.hint


def test_groups_are_of_questions_with_one_answer():
    made = given(["a", "b", "c"], [0.3, 0.5, 0.2], task="multilabel")
    with pytest.raises(ConfigError) as caught:
        run(*made, config=config({"x": ["a"], "y": ["b"]}, {}))
    assert caught.value.error_code == "groups-of-several"


@pytest.mark.parametrize(
    ("language", "heading", "cost"),
    [
        ("en", "Do the answers lead to the right management?", "cost of 1,000 reports"),
        ("pt-BR", "As respostas levam à conduta certa?", "custo de 1.000 laudos"),
    ],
)
def test_page_and_screen_show_one_table(language, heading, cost):
    translator = load(language)
    _, _, found = managed()
    page = scorecard(found, translator=translator, context={})
    part = page.split(heading)[1].split("<h2>")[0]
    assert part.count("<tr>") == 1 + 2 + 2 * len(GROUPS) + 2 + 1 + len(GROUPS)  # the table, and the counts
    figure = found.management.metric("cost_per_1000")
    assert cost in part
    assert translator.number(figure.value, 0) in part
    written = io.StringIO()
    Console(file=written, width=120).print(evaluation_table(found, translator))
    assert cost in written.getvalue()
    assert translator.number(figure.value, 0) in written.getvalue()
    assert "biópsia" in written.getvalue()
