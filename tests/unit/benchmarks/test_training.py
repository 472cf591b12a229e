"""What the benchmark of training measures: its clock and curves, what it trains on, and its systems."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.harness import Conditions
from benchmarks.speed import train_cpu, training_watch
from benchmarks.speed.encoders import Shape
from benchmarks.speed.layer_peak import PRODUCT_ROWS, layer_peak
from benchmarks.speed.reports import count
from benchmarks.speed.training_cases import corpus_lot, learned, made_lot, training_case, write_lot
from benchmarks.speed.training_ours import Ours
from benchmarks.speed.training_summary import summed, target, time_to, times
from benchmarks.speed.training_systems import PASSES, SYSTEMS, chosen
from benchmarks.speed.training_trainer import Theirs
from benchmarks.speed.training_watch import Watch, due, halves, macro_f1
from sklearn.metrics import f1_score
from tokenizers import Tokenizer

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.data.read_corpus import read_corpus
from bert4text.data.write import write_corpus
from bert4text.models.embedded import embedded_folder
from bert4text.models.tokenizer import open_tokenizer

SHAPE = Shape(layers=2, width=32, inner=64)
WINDOW = 64


@pytest.fixture
def tokenizer(tiny_encoder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny_encoder / "tokenizer.json"))


def run(system: str, number: int | None, **told: Any) -> dict[str, Any]:
    return {"case": "made", "system": system, "round": number, **told}


def curve(*points: tuple[float, float]) -> dict[str, Any]:
    seconds, values = zip(*points, strict=True)
    return {
        "best macro-F1": max(values),
        "passes": [0.5 * (place + 1) for place in range(len(points))],
        "clock": list(seconds),
        "macro-F1": list(values),
    }


def test_the_clock_stands_while_a_system_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    times_told = iter([0.0, 3.0, 10.0, 12.0])
    monkeypatch.setattr(training_watch.time, "perf_counter", lambda: next(times_told))
    watch = Watch()
    with watch.running(), watch.paused():
        watch.note(0.5, 0.4, more=1.0)
    assert watch.seconds == 5.0
    watch.note(1.0, 0.3)
    assert watch.worth() == {
        "best macro-F1": 0.4,
        "training s": 5.0,
        "passes": [0.5, 1.0],
        "clock": [4.0, 5.0],
        "macro-F1": [0.4, 0.3],
    }


def test_operations_are_those_of_three_forward_passes() -> None:
    lengths = [10, 30]
    watch = Watch()
    watch.seconds, watch.tokens = 2.0, 80
    given = {
        "gflop_per_token": SHAPE.gflop(lengths) / 40,
        "peaks": {"float32": 1e-3, "bfloat16": 4e-3},
    }
    found = watch.rates(given, precision="bfloat16")
    assert found["tokens/s"] == 40
    assert found["GFLOP/s"] == pytest.approx(3 * SHAPE.gflop(lengths))
    assert found["of float32 peak"] == pytest.approx(3e3 * SHAPE.gflop(lengths))
    assert found["of bfloat16 peak"] == pytest.approx(found["of float32 peak"] / 4)
    assert "of bfloat16 peak" not in watch.rates(given, precision="float32")
    half = watch.rates(given, precision="bfloat16", computed=0.5)
    assert half["GFLOP/s"] == pytest.approx(found["GFLOP/s"] / 2)
    assert half["tokens/s"] == found["tokens/s"]


def test_the_peak_of_a_layer_is_that_of_its_six_products() -> None:
    products = SHAPE.products(PRODUCT_ROWS)
    rows = [
        {"shape": list(product), "precision": "float32", "gflops": rate}
        for product, rate in zip(products, (10.0, 20.0, 40.0), strict=True)
    ]
    work = [4 * 32 * 32, 32 * 64, 64 * 32]
    assert layer_peak(rows, SHAPE, "float32") == pytest.approx(
        sum(work) / (work[0] / 10 + work[1] / 20 + work[2] / 40)
    )
    assert layer_peak(rows, SHAPE, "bfloat16") is None


def test_curves_are_noted_in_the_middle_and_at_the_end_of_a_pass() -> None:
    assert [due(step, 5) for step in range(1, 11)] == [None, 0.5, None, None, 1, None, 1.5, None, None, 2]
    assert halves(1) == {1: 1.0}
    assert due(2, 1) == 2.0


@pytest.mark.parametrize("given", [[0, 0, 1, 1, 2], [0, 0, 0, 0, 0], [2, 2, 2, 3, 3]])
def test_macro_f1_is_the_mean_over_labels_that_occur(given: list[int]) -> None:
    truth = [0, 0, 1, 1, 1]
    wanted = f1_score(truth, given, labels=[0, 1], average="macro", zero_division=0.0)
    assert macro_f1(truth, given) == pytest.approx(wanted)


def test_the_target_is_the_lowest_of_the_best_and_reached_at_a_point_of_the_curve() -> None:
    ours = {0: curve((1, 0.5), (2, 0.9), (3, 0.8)), 1: curve((1, 0.7), (2, 0.95))}
    theirs = {0: curve((4, 0.6), (8, 0.7)), 1: curve((4, 0.72), (8, 0.71))}
    assert target(ours, theirs) == 0.7
    assert [time_to(0.7, ours[number]) for number in ours] == [2, 1]
    assert [time_to(0.7, theirs[number]) for number in theirs] == [8, 4]
    assert time_to(0.99, ours[0]) == float("inf")


def test_times_are_set_against_each_rival_pair_by_pair() -> None:
    runs = [
        run("ours", 0, **curve((1, 0.5), (2, 0.9))),
        run("trainer", 0, **curve((4, 0.6), (8, 0.7))),
        run("trainer-tuned", 0, **curve((3, 0.4), (6, 0.5))),
        run("setfit", 0, **curve((3, 0.4), (6, 0.5))),
        run("setfit", None, failure="ended 9", stage="end"),
        run("ours", None, peak_mib=5.0),
    ]
    rows = [(row["system"], row["measure"], row["median"], row["ratio_to"]) for row in times(runs)]
    assert [row[:3] for row in rows] == [
        ("ours", "s to macro-F1 0.700", 2),
        ("trainer", "s to macro-F1 0.700", 8),
        ("ours", "s to macro-F1 0.500", 1),
        ("trainer-tuned", "s to macro-F1 0.500", 6),
    ]
    assert rows[0][3]["trainer"]["median"] == 0.25
    assert rows[3][3]["ours"]["median"] == 6.0
    every = summed(runs)
    assert not any(isinstance(row.get("median"), list) for row in every)
    assert [row["failure"] for row in every if "failure" in row] == ["ended 9"]


def test_what_one_system_alone_tells_is_set_against_no_other() -> None:
    runs = [
        run("ours", 0, **{"tokens/s": 4.0, "of bfloat16 peak": 0.5}),
        run("trainer", 0, **{"tokens/s": 2.0}),
    ]
    ratios = {row["measure"]: row["ratio_to"] for row in summed(runs) if row["system"] == "ours"}
    assert ratios["tokens/s"]["trainer"]["median"] == 2.0
    assert ratios["of bfloat16 peak"] is None


def test_systems_are_chosen_by_name() -> None:
    assert [system.name for system in chosen(None)] == ["ours", "trainer", "trainer-tuned", "setfit"]
    assert set(PASSES) == {system.name for system in SYSTEMS}
    assert [system.name for system in chosen(["setfit", "ours"])] == ["ours", "setfit"]
    with pytest.raises(SystemExit, match="no such system: theirs"):
        chosen(["theirs"])


def test_a_round_has_whole_steps_of_all_systems() -> None:
    assert learned(40_960, 170.0) == 256
    assert learned(100, 500.0) == 64


def test_made_reports_are_split_and_written_for_all(tokenizer: Tokenizer, tmp_path: Path) -> None:
    lot = made_lot(tokenizer, 40, 20, seed=3)
    write_lot(lot, tmp_path)
    corpus, told = (
        read_corpus(tmp_path / "corpus.parquet"),
        json.loads((tmp_path / "training.json").read_text()),
    )
    assert corpus.splits == {"train": 40, "validation": 8, "calibration": 4}
    assert told["train"]["texts"] == corpus["train"].texts
    assert [told["labels"][place] for place in told["validation"]["targets"]] == [
        report.labels[0] for report in corpus["validation"] if report.labels
    ]
    assert list(lot.lengths) == [count(tokenizer, text) for text in told["train"]["texts"]] == [20] * 40


def test_a_corpus_is_cut_to_a_window_and_its_test_split_left_out(
    tokenizer: Tokenizer, corpus: Corpus, tmp_path: Path
) -> None:
    write_corpus(corpus, tmp_path / "corpus.parquet", overwrite=False)
    lot, digest = corpus_lot(tokenizer, tmp_path, window=12, at_most=None)
    found = lot.corpus()
    assert digest == corpus.fingerprint
    assert {name: number for name, number in corpus.splits.items() if name != "test"} == found.splits
    assert max(lot.lengths) <= 12
    few, _ = corpus_lot(tokenizer, tmp_path, window=12, at_most=5)
    assert set(few.corpus().splits.values()) == {5}
    many = corpus.replace(label_space=LabelSpace(task="multilabel", names=corpus.label_space.names))
    write_corpus(many, tmp_path / "many" / "corpus.parquet", overwrite=False)
    with pytest.raises(SystemExit, match="several"):
        corpus_lot(tokenizer, tmp_path / "many", window=12, at_most=None)


def test_a_case_says_what_it_costs_and_no_path(tokenizer: Tokenizer) -> None:
    lot = made_lot(tokenizer, 64, 20, seed=3)
    fast, good = (training_case(lot, kind, SYSTEMS, SHAPE, budget=2048) for kind in train_cpu.KINDS)
    assert fast.facts == {
        "kind": "throughput", "reports": 64, "tokens": 1280, "learned": 96,
        "training_gflop": round(3 * SHAPE.gflop([20]), 3),
    }  # fmt: skip
    assert good.name == "64 reports of 20 tokens, to a macro-F1"
    once, twice = (train_cpu.expected([good], Conditions(rounds=n, threads=1), 100.0) for n in (1, 2))
    assert twice == pytest.approx(2 * once)


@pytest.mark.parametrize("system", ["ours", "trainer", "trainer-tuned"])
@pytest.mark.filterwarnings("ignore")
def test_workers_tell_rates_and_curves(
    system: str,
    tiny_encoder: Path,
    tokenizer: Tokenizer,
    corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("bert4text.training.train.check_collapse", lambda *_, **__: None)
    write_corpus(corpus, tmp_path / "given.parquet", overwrite=False)
    lot, _ = corpus_lot(tokenizer, tmp_path / "given.parquet", window=WINDOW, at_most=None)
    write_lot(lot, tmp_path)
    given = {
        "encoder": str(tiny_encoder), "folder": str(tmp_path), "window": WINDOW, "seed": 7, "threads": 1,
        "passes": 1, "learned": 96, "gflop_per_token": 1.0, "peaks": {"float32": 10.0},
        "tuned": system == "trainer-tuned",
    }  # fmt: skip
    opening = Ours if system == "ours" else Theirs
    fast = opening({**given, "kind": "throughput"}).round()
    assert fast["tokens/s"] > 0
    computed = 11 / 16 if system == "ours" else 1  # of two layers, the last with its first token alone
    assert fast["GFLOP/s"] == pytest.approx(3 * computed * fast["tokens/s"])
    worth = opening({**given, "kind": "quality"}).round()
    assert worth["passes"] == [0.5, 1.0]
    assert worth["clock"] == sorted(worth["clock"])
    assert all(0 <= value <= 1 for value in worth["macro-F1"])
    assert ("verb s" in worth) == (system == "ours")


@pytest.mark.slow
def test_results_hold_no_path_and_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    told = ["--quick", "--busy", "--threads=1", "--systems=ours,trainer", "--tokens=40", f"--out={out}"]
    monkeypatch.setattr(sys, "argv", ["train_cpu", *told])
    train_cpu.main()
    results = json.loads(out.read_text())
    assert results["name"] == "speed.train_cpu"
    assert not any("failure" in found for found in results["runs"])
    assert {row["system"] for row in results["summary"]} == {"ours", "trainer"}
    assert any(row.get("target") is not None for row in results["summary"])
    tokenizer = open_tokenizer(embedded_folder("minilm") / "tokenizer.json")
    kept = made_lot(tokenizer, 64, 40, seed=train_cpu.SEED).corpus()
    assert str(tmp_path) not in out.read_text()
    assert not any(text[:40] in out.read_text() for text in kept.texts)
    assert "s to macro-F1" in capsys.readouterr().out
    before = out.read_text()
    train_cpu.main()
    assert out.read_text() == before
