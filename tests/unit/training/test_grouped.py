"""Thresholds by group: proven in each group, the common ones where there are too few, accepted or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.models.calibration import Calibrator
from bert4text.training.calibration_config import GroupsConfig, PointConfig
from bert4text.training.grouped import check_accepted, fit_groups, grouped
from bert4text.training.parts import Part
from bert4text.training.point import Proven, answered, fewest, fit_point, lower_bound

TWO = LabelSpace(task="binary", names=("benigno", "maligno"))
THREE = LabelSpace(task="ordinal", names=("a", "b", "c"))
MANY = LabelSpace(task="multilabel", names=("a", "b"))
ACCEPTED = {"accept": ["group-thresholds"], "by": "Ana Lima", "ground": "opinion 7/2026"}


def point(**given_):
    return PointConfig.parse(given_, section="calibrate.point")


def groups(**given_):
    return GroupsConfig.parse(
        {"attribute": "sex", "minimum_n": 10, **ACCEPTED, **given_}, section="calibrate.groups"
    )


def fitted(said, truth, sex, *, space=TWO, asked=None, config=None, patients=None) -> Proven:
    """The operating point of reports whose probabilities are given."""
    asked, config = asked or point(sensitivity={space.names[-1]: 0.8}), config or groups()
    names = patients or [f"p{place}" for place in range(len(truth))]
    reports = [
        Report(id=str(place), text="x", attributes={} if one is None else {config.attribute: one})
        for place, one in enumerate(sex)
    ]
    part = Part(["x"] * len(truth), names, np.asarray(truth, dtype=np.bool_), space.task == "multilabel")
    before = Calibrator.untouched(space)
    common = fit_point(before, said, part.truth, groups=names, point=asked, label_space=space)
    found = grouped(Corpus.from_reports(reports, None), part, config, point=asked, space=space)
    return fit_groups(before, common, said, part, found, config=config, point=asked, label_space=space)


def world(random, n, *, quiet=0.0):
    """Two sexes, alike but for how loudly a malignant report of F says so."""
    sex = random.choice(["F", "M"], n)
    malign = random.random(n) < 0.5
    score = 1.5 * malign - quiet * (malign & (sex == "F")) + random.normal(0, 1, n)
    likely = 1 / (1 + np.exp(-(score - 0.75)))
    return np.stack([1 - likely, likely], axis=1), np.stack([~malign, malign], axis=1), sex.tolist()


def test_what_is_asked_for_is_found_in_each_group_of_new_patients():
    random, kept, common = np.random.default_rng(1), [], []
    for _ in range(100):
        said, truth, sex = world(random, 800, quiet=1.0)
        found = fitted(said, truth, sex, asked=point(sensitivity={"maligno": 0.8}, confidence=0.9)).calibrator
        for group, loud in (("F", 0.5), ("M", 1.5)):  # where a malignant report's score lies, give or take 1
            kept.append(norm.sf(np.log(_ratio(found.of_group(group))) + 0.75 - loud) >= 0.8)
        common.append(norm.sf(np.log(_ratio(found)) + 0.75 - 0.5) >= 0.8)
    assert np.mean(kept) >= 0.86  # 0.9 but for chance
    assert np.mean(common) < 0.1  # the common threshold keeps it of all together, and not of women


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_where_groups_are_alike_their_thresholds_agree_within_what_the_reports_can_tell(seed):
    random = np.random.default_rng(seed)
    said, truth, sex = world(random, 1200)
    found = fitted(said, truth, sex).calibrator
    score = said[:, 1] / said[:, 0]  # a label is given from the ratio of both thresholds on
    malign = np.sort(score[truth[:, 1]])
    cut = {name: row[1] / row[0] for name, row in found.groups.thresholds.items()}
    found_at = {name: (malign >= one).mean() for name, one in {**cut, "all": _ratio(found)}.items()}
    n = min(sum(one == name for one in sex) for name in cut) / 2
    error = 4.5 * np.sqrt(0.8 * 0.2 / n)
    assert max(found_at.values()) - min(found_at.values()) < error


def _ratio(calibrator):
    return calibrator.thresholds[1] / calibrator.thresholds[0]


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_the_order_and_the_names_of_patients_change_nothing(seed):
    random = np.random.default_rng(seed)
    said, truth, sex = world(random, 300, quiet=0.5)
    names = [f"p{one}" for one in random.integers(0, 150, 300)]
    before = fitted(said, truth, sex, patients=names)
    order = random.permutation(300)
    renamed = {name: f"q{place}" for place, name in enumerate(sorted(set(names), reverse=True))}
    after = fitted(
        said[order],
        truth[order],
        [sex[place] for place in order],
        patients=[renamed[names[place]] for place in order],
    )
    assert after.calibrator == before.calibrator
    assert after.told == before.told


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), value=st.sampled_from([None, "", " ", "X", "f", "feminino"]))
def test_an_unknown_group_is_answered_as_before(seed, value):
    random = np.random.default_rng(seed)
    said, truth, sex = world(random, 300, quiet=0.5)
    found = fitted(said, truth, sex).calibrator
    attributes = [{} if value is None else {"sex": value}] * 300
    plain = fit_point(
        Calibrator(),
        said,
        truth,
        groups=[f"p{place}" for place in range(300)],
        point=point(sensitivity={"maligno": 0.8}),
        label_space=TWO,
    ).calibrator
    assert found.thresholds == plain.thresholds
    assert (found.decide(said, found.groups_of(attributes)) == plain.decide(said)).all()


def test_a_threshold_of_a_group_never_rises_above_the_one_without_a_point():
    said, truth, sex = world(np.random.default_rng(4), 600, quiet=1.0)
    found = fitted(said, truth, sex).calibrator
    for row in found.groups.thresholds.values():
        assert row[0] == 1.0
        assert row[1] <= 1.0


def test_a_group_of_too_few_keeps_the_common_threshold_and_is_not_named():
    said, truth, sex = world(np.random.default_rng(5), 600, quiet=1.0)
    sex = ["X" if place < 12 else one for place, one in enumerate(sex)]
    sex[20] = None
    found = fitted(said, truth, sex)
    assert set(found.calibrator.groups.thresholds) == {"F", "M"}
    told = found.told["groups"]
    assert (told["small"], told["unknown"]) == (1, 1)
    assert "X" not in str(told)
    assert told["accepted"] == {"by": "Ana Lima", "ground": "opinion 7/2026"}
    assert (
        told["sensitivity"]["F"]["maligno"]["found"] > told["sensitivity"]["F"]["maligno"]["found_by_common"]
    )


def test_a_label_of_which_a_group_has_too_few_keeps_the_common_threshold_in_it():
    random = np.random.default_rng(6)
    n = 900
    truth = random.random((n, 2)) < 0.4
    sex = np.where(random.random(n) < 0.5, "F", "M")
    truth[(sex == "F") & (np.cumsum(truth[:, 0] & (sex == "F")) > 12), 0] = False
    said = np.clip(0.2 + 0.4 * truth + random.normal(0, 0.2, (n, 2)), 0.01, 0.99)
    asked = point(sensitivity={"a": 0.8, "b": 0.9})
    found = fitted(said, truth, sex.tolist(), space=MANY, asked=asked).calibrator
    women, men = (found.groups.thresholds[name] for name in ("F", "M"))
    assert women[0] == found.thresholds[0] != men[0]
    assert women[1] != found.thresholds[1]
    for name in ("F", "M"):
        own = found.of_group(name)
        rows = sex == name
        hit = answered(own, said[rows])[truth[rows, 1], 1]
        assert lower_bound(int(hit.sum()), len(hit), confidence=0.95) >= 0.9


def test_grades_and_bands():
    random = np.random.default_rng(7)
    n = 900
    labels = random.integers(0, 3, n)
    age = random.integers(1, 90, n)
    score = np.eye(3)[labels] * (1.5 - 0.8 * (age >= 60))[:, None] + random.normal(0, 1, (n, 3))
    said = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
    config = groups(attribute="age", bands=[60])
    found = fitted(said, np.eye(3)[labels] > 0, [str(one) for one in age], space=THREE, config=config)
    assert set(found.calibrator.groups.thresholds) == {"<60", "≥60"}
    assert found.calibrator.groups.group({"age": "59,5"}) == "<60"
    assert found.calibrator.groups.group({"age": "unknown"}) is None


def test_what_nobody_accepted_is_refused():
    asked = point(sensitivity={"maligno": 0.8})
    check_accepted(groups(), asked)
    check_accepted(GroupsConfig.parse({}, section="calibrate.groups"), asked)
    check_accepted(
        groups(attribute="", accept=[]), asked
    )  # as `--set calibrate.groups.attribute=` takes it out
    for lacking in ({"accept": []}, {"by": None}, {"ground": " "}, {"ground": "..."}):
        with pytest.raises(ConfigError, match="hang on sex") as caught:
            check_accepted(groups(**lacking), asked)
        assert caught.value.error_code == "group-thresholds"
    with pytest.raises(ConfigError) as caught:
        check_accepted(groups(), point(risk=0.1))
    assert caught.value.error_code == "groups-without-sensitivity"
    for wrong in (
        {"bands": [60, 40]},
        {"attribute": None, "bands": [40]},
        {"minimum_n": 3},
        {"accept": ["x"]},
    ):
        with pytest.raises(ConfigError):
            groups(**wrong)


def test_what_cannot_be_proven_is_refused():
    said, truth, sex = world(np.random.default_rng(8), 200)
    with pytest.raises(ConfigError) as caught:
        fitted(said, truth, [None] * 200)
    assert caught.value.error_code == "unknown-attribute"
    with pytest.raises(DataError) as caught:
        fitted(said, truth, sex, config=groups(minimum_n=150))
    assert caught.value.error_code == "groups-too-small"
    needed = fewest(0.98, 0.95)
    with pytest.raises(DataError, match=str(needed)):
        fitted(said, truth, sex, asked=point(sensitivity={"maligno": 0.98}))
