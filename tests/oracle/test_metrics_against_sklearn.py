"""Every metric against scikit-learn, over questions, weights and ties."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import sklearn.metrics as sk

from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import answers
from bert4text.evaluation.metrics import METRICS
from bert4text.evaluation.tally import prepare


def made(task, k, *, n=240, seed=0, rounded=False, shares=None):
    random = np.random.default_rng(seed)
    space = LabelSpace(task=task, names=tuple(f"c{i}" for i in range(k)))
    if task == "multilabel":
        truth = random.random((n, k)) < np.linspace(0.15, 0.6, k)
        probabilities = 1 / (1 + np.exp(-(random.normal(size=(n, k)) + 2.0 * truth - 1)))
    else:
        truth = np.eye(k, dtype=bool)[random.choice(k, p=shares, size=n)]
        logits = random.normal(size=(n, k)) + 1.4 * truth
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    if rounded:  # ties
        probabilities = np.round(probabilities, 1)
        if task != "multilabel":
            probabilities[:, -1] = 1 - probabilities[:, :-1].sum(axis=1)
            probabilities = np.clip(probabilities, 0, 1)
            probabilities /= probabilities.sum(axis=1, keepdims=True)
    return answers(truth, probabilities, label_space=space)


CASES = [
    ("binary", 2),
    ("multiclass", 3),
    ("ordinal", 5),
    ("multilabel", 4),
]


def expected_over_all(a, w):
    """scikit-learn's figures, by our names."""
    multilabel, binary = a.task == "multilabel", a.task == "binary"
    y = a.truth if multilabel else a.truth.argmax(1)
    d = a.decided if multilabel else a.decided.argmax(1)
    found = {
        "accuracy": sk.accuracy_score(y, d, sample_weight=w),
        "macro_f1": sk.f1_score(y, d, average="macro", sample_weight=w, zero_division=0),
        "weighted_f1": sk.f1_score(y, d, average="weighted", sample_weight=w, zero_division=0),
        "precision": sk.precision_score(y, d, average="macro", sample_weight=w, zero_division=0),
        "weighted_precision": sk.precision_score(y, d, average="weighted", sample_weight=w, zero_division=0),
        "recall": sk.recall_score(y, d, average="macro", sample_weight=w),
        "weighted_recall": sk.recall_score(y, d, average="weighted", sample_weight=w),
    }
    if multilabel:
        columns = range(a.labels)
        found["balanced_accuracy"] = np.mean(
            [sk.balanced_accuracy_score(y[:, c], d[:, c], sample_weight=w) for c in columns]
        )
        found["mcc"] = np.mean([sk.matthews_corrcoef(y[:, c], d[:, c], sample_weight=w) for c in columns])
        found["brier"] = np.mean(
            [sk.brier_score_loss(y[:, c], a.probabilities[:, c], sample_weight=w) for c in columns]
        )
        found["auroc"] = sk.roc_auc_score(y, a.probabilities, average="macro", sample_weight=w)
        found["average_precision"] = sk.average_precision_score(
            y, a.probabilities, average="macro", sample_weight=w
        )
        return found
    found["balanced_accuracy"] = sk.balanced_accuracy_score(y, d, sample_weight=w)
    found["mcc"] = sk.matthews_corrcoef(y, d, sample_weight=w)
    if binary:
        p = a.probabilities[:, 1]
        found["auroc"] = sk.roc_auc_score(y, p, sample_weight=w)
        found["average_precision"] = sk.average_precision_score(y, p, sample_weight=w)
        found["brier"] = sk.brier_score_loss(y, p, sample_weight=w)
        found["sensitivity"] = sk.recall_score(y, d, pos_label=1, sample_weight=w)
        found["specificity"] = sk.recall_score(y, d, pos_label=0, sample_weight=w)
    else:
        found["auroc"] = np.mean(
            [sk.roc_auc_score(a.truth[:, c], a.probabilities[:, c], sample_weight=w) for c in range(a.labels)]
        )
        found["average_precision"] = sk.average_precision_score(
            a.truth, a.probabilities, average="macro", sample_weight=w
        )
        found["brier"] = sk.brier_score_loss(y, a.probabilities, sample_weight=w)
    if a.task == "ordinal":
        found["quadratic_kappa"] = sk.cohen_kappa_score(y, d, weights="quadratic", sample_weight=w)
    return found


def test_kappa_is_that_of_reports_whose_truth_and_answer_are_grades():
    plain = made("ordinal", 5, seed=4, rounded=False)
    space = LabelSpace(task="ordinal", names=tuple("axbyc"), off_scale=("x", "y"))
    a = answers(plain.truth, plain.probabilities, label_space=space)
    weights = np.random.default_rng(3).integers(0, 4, size=(2, len(a))).astype(float)
    found = METRICS.get("quadratic_kappa").over_all(prepare(a).tally(weights))
    grades = {0: 0, 2: 1, 4: 2}
    true, given = a.truth.argmax(1), a.decided.argmax(1)
    on = np.isin(true, list(grades)) & np.isin(given, list(grades))
    assert 20 < on.sum() < len(a) - 20
    for row, w in enumerate(weights):
        y, d = ([grades[label] for label in labels[on]] for labels in (true, given))
        wanted = sk.cohen_kappa_score(y, d, weights="quadratic", sample_weight=w[on])
        assert found[row] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("task", "k"), CASES)
@pytest.mark.parametrize("rounded", [False, True])
def test_over_all(task, k, rounded):
    a = made(task, k, seed=k, rounded=rounded)
    random = np.random.default_rng(9)
    weights = np.vstack([np.ones(len(a)), random.integers(0, 4, size=(3, len(a)))]).astype(float)
    tally = prepare(a).tally(weights)
    for row, w in enumerate(weights):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = expected_over_all(a, w)
        for name, value in wanted.items():
            got = METRICS.get(name).over_all(tally)[row]
            assert got == pytest.approx(value, abs=1e-9), (name, row)
    covered = {m for m in METRICS if METRICS.get(m).suits(task, over_all=True)} - {"ece"}
    assert covered == set(wanted)


@pytest.mark.parametrize(("task", "k"), CASES)
def test_by_class(task, k):
    a = made(task, k, seed=10 + k, rounded=True)
    w = np.random.default_rng(2).integers(0, 3, size=len(a)).astype(float)
    tally = prepare(a).tally(w[None])
    for c in range(k):
        t, d, p = a.truth[:, c], a.decided[:, c], a.probabilities[:, c]
        wanted = {
            "f1": sk.f1_score(t, d, sample_weight=w),
            "precision": sk.precision_score(t, d, sample_weight=w),
            "recall": sk.recall_score(t, d, sample_weight=w),
            "sensitivity": sk.recall_score(t, d, sample_weight=w),
            "specificity": sk.recall_score(~t, ~d, sample_weight=w),
            "auroc": sk.roc_auc_score(t, p, sample_weight=w),
            "average_precision": sk.average_precision_score(t, p, sample_weight=w),
            "brier": sk.brier_score_loss(t, p, sample_weight=w),
        }
        for name, value in wanted.items():
            assert METRICS.get(name).by_class(tally)[0, c] == pytest.approx(value, abs=1e-9), (name, c)
    assert {m for m in METRICS if METRICS.get(m).suits(task, over_all=False)} - {"ece"} == set(wanted)


def test_ece_against_calibration_curve():
    from sklearn.calibration import calibration_curve

    a = made("binary", 2, n=500, seed=4)
    t, p = a.truth[:, 1].astype(int), a.probabilities[:, 1]
    observed, mean = calibration_curve(t, p, n_bins=10, strategy="uniform")
    place = np.searchsorted(np.linspace(0, 1, 11)[1:-1], p)
    counts = np.bincount(place, minlength=10)
    wanted = np.sum(counts[counts > 0] * np.abs(observed - mean)) / len(p)
    tally = prepare(a).tally()
    assert METRICS.get("ece").over_all(tally)[0] == pytest.approx(wanted, abs=1e-12)
    assert METRICS.get("ece").by_class(tally)[0, 1] == pytest.approx(wanted, abs=1e-12)


def test_ece_of_several_labels_is_that_of_the_most_probable_one():
    a = made("multiclass", 4, n=300, seed=5)
    p, right = a.probabilities.max(1), a.probabilities.argmax(1) == a.truth.argmax(1)
    place = np.ceil(p * 10).astype(int)  # bins (m/10, (m+1)/10]
    wanted = sum(abs(right[place == m].sum() - p[place == m].sum()) for m in range(11)) / len(p)
    assert METRICS.get("ece").over_all(prepare(a).tally())[0] == pytest.approx(wanted, abs=1e-12)


def test_labels_that_do_not_occur_are_left_out_of_means():
    a = made("multiclass", 3, seed=6, shares=[0.6, 0.4, 0.0])
    assert a.decided[:, 2].any()
    y, d = a.truth.argmax(1), a.decided.argmax(1)
    tally = prepare(a).tally()
    wanted = sk.f1_score(y, d, labels=[0, 1], average="macro", zero_division=0)
    assert METRICS.get("macro_f1").over_all(tally)[0] == pytest.approx(wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        balanced = sk.balanced_accuracy_score(y, d)
    assert METRICS.get("balanced_accuracy").over_all(tally)[0] == pytest.approx(balanced)
    assert np.isnan(METRICS.get("recall").by_class(tally)[0, 2])
    assert np.isnan(METRICS.get("auroc").by_class(tally)[0, 2])


@pytest.mark.parametrize("kind", ["roc", "precision-recall"])
def test_curves_have_the_area_that_is_stated(kind):
    from bert4text.evaluation.ranking import precision_recall_points, ranking, roc_points

    a = made("binary", 2, n=150, seed=8, rounded=True)
    t, p = a.truth[:, 1], a.probabilities[:, 1]
    ranked = ranking(p, t)
    if kind == "roc":
        x, y = roc_points(ranked)
        assert np.trapezoid(y, x) == pytest.approx(sk.roc_auc_score(t, p))
        rate, sensitivity, _ = sk.roc_curve(t, p, drop_intermediate=False)
        assert np.interp(rate, x, y)[-1] == 1
        assert set(zip(x.round(9), y.round(9), strict=True)) <= set(
            zip(rate.round(9), sensitivity.round(9), strict=True)
        )
    else:
        x, y = precision_recall_points(ranked)
        precision, recall, _ = sk.precision_recall_curve(t, p)
        pairs = set(zip(recall.round(9), precision.round(9), strict=True))
        assert set(zip(x[1:].round(9), y[1:].round(9), strict=True)) <= pairs
        assert (x[0], x[-1]) == (0.0, 1.0)
