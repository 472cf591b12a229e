"""The only runner: systems side by side, each in a process of its own, rounds interleaved A B C A B C.

A case opens one worker for each system, lets each do a round that is dropped, then asks them in turn; while
one computes the others sleep. What was measured is kept case by case, so that a measurement that was broken
off goes on where it was.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.environments import NotBuilt, cache, rival_python
from benchmarks.process import Worker, WorkerFailed, environment, own_command
from benchmarks.record import Record, Run
from bert4text.core.machine import cores

LOAD = 0.3
"""Load of a core above which timings mean nothing."""

Judge = Callable[["Case", str, Mapping[str, Any]], Mapping[str, Any]]
"""What is told of a system's answers in a case, of the facts its worker gave."""


@dataclass(frozen=True)
class System:
    """What is measured.

    Attributes:
        name: as it stands in results.
        module: serves ``benchmarks.worker`` when run by ``python -m``.
        given: what its worker is told beside the case.
        rival: the list of ``rivals/`` its environment is built from; None is this one.
    """

    name: str
    module: str
    given: Mapping[str, Any] = field(default_factory=dict)
    rival: str | None = None


@dataclass(frozen=True)
class Case:
    """What all systems are given alike.

    Attributes:
        name: as it stands in results.
        systems: in the order of their turns.
        given: what the workers are told; it may hold paths and never stands in results.
        facts: what results say of the case.
    """

    name: str
    systems: tuple[System, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conditions:
    """Under which all is measured.

    Attributes:
        rounds: of each system.
        threads: of each worker.
        rivals: where rivals' environments lie.
        warm: whether a first round is done and dropped.
        pause: seconds before each round, in which threads of the last one stop spinning (some do for 50 ms).
        judge: what is told of a system's answers, from the facts of its worker.
    """

    rounds: int
    threads: int
    rivals: Path = field(default_factory=cache)
    warm: bool = True
    pause: float = 0.25
    judge: Judge = lambda case, system, facts: {}


def refuse_busy(*, busy: bool, load: float | None = None) -> None:
    """End the program on a busy machine, unless that was asked for."""
    now = os.getloadavg()[0] if load is None else load
    if now > LOAD * cores() and not busy:
        sys.exit("the machine is busy: timings would mean nothing (--busy measures all the same)")


def measure(record: Record, cases: Sequence[Case], conditions: Conditions) -> None:
    """Measure the cases that are missing from a record."""
    for case in cases:
        if record.holds(case.name, case.facts):
            continue
        began = time.monotonic()
        print(f"{case.name}: {len(case.systems)} systems", file=sys.stderr, flush=True)
        runs, told = measured(case, conditions)
        record.add(case.name, case.facts, runs=runs, told=told)
        print(f"{case.name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def measured(case: Case, conditions: Conditions) -> tuple[list[Run], dict[str, dict[str, str]]]:
    """Measure one case.

    Returns:
        A run for each round, one (``round`` is None) for what is told of the whole worker, and one for a
        failure; and the versions that the workers told.
    """
    runs: list[Run] = []
    told: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for system in case.systems:
            try:
                workers[system.name] = stack.enter_context(_worker(system, conditions, Path(folder)))
            except NotBuilt:
                runs.append(_failure(case, system.name, "start", "no-environment"))
                continue
            with _noting(runs, case, system.name, "start", workers):
                given = {**case.given, **system.given, "threads": conditions.threads}
                told[system.name] = workers[system.name].ask("open", given=given)["versions"]
        for number in range(-1 if conditions.warm else 0, conditions.rounds):
            for name in list(workers):
                with _noting(runs, case, name, f"round {number}" if number >= 0 else "warm-up", workers):
                    time.sleep(conditions.pause)
                    answered = _round(workers[name])
                    if number >= 0:
                        runs.append({"case": case.name, "system": name, "round": number, **answered})
        for name in list(workers):
            with _noting(runs, case, name, "end", workers):
                reply = workers[name].ask("end")
                judged = conditions.judge(case, name, reply["facts"])
                whole = {"round": None, "peak_mib": reply["peak_mib"], **judged}
                runs.append({"case": case.name, "system": name, **whole})
    return runs, told


def _worker(system: System, conditions: Conditions, folder: Path) -> Worker:
    command = own_command(system.module)
    if system.rival is not None:
        command[0] = str(rival_python(system.rival, conditions.rivals))
    env = environment(threads=conditions.threads, foreign=system.rival is not None)
    return Worker(command, env=env, errors=folder / f"{system.name}.log")


def _round(worker: Worker) -> Run:
    """One round, and which share of the machine's cores others kept busy meanwhile."""
    start, before = time.perf_counter(), _machine_busy()
    reply = worker.ask("round")
    seconds, after = time.perf_counter() - start, _machine_busy()
    shared = None
    if before is not None and after is not None:
        shared = round(max(0.0, after - before - reply["processor_seconds"]) / (seconds * cores()), 3)
    return {**{name: _rounded(value) for name, value in reply["measures"].items()}, "others": shared}


def _rounded(value: Any) -> Any:
    """Five digits of a number, or of each of a list."""
    return [_rounded(one) for one in value] if isinstance(value, list) else float(f"{value:.5g}")


def _machine_busy() -> float | None:
    """Seconds that the machine's cores have worked since it was started, or None where it does not tell."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    fields = [int(value) for value in stat.read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return float(sum(fields) - idle - waiting) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _noting(runs: list[Run], case: Case, name: str, stage: str, workers: dict[str, Worker]) -> Iterator[None]:
    """Note the failure of a worker and go on without it."""
    try:
        yield
    except WorkerFailed as failed:
        print(f"{case.name}: {name} failed ({failed.kind}, {stage})", file=sys.stderr)
        print(workers.pop(name).last_words(), file=sys.stderr, flush=True)
        runs.append(_failure(case, name, stage, failed.kind))


def _failure(case: Case, name: str, stage: str, kind: str) -> Run:
    return {"case": case.name, "system": name, "round": None, "failure": kind, "stage": stage}
