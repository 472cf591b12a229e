"""The runner of benchmarks: turns, rounds that are dropped, going on, failures, and what results hold."""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from benchmarks import environments, process
from benchmarks.environments import NotBuilt, rival_python
from benchmarks.harness import Case, Conditions, System, measure, measured, refuse_busy
from benchmarks.record import Record
from benchmarks.summary import middle, summary
from benchmarks.table import table

from bert4text.core.machine import cores


@pytest.fixture
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    )
    return tmp_path / "turns"


def system(name: str, speed: float = 1.0, **given: Any) -> System:
    return System(name, "fake_system", {"name": name, "speed": speed, **given})


def case(turns: Path, *systems: System, name: str = "made") -> Case:
    return Case(name, systems, given={"turns": str(turns)}, facts={"reports": 3, "gflop": 2.0})


def test_rounds_take_turns_and_the_first_is_dropped(turns: Path) -> None:
    systems = [system("a"), system("b"), system("c")]
    runs, told = measured(case(turns, *systems), Conditions(rounds=2, threads=1, pause=0))
    assert turns.read_text().split("\n")[:-1] == [
        *(f"{name} open" for name in "abc"),
        *(f"{name} round" for _ in range(3) for name in "abc"),
    ]
    rounds = [(run["system"], run["round"], run["reports/s"]) for run in runs if run["round"] is not None]
    assert rounds == [(name, number, number + 2.0) for number in range(2) for name in "abc"]
    assert set(told) == {"a", "b", "c"}
    assert all("numpy" in versions for versions in told.values())


def test_each_system_tells_its_peak_memory_and_is_judged_by_its_answers(turns: Path) -> None:
    conditions = Conditions(
        rounds=1, threads=1, pause=0, judge=lambda case, name, facts: {"agreement": len(facts["answers"])}
    )
    runs, _ = measured(case(turns, system("a")), conditions)
    (whole,) = [run for run in runs if run["round"] is None]
    assert whole["agreement"] == 1
    assert whole["peak_mib"] is None or whole["peak_mib"] > 1
    assert "answers" not in json.dumps(runs)


def test_without_warming_up_the_first_round_counts(turns: Path) -> None:
    runs, _ = measured(case(turns, system("a")), Conditions(rounds=1, threads=1, pause=0, warm=False))
    assert [run["reports/s"] for run in runs if run["round"] == 0] == [1.0]


@pytest.mark.parametrize(
    ("breaks", "kind", "stage", "kept"),
    [
        ({"raises": "open"}, "FileNotFoundError", "start", 0),
        ({"dies": 1}, "ended 9", "warm-up", 0),
        ({"raises": 3}, "FileNotFoundError", "round 1", 1),
    ],
)
def test_a_failing_worker_is_named_and_the_others_go_on(
    turns: Path, breaks: dict[str, Any], kind: str, stage: str, kept: int
) -> None:
    broken, whole = system("broken", **breaks), system("whole")
    runs, _ = measured(case(turns, broken, whole), Conditions(rounds=3, threads=1, pause=0))
    (failure,) = [run for run in runs if "failure" in run]
    assert (failure["system"], failure["failure"], failure["stage"]) == ("broken", kind, stage)
    assert sum(run["system"] == "broken" and run["round"] is not None for run in runs) == kept
    assert sum(run["system"] == "whole" and run["round"] is not None for run in runs) == 3
    rows = summary(runs, compared=["broken"])
    assert [row.get("failure") for row in rows] == [kind, None]
    assert rows[1]["ratio_to"] is None


def test_a_worker_that_does_not_reply_has_failed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    started = process.Worker(command, env=os.environ, errors=tmp_path / "log", patience=0.2)
    with started as worker, pytest.raises(process.WorkerFailed) as failed:
        worker.ask("open", given={})
    assert failed.value.kind == "timed-out"


def test_waiting_workers_do_not_spin_and_a_rival_sees_none_of_our_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", "ours")
    own = process.environment(threads=2, foreign=False)
    rival = process.environment(threads=2, foreign=True)
    assert own["OMP_WAIT_POLICY"] == rival["OMP_WAIT_POLICY"] == "PASSIVE"
    assert own["OMP_NUM_THREADS"] == rival["OMP_NUM_THREADS"] == "2"
    assert own["HF_HUB_OFFLINE"] == rival["HF_HUB_OFFLINE"] == "1"
    assert own["PYTHONPATH"].split(os.pathsep) == [str(process.ROOT), "ours"]
    assert rival["PYTHONPATH"] == str(process.ROOT)


def test_known_cases_are_not_run_again(turns: Path, tmp_path: Path) -> None:
    out, conditions = tmp_path / "out.json", Conditions(rounds=1, threads=1, pause=0)
    first = case(turns, system("a"))
    measure(Record("made", out, settings={"rounds": 1}), [first], conditions)
    before = turns.read_text()
    again = Record("made", out, settings={"rounds": 1})
    measure(again, [first, case(turns, system("b"), name="second")], conditions)
    assert turns.read_text() == before + "b open\nb round\nb round\n"
    assert set(json.loads(out.read_text())["settings"]["cases"]) == {"made", "second"}
    assert set(again.document()["versions"]["systems"]) == {"a", "b"}


def test_other_settings_or_other_reports_are_not_mixed(turns: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    record = Record("made", out, settings={"rounds": 1})
    record.add("made", {"reports": 3}, runs=[], told={})
    with pytest.raises(SystemExit, match="other settings"):
        Record("made", out, settings={"rounds": 2})
    with pytest.raises(SystemExit, match="other reports"):
        Record("made", out, settings={"rounds": 1}).holds("made", {"reports": 4})


def test_results_have_the_form_and_hold_no_path(turns: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    record = Record("made", out, settings={"rounds": 2}, summed=partial(summary, compared=["a"]))
    systems = [system("a"), system("b", 2.0), system("broken", raises=2)]
    measure(record, [case(turns, *systems)], Conditions(rounds=2, threads=1, pause=0))
    results = json.loads(out.read_text())
    assert results["format"] == "benchmark/1"
    assert set(results) == {
        "format", "name", "started", "machine", "versions", "settings", "runs", "summary", "peak",
    }  # fmt: skip
    assert {"processor", "cores", "flags", "memory_gib", "kernel"} <= set(results["machine"])
    assert str(tmp_path) not in out.read_text()
    assert "fake_system" not in out.read_text()
    assert {"system", "case", "median", "low", "high", "ratio_to"} <= set(results["summary"][0])


def test_ratios_are_taken_pair_by_pair() -> None:
    speeds = {"a": [10.0, 100.0, 30.0], "b": [20.0, 50.0, 90.0]}
    runs = [
        {"case": "made", "system": name, "round": number, "reports/s": speed, "others": 0.0}
        for name, values in speeds.items()
        for number, speed in enumerate(values)
    ]
    rows = summary(runs, compared=["a"])
    assert rows[0]["median"] == 30.0
    assert rows[0]["ratio_to"] is None
    assert rows[1]["median"] == 50.0
    assert rows[1]["ratio_to"] == {"a": {"median": 2.0, "low": 1.25, "high": 2.5}}


def test_quartiles() -> None:
    assert middle([4.0, 1.0, 2.0, 3.0, 5.0]) == {"median": 3.0, "low": 2.0, "high": 4.0}
    assert middle([7.0]) == {"median": 7.0, "low": 7.0, "high": 7.0}


def test_a_busy_machine_is_refused_unless_that_is_asked_for() -> None:
    refuse_busy(busy=False, load=0.29 * cores())
    refuse_busy(busy=True, load=5.0 * cores())
    with pytest.raises(SystemExit, match="busy"):
        refuse_busy(busy=False, load=0.31 * cores())


def test_a_rival_without_a_list_is_a_named_failure(turns: Path, tmp_path: Path) -> None:
    absent = System("absent", "fake_system", {}, rival="no-such-rival")
    conditions = Conditions(rounds=1, threads=1, pause=0, rivals=tmp_path)
    runs, _ = measured(case(turns, absent, system("a")), conditions)
    assert [run["failure"] for run in runs if "failure" in run] == ["no-environment"]
    assert any(run["system"] == "a" and run["round"] == 0 for run in runs)


def test_an_environment_is_built_once_for_each_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> None:
        commands.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)

    monkeypatch.setattr(environments.subprocess, "run", run)
    needs = tmp_path / "made.txt"
    needs.write_text("numpy\n")
    first = rival_python("made", tmp_path / "cache", lists=tmp_path)
    assert rival_python("made", tmp_path / "cache", lists=tmp_path) == first
    assert [command[1:3] for command in commands] == [["-m", "venv"], ["-m", "pip"]]
    needs.write_text("numpy>=2\n")
    assert rival_python("made", tmp_path / "cache", lists=tmp_path) != first
    with pytest.raises(NotBuilt):
        rival_python("other", tmp_path / "cache", lists=tmp_path)


def test_the_table_comes_from_the_results(turns: Path) -> None:
    record = Record("made", None, settings={}, summed=partial(summary, compared=["a"]))
    systems = [system("a"), system("b", 2.0), system("broken", raises="open")]
    measure(record, [case(turns, *systems)], Conditions(rounds=3, threads=1, pause=0))
    peak = [{"shape": [2, 3, 4], "precision": kind, "gflops": 5.0} for kind in ("float32", "int8")]
    results = {**record.document(), "peak": peak}
    text, marked = table(results), table(results, markdown=True)
    assert "2.00 (2.00 to 2.00)" in text
    assert "failed: FileNotFoundError (start)" in text
    assert "| b | reports/s | 6 | 5 to 7 | 2.00 (2.00 to 2.00) | 12 |" in marked
    assert "| 2 x 3 x 4 | 5 | 5 |" in marked
