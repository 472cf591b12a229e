"""An operating point holds for reports of new patients as often as it says, or is refused before learning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import binom

from bert4text.core.errors import ConfigError, DataError
from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.training.calibration_config import CalibrationConfig, PointConfig
from bert4text.training.config import TrainConfig
from bert4text.training.parts import Part
from bert4text.training.point import answered, check_point, fewest, fit_point, lower_bound, upper_bound

TWO = LabelSpace(task="binary", names=("benigno", "maligno"))
THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
MANY = LabelSpace(task="multilabel", names=("a", "b"))


def point(**given_):
    return PointConfig.parse(given_, section="train.calibration.point")


def part(truth, *, groups=None, many=False):
    names = groups or [str(place) for place in range(len(truth))]
    return Part([""] * len(truth), names, np.asarray(truth, dtype=np.bool_), many)


@given(n=st.integers(1, 200), data=st.data())
def test_bounds_are_those_of_clopper_and_pearson(n, data):
    found = data.draw(st.integers(0, n))
    low, high = lower_bound(found, n, confidence=0.95), upper_bound(found, n, confidence=0.95)
    assert 0 <= low <= found / n <= high <= 1
    if found:
        assert binom.sf(found - 1, n, low) == pytest.approx(0.05, abs=1e-6)
    if found < n:
        assert binom.cdf(found, n, high) == pytest.approx(0.05, abs=1e-6)


def test_how_many_patients_are_needed():
    assert fewest(0.95, 0.95) == 59
    assert lower_bound(59, 59, confidence=0.95) >= 0.95 > lower_bound(58, 58, confidence=0.95)
    assert fewest(0.9, 0.95) == 29


def unproven(found):
    return [name for name, one in found.sensitivity.items() if one["proven"] < one["wanted"]]


def world(random, n, *, labels=2, rare=0.3):
    share = np.array([1 - rare, *[rare / (labels - 1)] * (labels - 1)])
    truth = np.eye(labels, dtype=np.bool_)[random.choice(labels, n, p=share)]
    return softmax(1.5 * truth + random.normal(0, 1, (n, labels)), axis=1), truth


@pytest.mark.parametrize(("space", "label"), [(TWO, "maligno"), (THREE, "c")])
def test_what_is_promised_is_found_of_new_patients_as_often_as_promised(space, label):
    random, labels, kept = np.random.default_rng(1), len(space), []
    where = space.index(label)
    for _ in range(120):
        said, truth = world(random, 400, labels=labels, rare=0.4)
        asked = point(sensitivity={label: 0.8}, confidence=0.9)
        names = [str(place) for place in range(400)]
        found = fit_point(Calibrator(), said, truth, groups=names, point=asked, label_space=space)
        assert not unproven(found)
        assert found.sensitivity[label]["proven"] >= 0.8
        fresh, true = world(random, 4000, labels=labels, rare=0.4)
        held = true[:, where]
        kept.append(answered(found.calibrator, fresh)[held, where].mean() >= 0.8)
    assert np.mean(kept) >= 0.85  # 0.9 but for chance


def test_a_threshold_that_is_low_enough_is_left_alone():
    said, truth = np.array([[0.1, 0.9]] * 60), np.array([[False, True]] * 60)
    asked = point(sensitivity={"maligno": 0.9})
    names = [str(place) for place in range(60)]
    plain = Calibrator(thresholds=(0.5, 0.5))
    found = fit_point(plain, said, truth, groups=names, point=asked, label_space=TWO)
    assert found.calibrator.thresholds == (0.5, 0.5)


def test_each_of_several_labels_has_its_own_threshold():
    random = np.random.default_rng(2)
    truth = random.random((300, 2)) < 0.5
    said = np.clip(0.3 + 0.4 * truth + random.normal(0, 0.2, (300, 2)), 0.01, 0.99)
    asked = point(sensitivity={"b": 0.95})
    names = [str(place) for place in range(300)]
    found = fit_point(Calibrator(link="sigmoid"), said, truth, groups=names, point=asked, label_space=MANY)
    assert found.calibrator.thresholds[0] == 0.5
    assert found.calibrator.thresholds[1] < 0.5
    hit = answered(found.calibrator, said)[truth[:, 1], 1]
    assert lower_bound(int(hit.sum()), len(hit), confidence=0.95) >= 0.95


def test_labels_that_take_from_each_other_are_not_called_proven():
    truth = np.eye(3, dtype=np.bool_)[[1, 2] * 40]
    said = np.full((80, 3), 1 / 3)  # nothing tells b from c
    asked = point(sensitivity={"b": 0.9, "c": 0.9}, confidence=0.9)
    names = [str(place) for place in range(80)]
    found = fit_point(Calibrator(), said, truth, groups=names, point=asked, label_space=THREE)
    assert unproven(found)
    assert found.told["sensitivity"][unproven(found)[0]]["proven"] < 0.9


def test_a_patient_is_found_only_with_all_reports():
    said = np.array([[0.1, 0.9], [0.9, 0.1]] * 40)
    truth, groups = np.array([[False, True]] * 80), [f"p{place // 2}" for place in range(80)]
    asked = point(sensitivity={"maligno": 0.9})
    found = fit_point(Calibrator(), said, truth, groups=groups, point=asked, label_space=TWO)
    assert found.sensitivity["maligno"]["patients"] == 40
    assert answered(found.calibrator, said)[:, 1].all()


def test_the_answer_is_the_one_that_is_expected_to_cost_least():
    asked = point(costs={"benigno": {"maligno": 9}})
    said, truth = np.array([[0.95, 0.05], [0.89, 0.11], [0.3, 0.7]]), np.eye(2, dtype=np.bool_)[[0, 0, 1]]
    found = fit_point(Calibrator(), said, truth, groups=["a", "b", "c"], point=asked, label_space=TWO)
    assert found.calibrator.costs == ((0.0, 9.0), (1.0, 0.0))
    assert found.calibrator.decide(said).tolist() == [0, 1, 1]


def test_no_more_of_the_answers_are_wrong_than_was_allowed():
    random, kept, shares = np.random.default_rng(3), [], []
    for _ in range(100):
        said, truth = world(random, 600)
        names = [str(place) for place in range(600)]
        found = fit_point(
            Calibrator(), said, truth, groups=names, point=point(risk=0.15, confidence=0.9), label_space=TWO
        )
        fresh, true = world(random, 6000)
        sure, chosen = fresh.max(axis=1), fresh.argmax(axis=1)
        given_ = sure >= found.calibrator.least
        shares.append(given_.mean())
        wrong = ~true[np.arange(6000), chosen]
        kept.append(not given_.any() or wrong[given_].mean() <= 0.15)
    assert np.mean(kept) >= 0.9
    assert np.mean(shares) > 0.3  # and not by answering nothing


def test_where_no_answer_is_sure_enough_none_is_given():
    said, truth = np.full((50, 2), 0.5), np.eye(2, dtype=np.bool_)[[0, 1] * 25]
    names = [str(place) for place in range(50)]
    found = fit_point(Calibrator(), said, truth, groups=names, point=point(risk=0.05), label_space=TWO)
    assert found.calibrator.least > 1
    assert found.risk["answered"] == 0


@pytest.mark.parametrize(
    ("space", "given_", "code"),
    [
        (TWO, {"sensitivity": {"malign": 0.9}}, "unknown-label"),
        (TWO, {"costs": {"benigno": {"x": 2}}}, "unknown-label"),
        (MANY, {"risk": 0.1}, "one-answer-only"),
        (MANY, {"costs": {"a": {"b": 2}}}, "one-answer-only"),
    ],
)
def test_a_point_that_does_not_suit_the_question_is_refused(space, given_, code):
    with pytest.raises(ConfigError) as caught:
        check_point(point(**given_), space, part(np.eye(2)[[0, 1] * 50], many=space is MANY))
    assert caught.value.error_code == code


def test_too_few_patients_are_told_before_anything_learns():
    held = part(np.eye(2)[[0, 1] * 58])
    with pytest.raises(DataError) as caught:
        check_point(point(sensitivity={"maligno": 0.95}), TWO, held)
    assert caught.value.error_code == "too-few-to-promise"
    assert "59" in str(caught.value)
    check_point(point(sensitivity={"maligno": 0.95}), TWO, part(np.eye(2)[[0, 1] * 59]))
    once = part(np.eye(2)[[0, 1] * 59], groups=["p"] * 118)
    with pytest.raises(DataError):
        check_point(point(sensitivity={"maligno": 0.95}), TWO, once)
    with pytest.raises(DataError):
        check_point(point(risk=0.1), TWO, None)


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(ConfigError):
        point(sensitivity={"a": 0.9}, costs={"a": {"b": 2}})
    with pytest.raises(ConfigError):  # what is withheld is not found
        point(sensitivity={"a": 0.9}, risk=0.1)
    for cost in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ConfigError):
            point(costs={"a": {"b": cost}})
    with pytest.raises(ConfigError):
        point(costs={"a": {"a": 1.0}})
    with pytest.raises(ConfigError):
        CalibrationConfig.parse({"levels": []}, section="train.calibration")
    with pytest.raises(ConfigError):
        CalibrationConfig.parse({"temperature": False, "point": {"risk": 0.1}}, section="train.calibration")


def test_tuning_leaves_calibration_reports_unread_whatever_point_is_asked_for(monkeypatch, tmp_path):
    from bert4text.training import tune
    from bert4text.training.tune_config import TuneConfig

    class Read(Exception):
        pass

    def read(corpus, config, *, copier):
        assert not config.calibration.temperature
        raise Read

    monkeypatch.setattr(tune, "read_parts", read)
    config = TrainConfig.parse({"calibration": {"point": {"risk": 0.1}}}, section="train")
    settings = TuneConfig.parse({}, section="tune")
    with pytest.raises(Read):
        tune._study(None, config, settings, seed=1, work=tmp_path, copier=None, progress=None)


def test_each_probability_that_is_tried_takes_its_part_of_the_doubt():
    said, truth = np.array([[0.1, 0.9]] * 200), np.array([[False, True]] * 200)
    names = [str(place) for place in range(200)]
    found = fit_point(Calibrator(), said, truth, groups=names, point=point(risk=0.05), label_space=TWO)
    assert found.risk["proven"] == pytest.approx(upper_bound(0, 200, confidence=1 - 0.05 / 20))


@pytest.mark.parametrize("turned", [False, True])
def test_the_worst_report_of_a_patient_counts_wherever_it_stands(turned):
    pair = [[0.1, 0.9], [0.9, 0.1]]
    said = np.array((pair[::-1] if turned else pair) * 40)
    truth, groups = np.array([[False, True]] * 80), [f"p{place // 2}" for place in range(80)]
    found = fit_point(
        Calibrator(), said, truth, groups=groups, point=point(sensitivity={"maligno": 0.9}), label_space=TWO
    )
    assert answered(found.calibrator, said)[:, 1].all()
