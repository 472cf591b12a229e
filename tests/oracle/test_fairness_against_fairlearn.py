"""Fairness against fairlearn: figures of groups, and the largest difference between two."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from bert4text.core.labels import LabelSpace
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.evaluate import evaluate

metrics = pytest.importorskip("fairlearn.metrics")

RATES = {
    "true_positive_rate": metrics.true_positive_rate,
    "false_positive_rate": metrics.false_positive_rate,
    "selection_rate": metrics.selection_rate,
}


def case(seed, *, n=900, k=3):
    random = np.random.default_rng(seed)
    truth, decided = random.integers(0, k, n), random.integers(0, k, n)
    decided = np.where(random.random(n) < 0.6, truth, decided)
    sex, age = random.choice(["F", "M"], n), random.choice(["young", "old", "oldest"], n)
    probabilities = np.full((n, k), 0.1 / (k - 1))
    probabilities[np.arange(n), decided] = 0.9
    space = LabelSpace(task="multiclass", names=tuple("abcdef"[:k]))
    contract = {
        "attributes": ["sex", "age"],
        "criterion": ["equalized_odds", "demographic_parity", "accuracy_parity"],
        "minimum_n": 10,
    }
    found = evaluate(
        [[space.names[place]] for place in truth],
        {"model": probabilities},
        label_space=space,
        groups=[f"p{i}" for i in range(n)],
        patients=n,
        attributes={"sex": list(sex), "age": list(age)},
        config=EvaluateConfig.parse({"resamples": 100, "fairness": contract}, section="evaluate"),
    ).fairness
    features = {
        "sex": sex,
        "age": age,
        "sex × age": np.array([f"{a} × {b}" for a, b in zip(sex, age, strict=True)]),
    }
    return found, truth, decided, features


@pytest.mark.parametrize("seed", range(8))
def test_figures_of_groups_and_the_largest_differences_are_those_of_fairlearn(seed):
    found, truth, decided, features = case(seed)
    for attribute, column in features.items():
        frame = metrics.MetricFrame(
            metrics=accuracy_score, y_true=truth, y_pred=decided, sensitive_features=column
        )
        assert found.gap("accuracy", attribute=attribute).value == pytest.approx(frame.difference())
        for place, name in enumerate("abc"):
            frame = metrics.MetricFrame(
                metrics=RATES, y_true=truth == place, y_pred=decided == place, sensitive_features=column
            )
            apart = frame.difference(method="between_groups")
            for rate in RATES:
                for group, value in frame.by_group[rate].items():
                    figure = found.figure(rate, attribute=attribute, group=group, label=name)
                    assert figure.value == pytest.approx(value)
                gap = found.gap(rate, attribute=attribute, label=name)
                largest = apart[rate]
                if gap.at_least == 0:  # else the pair that surely differs most is shown
                    assert gap.value == pytest.approx(largest)
                assert gap.value <= largest + 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_two_labels_give_the_measures_that_fairlearn_names(seed):
    random = np.random.default_rng(seed)
    n = 600
    truth, sex = random.integers(0, 2, n), random.choice(["F", "M"], n)
    decided = np.where(random.random(n) < np.where(sex == "F", 0.9, 0.7), truth, 1 - truth)
    probabilities = np.stack([1 - decided * 0.8 - 0.1, decided * 0.8 + 0.1], axis=1)

    def gaps(*criteria):
        contract = {"attributes": ["sex"], "criterion": list(criteria), "minimum_n": 10}
        found = evaluate(
            [[("no", "yes")[place]] for place in truth],
            {"model": probabilities},
            label_space=LabelSpace(task="binary", names=("no", "yes")),
            groups=[f"p{i}" for i in range(n)],
            attributes={"sex": list(sex)},
            config=EvaluateConfig.parse({"resamples": 100, "fairness": contract}, section="evaluate"),
        ).fairness
        return [gap.value for gap in found.gaps]

    both = {"y_true": truth, "y_pred": decided, "sensitive_features": sex}
    assert max(gaps("equalized_odds")) == pytest.approx(metrics.equalized_odds_difference(**both))
    assert gaps("equal_opportunity") == pytest.approx([metrics.equal_opportunity_difference(**both)])
    assert gaps("demographic_parity") == pytest.approx([metrics.demographic_parity_difference(**both)])
