"""Quality of real reports: figures agree with scikit-learn's, and every system gets the same reports."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics as sk
from benchmarks.quality import figures, lots, reports, work_tfidf
from benchmarks.quality.answers import Answers, OtherReports, digest
from benchmarks.quality.lots import Lot, ReportSet
from benchmarks.quality.tables import Kept, judged, shown

from bert4text.models.embedded import installed

needs_weights = pytest.mark.skipif(not installed("e5-small-pt"), reason="needs the extra portuguese")
GRADES = ("BIRADS_0", "BIRADS_1", "BIRADS_2", "BIRADS_3", "BIRADS_4", "BIRADS_5")


def lot_of(true: np.ndarray) -> Lot:
    source = ReportSet("made", "made.csv", "pt")
    return Lot(source, 0, GRADES, [], [("laudo", (GRADES[label],)) for label in true])


def answers_of(given: np.ndarray, lot: Lot, **others: np.ndarray) -> Answers:
    decided = {"delivered": given.tolist(), **{name: one.tolist() for name, one in others.items()}}
    return Answers(digest(lot), "2026-01-01T00:00:00Z", {"seconds": 2.0, "delivered": "encoder"}, decided)


def kept_of(n: int = 300, *, seed: int = 1, right: float = 0.6) -> tuple[Kept, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    true = random.choice(6, size=n, p=[0.2, 0.2, 0.3, 0.1, 0.15, 0.05])
    given = np.where(random.random(n) < right, true, random.integers(0, 6, n))
    lot = lot_of(true)
    answers = {1: [answers_of(given, lot)]}
    return Kept("made", None, GRADES, "ours", lots.truth([lot]), answers), true, given


def test_figures_agree_with_scikit_learn() -> None:
    kept, true, given = kept_of()
    found = judged(kept, None, resamples=200)["answers"]["delivered"]
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


def test_of_some_folds_the_labels_count_that_are_frequent_in_the_whole_set() -> None:
    kept, true, given = kept_of(60)
    often = np.array([True] * 4 + [False] * 2)
    found = judged(replace(kept, often=often), None, resamples=50)["answers"]["delivered"]
    assert (figures.frequent(kept.truth) != often).any()
    wanted = sk.f1_score(true, given, average="macro", labels=range(4))
    assert found["macro-F1 of 30 or more"]["value"] == pytest.approx(wanted, abs=1e-4)


def test_seeds_are_averaged_and_set_against_the_same_reports_of_the_rival() -> None:
    rival, true, _ = kept_of(right=0.5)
    kept, _, _ = kept_of(right=0.8)
    lot, other = lot_of(true), kept_of(right=0.9)[2]
    kept = replace(kept, answers={**kept.answers, 2: [answers_of(other, lot)]})
    found = judged(kept, rival, resamples=200)["answers"]["delivered"]["macro-F1"]
    single = [replace(kept, answers={seed: kept.answers[seed]}) for seed in (1, 2)]
    alone = [judged(one, None, resamples=50)["answers"]["delivered"]["macro-F1"] for one in (rival, *single)]
    scores = [one["value"] for one in alone]
    assert found["seeds"] == scores[1:]
    assert found["value"] == pytest.approx(np.mean(scores[1:]), abs=1e-3)
    assert found["more"]["value"] == pytest.approx(found["value"] - scores[0], abs=1e-3)
    same = judged(rival, rival, resamples=50)["answers"]["delivered"]["macro-F1"]["more"]
    assert set(same.values()) == {0.0}


def test_tables_show_what_is_delivered_and_on_demand_its_parts() -> None:
    kept, true, given = kept_of()
    lot = lot_of(true)
    parts = {"encoder": given, "TF-IDF": true}
    kept = replace(kept, answers={1: [answers_of(given, lot, **parts)]}, size=64)
    table = shown([judged(kept, None, resamples=50)])
    assert "**made: learned from 64 reports, 300 answered**" in table
    assert "| ours |" in table
    assert "| — TF-IDF |" in table
    assert "TF-IDF" not in shown([judged(kept, None, resamples=50)], parts=False)


def test_kept_answers_come_back_and_belong_to_their_reports(tmp_path: Path) -> None:
    _, true, given = kept_of()
    arrays, place, lot = tmp_path / "made.npz", tmp_path / "made.json", lot_of(true)
    facts = np.frombuffer(b'{"seconds": 2.0}', dtype=np.uint8)
    several = np.eye(6, dtype=np.int64)[given]
    several[0] = [1, 0, 1, 0, 0, 0]
    np.savez(arrays, facts=facts, **{"decided.delivered": given, "decided.many": several, "aside.x": given})
    Answers.of_arrays(arrays, lot, started="2026-01-01").save(place)
    found = Answers.open(place, lot)
    assert found.facts == {"seconds": 2.0}
    assert set(found.decided) == {"delivered", "many"}
    assert (found.held("delivered", 6).argmax(axis=1) == given).all()
    assert (found.held("many", 6) == several.astype(bool)).all()
    assert "laudo" not in place.read_text()
    with pytest.raises(OtherReports):
        Answers.open(place, lot_of(true[::-1]))


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
    other = next(lots.lots(source, tmp_path, seed=7, draw=2))
    assert other.test == found[0].test
    assert other.train != found[0].train


@needs_weights
def test_each_seed_may_learn_from_a_draw_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    learned: dict[str, object] = {}

    def answer(lot: Lot, system: object, seed: int, place: Path, asked: object) -> None:
        learned[place.name] = lot.train
        answers_of(np.zeros(len(lot.test), dtype=np.int64), lot).save(place)

    monkeypatch.setattr(reports, "_answer", answer)
    monkeypatch.setitem(reports.SETS, "made", replace(write_set(tmp_path), folds=None))
    told = ["--data", tmp_path, "--answers", tmp_path / "kept", "--sets", "made", "--systems", "tfidf"]
    asked = [*map(str, told), "--seeds", "1,2", "--reports", "9", "--resamples", "20"]
    for more, title in (["--draws"], "2 draws"), ([], "2 seeds"):
        monkeypatch.setattr("sys.argv", ["reports", *asked, *more])
        reports.main()
        assert f"| tfidf ({title}) |" in capsys.readouterr().out
    usual, seed, drawn = (learned.pop(f"made.9.0.tfidf.{end}.json") for end in ("1", "2", "2.draw"))
    assert seed == usual
    assert drawn != usual
    assert not learned


@needs_weights
def test_the_rival_answers_a_lot(tmp_path: Path) -> None:
    lot = next(lots.lots(write_set(tmp_path), tmp_path, seed=7))
    told = {"names": list(lot.names), "task": "multiclass", "train": lot.train, "test": lot.test}
    probabilities, decided = work_tfidf.answered({**told, "settings": {}}).answers["delivered"]
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    right = [lot.names[place] == labels[0] for place, (_, labels) in zip(decided, lot.test, strict=True)]
    assert np.mean(right) > 0.9
    freer, _ = work_tfidf.answered({**told, "settings": {"C": 10.0}}).answers["delivered"]
    assert freer.max(axis=1).mean() > probabilities.max(axis=1).mean() + 0.1
