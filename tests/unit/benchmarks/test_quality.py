"""Quality of real reports: figures agree with scikit-learn's, and every system gets the same reports."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics as sk
from benchmarks.quality import figures, lots, work_tfidf
from benchmarks.quality.figures import Kept, judged, shown
from benchmarks.quality.lots import ReportSet

from bert4text.models.embedded import installed

needs_weights = pytest.mark.skipif(not installed("e5-small-pt"), reason="needs the extra portuguese")
GRADES = ("BIRADS_0", "BIRADS_1", "BIRADS_2", "BIRADS_3", "BIRADS_4", "BIRADS_5")


def kept_of(n: int = 300, seed: int = 1) -> tuple[Kept, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    true = random.choice(6, size=n, p=[0.2, 0.2, 0.3, 0.1, 0.15, 0.05])
    given = np.where(random.random(n) < 0.6, true, random.integers(0, 6, n))
    fold = {
        "decided.delivered": given,
        "probabilities.delivered": np.eye(6, dtype=np.float32)[given],
        "facts": np.frombuffer(b'{"seconds": 2.0}', dtype=np.uint8),
    }
    source = ReportSet("made", "made.csv", "pt")
    return Kept(source, GRADES, "ours", 1, np.eye(6, dtype=bool)[true], [fold]), true, given


def test_figures_agree_with_scikit_learn() -> None:
    kept, true, given = kept_of()
    found = judged(kept, resamples=200)["answers"]["delivered"]
    often = [label for label in range(6) if (true == label).sum() >= figures.OFTEN]
    managed = np.array([3, 0, 0, 1, 2, 2])
    on = np.isin(true, range(1, 6)) & np.isin(given, range(1, 6))
    grave = np.isin(true, (4, 5))
    wanted = {
        "macro-F1": sk.f1_score(true, given, average="macro"),
        "macro-F1 of 30 or more": sk.f1_score(true, given, average="macro", labels=often),
        "accuracy": sk.accuracy_score(true, given),
        "balanced accuracy": sk.balanced_accuracy_score(true, given),
        "by management": sk.f1_score(managed[true], managed[given], average="macro"),
        "recall of 4 to 6": np.isin(given[grave], (4, 5)).mean(),
        "quadratic kappa": sk.cohen_kappa_score(true[on], given[on], weights="quadratic"),
    }
    assert len(often) < 6
    assert set(found) == set(wanted)
    for name, value in wanted.items():
        assert found[name]["value"] == pytest.approx(value, abs=1e-4), name
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]
    assert "| ours (1) | delivered |" in shown([judged(kept, resamples=50)])


def write_set(folder: Path, n: int = 200) -> ReportSet:
    source = ReportSet("made", "made.csv", "pt", folds=4, train=60, merged=(("d", "c"),), tokens=12)
    (folder / "made").mkdir()
    random = np.random.default_rng(2)
    words = {"a": "oval liso", "b": "irregular espiculado", "c": "denso focal", "d": "denso difuso"}
    with (folder / "made" / "made.csv").open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, ["id", "text", "label", "split"])
        table.writeheader()
        for place in range(n):
            label = "abcd"[int(random.integers(4))]
            text = f"nódulo {words[label]} número {place} " + "mama " * 20
            split = random.choice(["train", "dev", "test"])
            table.writerow({"id": place, "text": text, "label": label, "split": split})
    return source


@needs_weights
def test_folds_hold_each_report_once_and_no_more_than_the_budget(tmp_path: Path) -> None:
    source = write_set(tmp_path)
    found = list(lots.lots(source, tmp_path, seed=7))
    held = [text for lot in found for text, _ in lot.test]
    assert len(found) == 4
    assert len(held) == len(set(held))
    for lot in found:
        assert lot.names == ("a", "b", "c")
        assert len(lot.train) == 60
        assert not {text for text, _ in lot.train} & {text for text, _ in lot.test}
        assert all(len(text.split()) <= 12 for text, _ in lot.train)
    again = next(lots.lots(source, tmp_path, seed=7))
    assert again.train == found[0].train


@needs_weights
def test_the_rival_answers_a_lot(tmp_path: Path) -> None:
    lot = next(lots.lots(write_set(tmp_path), tmp_path, seed=7))
    told = {"names": list(lot.names), "task": "multiclass", "train": lot.train, "test": lot.test}
    probabilities, decided = work_tfidf.answered(told).answers["delivered"]
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    right = [lot.names[place] == labels[0] for place, (_, labels) in zip(decided, lot.test, strict=True)]
    assert np.mean(right) > 0.9
