"""Thresholds by group as they are kept and applied."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.models.backends import Output
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.group_points import GroupPoints, group_of
from bert4text.models.linear_backend import LinearBackend

POINTS = GroupPoints(attribute="sex", thresholds={"F": (0.7, 0.3), "M": (0.4, 0.6)})
SAID = np.array([[0.6, 0.4]] * 3)


def test_each_report_is_answered_by_the_thresholds_of_its_group():
    one = Calibrator(thresholds=(0.5, 0.5), groups=POINTS)
    groups = one.groups_of([{"sex": "F"}, {"sex": "M"}, {}])
    assert groups == ["F", "M", None]
    assert one.decide(SAID, groups).tolist() == [1, 0, 0]
    assert one.decide(SAID).tolist() == [0, 0, 0]
    assert [one.of_group(group).decide(SAID[:1])[0] for group in groups] == [1, 0, 0]
    assert one.of_group("F").groups is None
    several = Calibrator(thresholds=(0.5, 0.5), groups=POINTS, link="sigmoid")
    assert several.holds(SAID, groups).tolist() == [[False, True], [True, False], [True, False]]
    plain = Calibrator(thresholds=(0.5, 0.5))
    assert plain.groups_of([{"sex": "F"}]) is None
    assert plain.of_group(None) is plain


def test_no_report_is_no_trouble():
    one = Calibrator(thresholds=(0.5, 0.5), groups=POINTS)
    assert one.decide(np.zeros((0, 2)), []).tolist() == []


def test_values_are_compared_as_they_are_but_for_space():
    assert group_of(" F ") == "F"
    assert group_of("") is group_of(None) is group_of("x", (40.0,)) is None
    assert group_of("41", (40.0,)) == "≥40"
    assert POINTS.group({"sex": "f"}) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"thresholds": {}},
        {"thresholds": {"F": (0.5, 0.0)}},
        {"thresholds": {"F": (0.5, 1.1)}},
        {"thresholds": {"F": (0.5, 0.5), "M": (0.5,)}},
        {"attribute": ""},
    ],
)
def test_thresholds_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValidationError):
        GroupPoints.model_validate({"attribute": "sex", "thresholds": {"F": (0.5, 0.5)}, **wrong})


def test_groups_stand_beside_common_thresholds_and_never_beside_costs():
    with pytest.raises(ValidationError):
        Calibrator(groups=POINTS)
    with pytest.raises(ValidationError):
        Calibrator(thresholds=(0.5, 0.5), groups=POINTS, costs=((0.0, 1.0), (1.0, 0.0)))


def _classifier(calibrator: Calibrator) -> Classifier:
    backend = LinearBackend({"a": 0}, idf=np.ones(1), weights=np.zeros((2, 1)), intercepts=np.zeros(2))
    return Classifier(LabelSpace(task="binary", names=("no", "yes")), backend, calibrator)


def test_a_prediction_says_by_whose_thresholds_and_not_which_group():
    asked = _classifier(Calibrator(thresholds=(0.5, 0.5), groups=POINTS))
    reports = [
        Report(id="1", text="a", attributes={"sex": "F"}),
        Report(id="2", text="a"),
        Report(id="3", text=" ", attributes={"sex": "F"}),
    ]
    given = asked.predict(reports)
    assert [one.point for one in given] == ["group", "common", None]
    assert [one.label for one in given] == ["yes", "no", None]
    assert "F" not in str(given[0].model_dump())
    zeros = np.zeros(3, dtype=np.int32)
    assert asked.answers(reports, Output(np.zeros((3, 2), dtype=np.float32), None, zeros, zeros)) == [
        one.model_copy(update={"tokens": 0, "windows": 0, "unread": one.unread}) for one in given
    ]
    assert [one.point for one in _classifier(Calibrator()).predict(reports)] == [None] * 3


def test_thresholds_of_another_number_of_labels_are_refused():
    with pytest.raises(ModelError):
        _classifier(
            Calibrator(
                thresholds=(0.5, 0.5), groups=GroupPoints(attribute="sex", thresholds={"F": (0.5,) * 3})
            )
        )
