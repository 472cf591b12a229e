"""Evaluate: the whole record, its sameness, and what it refuses."""

from __future__ import annotations

import json

import evaluations
import numpy as np
import pytest
from evaluations import given, run

from bert4text.core.errors import ConfigError, DataError, EmptyCorpusError
from bert4text.core.evaluation import Evaluation, System
from bert4text.evaluation.compare import leading
from bert4text.evaluation.config import EvaluateConfig


@pytest.fixture
def binary():
    return evaluations.binary()


@pytest.fixture
def ordinal():
    return evaluations.ordinal()


@pytest.fixture
def multilabel():
    return evaluations.multilabel()


def config(**values):
    return EvaluateConfig.parse({"resamples": 200, **values}, section="evaluate")


def test_contract_of_the_file(binary):
    document = json.loads(binary.model_dump_json())
    assert document["format"] == "evaluation/1"
    assert set(document["metrics"][0]) == {
        "system", "name", "label", "group", "value", "low", "high", "n", "interval",
    }  # fmt: skip
    assert Evaluation.model_validate(document) == binary
    names = {metric.name for metric in binary.metrics if metric.label is None}
    assert names >= {
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "mcc",
        "auroc",
        "brier",
        "ece",
        "sensitivity",
    }
    assert {metric.interval for metric in binary.metrics} <= {None, "bootstrap-patient", "wilson-patient"}


def test_each_interval_holds_its_figure(binary, ordinal, multilabel):
    for evaluation in (binary, ordinal, multilabel):
        for metric in evaluation.metrics:
            if metric.low is not None:
                assert metric.low - 1e-9 <= metric.value <= metric.high + 1e-9, metric


def test_same_seed_same_bytes_other_seed_other_intervals():
    made = given(["n", "y"], [0.5, 0.5])
    first, again = run(*made), run(*made)
    other = run(*made, seed=8)
    assert first.model_dump_json() == again.model_dump_json()
    assert first.metric("macro_f1").low != other.metric("macro_f1").low
    assert first.metric("macro_f1").value == other.metric("macro_f1").value


def test_a_system_more_changes_no_figure_of_the_others():
    space, labels, systems = given(["n", "y"], [0.5, 0.5])
    alone = run(space, labels, {"model": systems["model"]})
    beside = run(space, labels, systems)
    assert [m for m in beside.metrics if m.system == "model"] == list(alone.metrics)
    assert alone.comparisons == ()


def test_shuffled_labels_are_not_shown_better_than_the_modal_class():
    space, labels, systems = given(["n", "y"], [0.7, 0.3], n=200)
    shuffled = np.random.default_rng(4).permutation(len(labels))
    systems["model"] = systems["model"][shuffled]
    found = run(space, labels, systems).comparison("model", "majority", metric="accuracy")
    assert found.verdict in {"not-shown-better", "worse"}


def test_perfect_answers_say_so_and_have_no_invented_bounds():
    space, labels, systems = given(["n", "y"], [0.5, 0.5])
    systems["model"] = np.eye(2)[[space.index(one[0]) for one in labels]]
    found = run(space, labels, systems)
    assert found.metric("macro_f1").value == 1.0
    assert found.metric("macro_f1").low is None
    accuracy = found.metric("accuracy")
    assert accuracy.interval == "wilson-patient"
    assert 0.9 < accuracy.low < accuracy.high == 1.0
    assert "perfect" in {issue.code for issue in found.issues}
    assert found.comparison("model", "majority").verdict == "better"


def test_counts_of_one_label(binary):
    recall = binary.metric("recall", label="malignant")
    confusion = next(c for c in binary.confusion if c.system == "model")
    row = confusion.rows[confusion.labels.index("malignant")]
    assert recall.n == sum(row)
    assert recall.value == row[1] / sum(row)
    precision = binary.metric("precision", label="malignant")
    assert precision.n == confusion.rows[0][1] + row[1]
    assert binary.metric("sensitivity") == recall.model_copy(update={"name": "sensitivity", "label": None})


def test_comparisons(binary):
    pairs = {(c.a, c.b) for c in binary.comparisons}
    assert pairs == {("model", "tfidf"), ("model", "majority"), ("tfidf", "majority"), ("model", "tabular")}
    first = binary.comparisons[0]
    assert (first.a, first.b, first.metric) == ("model", "tfidf", "macro_f1")
    accuracy = binary.comparison("model", "tfidf", metric="accuracy")
    assert accuracy.only_a - accuracy.only_b == round(accuracy.difference * binary.reports)
    assert 0 <= accuracy.p_value <= 1
    assert first.p_value is None


def test_what_answers_new_reports_is_compared_with_all_others():
    space, labels, systems = given(["n", "y"], [0.5, 0.5])
    named = [System(name=name, delivered=name == "tfidf") for name in systems]
    found = run(space, labels, systems, systems=named)
    pairs = list(dict.fromkeys((c.a, c.b) for c in found.comparisons))
    assert pairs == [("tfidf", "model"), ("tfidf", "majority"), ("model", "majority")]
    usual = run(space, labels, systems).comparison("model", "tfidf")
    assert found.comparison("tfidf", "model").difference == -usual.difference
    assert leading(Evaluation.model_validate_json(found.model_dump_json()).systems) == "tfidf"


def test_thresholded_decisions_are_what_is_counted():
    space, labels, systems = given(["n", "y"], [0.8, 0.2])
    model = {"model": systems["model"]}
    plain = run(space, labels, model)
    eager = run(space, labels, model, decisions={"model": (systems["model"][:, 1] > 0.1).astype(np.int64)})
    assert eager.metric("sensitivity").value > plain.metric("sensitivity").value
    assert eager.metric("auroc") == plain.metric("auroc")


def test_unknown_patients_are_said(multilabel):
    assert multilabel.patients is None
    assert {m.interval for m in multilabel.metrics if m.interval} <= {"bootstrap-report", "wilson-report"}
    assert multilabel.confusion == ()
    assert {c.kind for c in multilabel.curves} == {"roc", "precision-recall"}


def test_few_patients_give_no_verdict():
    found = run(*given(["n", "y"], [0.5, 0.5], n=40))
    assert {c.verdict for c in found.comparisons} == {"too-few"}
    assert "too-few-patients" in {issue.code for issue in found.issues}
    enough = run(*given(["n", "y"], [0.5, 0.5], n=40), config=config(minimum_patients=20))
    assert "too-few" not in {c.verdict for c in enough.comparisons}


def test_a_single_report_is_measured_without_a_crash():
    found = run(*given(["n", "y"], [0.5, 0.5], n=1), patients=1)
    assert found.metric("auroc").value is None
    assert found.metric("accuracy").value in {0.0, 1.0}
    assert "undefined" in {issue.code for issue in found.issues}


def test_small_and_absent_labels_are_said(ordinal):
    codes = {issue.code: issue for issue in ordinal.issues}
    assert set(codes["class-small"].values["labels"]) <= {"BIRADS_5", "BIRADS_6"}
    space, labels, systems = given(["a", "b", "c"], [0.5, 0.49, 0.01], n=60, task="multiclass")
    if ["c"] in labels:
        labels = [["a"] if one == ["c"] else one for one in labels]
    found = run(space, labels, systems)
    assert "class-absent" in {issue.code for issue in found.issues}
    assert found.metric("recall", label="c").value is None


def test_only_the_metrics_asked_for():
    found = run(*given(["n", "y"], [0.5, 0.5]), config=config(metrics=["mcc"], compare_on=["auroc"]))
    assert {m.name for m in found.metrics} == {"mcc"}
    assert {c.metric for c in found.comparisons} == {"auroc"}


@pytest.mark.parametrize("names", [["f1"], ["quadratic_kappa"], ["sensitivity"]])
def test_a_verdict_on_no_figure_at_all_is_refused(names):
    made = given(["a", "b", "c"], [0.4, 0.3, 0.3], task="multiclass", n=60)
    with pytest.raises(ConfigError) as caught:
        run(*made, config=config(compare_on=names))
    assert caught.value.error_code == "nothing-to-compare"
    kept = run(*made, config=config(compare_on=[*names, "accuracy"]))
    assert {c.metric for c in kept.comparisons} == {"accuracy"}


def test_findings_of_tfidf_alone_are_said():
    space, labels, _ = given(["n", "y"], [0.5, 0.5])
    perfect = np.eye(2)[[space.index(one[0]) for one in labels]]
    found = run(space, labels, {"tfidf": perfect, "majority": np.full((len(labels), 2), 0.5)})
    assert "perfect" in {issue.code for issue in found.issues}


def test_systems_and_steps_are_kept(binary):
    made = given(["n", "y"], [0.5, 0.5])
    named = run(*made, systems=[System(name="model", digest="ab"), System(name="tfidf")])
    assert named.systems[0].digest == "ab"
    assert [s.name for s in binary.systems] == ["model", "tfidf", "majority", "tabular"]
    assert binary.steps[4]["validation_macro_f1"] == pytest.approx(5 / 30)
    assert "validation" not in binary.steps[0]


def test_progress_counts_the_resamples():
    told = []

    class Task:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def advance(self, n=1):
            told.append(n)

        def note(self, key, value):
            raise AssertionError

    class Progress:
        def task(self, label, total=None):
            assert total == 200
            return Task()

    run(*given(["n", "y"], [0.5, 0.5], n=20), progress=Progress())
    assert sum(told) == 200


def test_refusals():
    space, labels, systems = given(["n", "y"], [0.5, 0.5], n=20)
    with pytest.raises(EmptyCorpusError):
        run(space, [], {"model": np.zeros((0, 2))})
    with pytest.raises(DataError):
        run(space, labels, systems, groups=["p"], patients=1)
    with pytest.raises(DataError):
        run(space, labels, {})
    with pytest.raises(ConfigError) as caught:
        run(space, labels, systems, config=config(subgroups=["sex"]), attributes={"age": ["1"] * 20})
    assert caught.value.values["known"] == ["age"]


def test_subgroups():
    space, labels, systems = given(["n", "y"], [0.5, 0.5], n=200)
    sex = ["F" if i % 2 else "M" for i in range(150)] + [None] * 30 + ["X"] * 20
    found = run(
        space, labels, systems, config=config(subgroups=["sex"], minimum_subgroup=50), attributes={"sex": sex}
    )
    groups = {m.group for m in found.metrics}
    assert groups == {None, "sex=F", "sex=M"}
    women = next(m for m in found.metrics if (m.group, m.name, m.system) == ("sex=F", "accuracy", "model"))
    assert women.n == 75
    assert women.low < women.value < women.high
    assert all(m.system != "majority" for m in found.metrics if m.group)
