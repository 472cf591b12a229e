"""What tuning may change, and what it tries next."""

from __future__ import annotations

import math

import pytest

from bert4text.core.labels import LabelSpace
from bert4text.training import search
from bert4text.training.config import TrainConfig
from bert4text.training.search import CHOICES, FACTORS, RATE, Past

BINARY = LabelSpace(task="binary", names=("a", "b"))
ORDINAL = LabelSpace(task="ordinal", names=("1", "2", "3"))


def given(**values):
    return TrainConfig.parse(values, section="train")


def space(label_space=BINARY, **values):
    return search.space(given(**values), label_space)


def every_change(found):
    return [changes for options in found.values() for changes in options.values()]


def test_everything_that_matters_is_searched():
    assert search.settings(space()) == (
        "batches.size",
        "dropout.hidden",
        "learning_rate",
        "loss.class_weights",
        "loss.focal",
        "loss.label_smoothing",
        "loss.logit_adjustment",
        "optimizer.layer_decay",
    )
    assert "loss.ordinal" in search.settings(space(ORDINAL))
    assert not {"optimizer.layer_decay", "dropout.hidden"} & set(search.settings(space(adaptation="head")))
    assert "optimizer.layer_decay" not in search.settings(space(adaptation="lora"))


FIXED = {
    "learning_rate": 3e-5,
    "loss.class_weights": "balanced",
    "loss.logit_adjustment": 0.5,
    "loss.focal": 2.0,
    "loss.label_smoothing": 0.1,
    "loss.ordinal": 0.5,
    "optimizer.layer_decay": 0.9,
    "dropout.hidden": 0.3,
    "batches.size": 64,
}


@pytest.mark.parametrize("key", FIXED)
def test_what_the_user_set_is_not_searched(key):
    found = space(ORDINAL, **search.merged({}, {key: FIXED[key]}))
    assert key not in search.settings(found)
    assert all(key not in changes for changes in every_change(found))
    assert set(search.settings(space(ORDINAL))) - set(search.settings(found)) >= {key}


def test_what_is_set_to_its_default_is_not_searched_either():
    assert "batches.size" not in search.settings(space(batches={"size": 16}))
    assert space(ORDINAL, **search.merged({}, FIXED)) == {}


def test_two_cures_for_one_ill_are_never_tried_together():
    for choice in (choice for choices in CHOICES.values() for choice in choices):
        assert not (choice.get("loss.focal") and choice.get("loss.label_smoothing"))
        assert not (choice.get("loss.logit_adjustment") and choice.get("loss.class_weights") != "none")


def test_every_option_is_a_setting_that_train_takes():
    found = space(ORDINAL)
    for changes in every_change(found):
        config = given(**search.merged({}, changes))
        for key, value in changes.items():
            assert search._value(config, key) == value


def test_the_defaults_change_nothing_and_the_others_what_they_say():
    found = space(batches={"size": 8})
    assert search.changes(found, search.defaults(found), rate=1e-4) == {}
    point = {**search.defaults(found), RATE: 0.5, "imbalance": "class_weights=none logit_adjustment=1.0"}
    changed = search.changes(found, point, rate=1e-4)
    assert changed == {
        "learning_rate": 5e-5,
        "loss.class_weights": "none",
        "loss.logit_adjustment": 1.0,
    }
    merged = search.merged({"loss": {"ordinal": 0.0}, "epochs": 2}, changed)
    assert merged == {
        "loss": {"ordinal": 0.0, "class_weights": "none", "logit_adjustment": 1.0},
        "epochs": 2,
        "learning_rate": 5e-5,
    }


def walk(found, score, *, trials, seed):
    past = [Past(search.defaults(found), 0.5, False)]
    while len(past) < trials:
        point = search.proposed(found, past, seed=seed)
        if point is None:
            break
        past.append(Past(point, score(point), score(point) < 0.4))
    return past


def good_at_two(point):
    return 0.7 - 0.2 * abs(math.log(float(point[RATE]) / 2)) + 0.1 * (point["batch"] == "size=8")


def test_proposals_are_new_lie_inside_and_depend_on_the_seed_and_the_past_alone(capsys):
    pytest.importorskip("optuna")
    found = space()
    past = walk(found, good_at_two, trials=20, seed=7)
    points = [trial.point for trial in past]
    assert all(points.count(point) == 1 for point in points)
    for point in points:
        assert FACTORS[0] <= point[RATE] <= FACTORS[1]
        assert all(point[axis] in options for axis, options in found.items() if options)
    for count in (1, 7, 15):  # as if it were killed here and asked by another process
        assert search.proposed(found, past[:count], seed=7) == points[count]
    assert search.proposed(found, past[:1], seed=8) != points[1]
    shown = capsys.readouterr()
    assert shown.out + shown.err == ""


def test_it_learns_where_the_score_is_high():
    pytest.importorskip("optuna")
    past = walk(space(), good_at_two, trials=40, seed=1)
    drawn, learned = past[1 : 1 + search.STARTUP], past[-15:]
    assert sum(trial.score for trial in learned) / 15 > sum(trial.score for trial in drawn) / search.STARTUP


def test_it_ends_where_nothing_new_is_left():
    pytest.importorskip("optuna")
    fixed = {key: value for key, value in FIXED.items() if key not in {"batches.size"}}
    found = space(**search.merged({}, fixed))
    assert set(found) == {"batch"}
    assert len(walk(found, lambda point: 0.5, trials=10, seed=3)) == 3
