from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from bert4text.core.evaluation import Membership
from bert4text.core.messages import load
from bert4text.evaluation.attacked import attack_said, attack_table, budget_said
from bert4text.evaluation.membership import about_members, attack_figures, report_losses, told_by


def figures(score, members, **more):
    groups = [f"g{i // 2}" for i in range(len(score))]
    given = {"groups": groups, "patients": True, "count": 300, "seed": 7, **more}
    found = attack_figures({"loss": np.asarray(score)}, np.asarray(members), **given)
    return {one.name: one for one in found}


def half(n=400):
    return np.arange(n) < n // 2


def test_areas_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    members = random.random(300) < 0.4
    score = np.round(random.normal(size=300) + members, 1)
    found = figures(score, members)
    assert found["attack_auc"].value == pytest.approx(roc_auc_score(members, score))
    false, true, _ = roc_curve(members, score, drop_intermediate=False)
    assert found["attack_tpr"].value == pytest.approx(true[false <= 0.01].max())
    assert found["attack_auc"].low < found["attack_auc"].value < found["attack_auc"].high
    assert found["attack_auc"].interval == "bootstrap-patient"


def test_a_model_that_knows_its_reports_is_found() -> None:
    members = half()
    score = np.where(members, -0.01, -2.0) + 0.3 * np.random.default_rng(2).normal(size=400)
    found = figures(score, members)
    assert found["attack_auc"].low > 0.95
    assert found["attack_tpr"].low > 0.8
    assert [issue.code for issue in about_members(list(found.values()), others=200)] == ["members-told"]


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_members_cannot_be_told(seed: int) -> None:
    random = np.random.default_rng(seed)
    members = random.permutation(half(1000))
    score = np.where(half(1000), -0.01, -2.0) + random.normal(size=1000)
    found = figures(score, members)
    assert abs(found["attack_auc"].value - 0.5) < 0.06
    assert found["attack_auc"].low < 0.5
    assert found["attack_tpr"].value < 0.05
    assert about_members(list(found.values()), others=500) == []


def test_intervals_hold_one_half_where_nothing_is_told() -> None:
    random = np.random.default_rng(11)
    held = 0
    for _ in range(60):
        found = figures(random.normal(size=200), half(200), count=200)
        held += found["attack_auc"].low <= 0.5 <= found["attack_auc"].high
    assert held >= 50


def test_few_others_are_told_of() -> None:
    found = list(figures(np.random.default_rng(0).normal(size=100), half(100)).values())
    assert "few-others" in {issue.code for issue in about_members(found, others=50)}


def test_sides_that_differ_by_themselves_are_told_of() -> None:
    members = half()
    score = np.random.default_rng(4).normal(size=400) + members
    found = attack_figures(
        {"control": score}, members, groups=[str(i) for i in range(400)], patients=False, count=200, seed=7
    )
    assert told_by(found) == []
    assert [issue.code for issue in about_members(found, others=200)] == ["sides-differ"]


def test_losses_of_one_label_and_of_several() -> None:
    said = np.array([[0.9, 0.1], [0.2, 0.8]])
    truth = np.eye(2, dtype=bool)
    np.testing.assert_allclose(report_losses(said, truth, many=False), [-np.log(0.9), -np.log(0.8)])
    np.testing.assert_allclose(
        report_losses(said, truth, many=True), [-np.log(0.9), -(np.log(0.8) + np.log(0.8)) / 2]
    )
    assert np.isfinite(report_losses(np.array([[1.0, 0.0]]), np.array([[False, True]]), many=False)).all()


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_it_is_told_in_words(language: str) -> None:
    members = half()
    metrics = attack_figures(
        {"loss": members * 1.0, "calibrated": members * 1.0},
        members,
        groups=[str(i) for i in range(400)],
        patients=False,
        count=200,
        seed=7,
    )
    known = Membership(
        members=200, others=200, references=4, metrics=metrics, epsilon=1.0, delta=1e-5, most_named=0.03
    )
    translator = load(language)
    said = attack_said(known, translator=translator)
    assert said.verdict
    assert "200" in said.figures
    assert len(attack_table(known, translator=translator)["rows"]) == 2
    assert ("3 %" in budget_said(known, translator=translator)) or (
        "3%" in budget_said(known, translator=translator)
    )
    assert budget_said(known.model_copy(update={"epsilon": None}), translator=translator) is None
