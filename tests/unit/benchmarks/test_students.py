"""Students beside their teacher: who is timed when, and what the table says of whom."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as sk

pytest.importorskip("torch")

from benchmarks.quality.lots import Lot, ReportSet, truth
from benchmarks.quality.students import judged, shown, timed

NAMES = ("a", "b", "c")


def answers(true: np.ndarray, *, right: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.where(random.random(len(true)) < right, true, random.integers(0, 3, len(true)))


def test_all_answer_in_turn_after_a_first_answer_that_is_not_counted() -> None:
    asked: list[tuple[str, int]] = []
    systems = {name: lambda texts, name=name: asked.append((name, len(texts))) for name in ("one", "two")}
    rates = timed(systems, ["laudo"] * 20, rounds=2)
    assert asked == [("one", 16), ("two", 16), *[("one", 20), ("two", 20)] * 2]
    assert {name: len(each) for name, each in rates.items()} == {"one": 2, "two": 2}
    assert all(rate > 0 for each in rates.values() for rate in each)


def test_a_student_is_set_against_its_teacher() -> None:
    true = np.random.default_rng(0).integers(0, 3, 200)
    lot = Lot(ReportSet("made", "made.csv", "pt"), 0, NAMES, [], [("laudo", (NAMES[one],)) for one in true])
    teacher, student = answers(true, right=0.9, seed=1), answers(true, right=0.6, seed=2)
    eye = np.eye(3, dtype=np.bool_)
    own = judged(lot, eye[teacher], eye[teacher], resamples=50)
    found = judged(lot, eye[student], eye[teacher], resamples=50)
    scores = [sk.f1_score(true, given, average="macro") for given in (teacher, student)]
    assert [own["macro-F1"]["value"], found["macro-F1"]["value"]] == pytest.approx(scores, abs=1e-4)
    more = found["macro-F1"]["more"]
    assert more["value"] == pytest.approx(scores[1] - scores[0], abs=2e-4)
    assert more["low"] < more["value"] < more["high"] < 0
    assert not any(own["macro-F1"]["more"].values())
    assert truth([lot]).sum() == 200
    common = {
        "set": "made",
        "parameters": 2_000_000,
        "megabytes": 8.0,
        "megabytes_exported": 2.0,
        "precision": "int8",
    }
    rows = [
        {**common, "system": "teacher", "reports_per_second": [10.0, 20.0, 10.0], "unlabelled": 0,
         "as_the_teacher": 1.0, "answers": own},
        {**common, "system": "student of 2 layers", "reports_per_second": [30.0, 40.0, 50.0],
         "unlabelled": 300, "precision": "float32", "as_the_teacher": 0.75, "answers": found},
    ]  # fmt: skip
    table = shown(rows).splitlines()
    assert table[0] == "**made: students learned from 300 reports without a label too**"
    assert table[4].startswith("| teacher | 2.0 | 8 | 2 | 1.0 | 100.0% | ")
    assert table[5].startswith("| student of 2 layers, in 32 bits | 2.0 | 8 | 2 | 3.0 | 75.0% | ")
    assert f"; {more['value']:+.3f}" in table[5]
