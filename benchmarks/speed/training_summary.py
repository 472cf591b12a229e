"""Trainings summed up: rates, and the time that ours and each rival need to the same macro-F1.

The target of a pair is the lowest of the best macro-F1s that the two reached in any round of a case, so both
reach it in every round. It is taken for each pair: a rival that hardly learns says nothing of another. The
time to it is the clock at the first point of the curve that is as high; between points, half a pass apart,
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.speed.training_systems import COMPARED, OURS
from benchmarks.speed.training_watch import CLOCK, MACRO_F1
from benchmarks.summary import middle, ratio, summary

Rounds = Mapping[int, Mapping[str, Any]]


def summed(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rates and best macro-F1s of all systems, then times to targets, pair by pair."""
    plain = [{name: value for name, value in run.items() if not isinstance(value, list)} for run in runs]
    return [*summary(plain, compared=COMPARED), *times(runs)]


def times(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Two rows for each rival in each case: the time of ours and its own to their target."""
    rows = []
    for case in dict.fromkeys(run["case"] for run in runs):
        curves = _curves([run for run in runs if run["case"] == case])
        ours = curves.pop(OURS, {})
        for name, theirs in curves.items():
            if ours:
                rows += _pair(case, ours, name, theirs)
    return rows


def target(*systems: Rounds) -> float:
    """The lowest of the best macro-F1s of all rounds."""
    return min(float(max(run[MACRO_F1])) for rounds in systems for run in rounds.values())


def time_to(wanted: float, run: Mapping[str, Any]) -> float:
    """Seconds until a curve is first as high; infinite where it never is."""
    points = zip(run[CLOCK], run[MACRO_F1], strict=True)
    return next((float(seconds) for seconds, value in points if value >= wanted), float("inf"))


def _pair(case: str, ours: Rounds, name: str, theirs: Rounds) -> list[dict[str, Any]]:
    wanted = target(ours, theirs)
    measure = f"s to macro-F1 {wanted:.3f}"
    own, other = (
        {number: time_to(wanted, run) for number, run in rounds.items()} for rounds in (ours, theirs)
    )
    common = {number for number in own if number in other}
    rows = []
    for system, beside, seconds, against in ((OURS, name, own, other), (name, OURS, other, own)):
        found = {beside: ratio(seconds, against)} if common else None
        row = {"system": system, "case": case, "measure": measure, "target": wanted}
        rows.append({**row, **middle(list(seconds.values())), "ratio_to": found})
    return rows


def _curves(within: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, Mapping[str, Any]]]:
    """System -> round -> run, of those that have curves and did not fail."""
    failed = {run["system"] for run in within if "failure" in run}
    curves: dict[str, dict[int, Mapping[str, Any]]] = {}
    for run in within:
        if run["round"] is not None and MACRO_F1 in run and run["system"] not in failed:
            curves.setdefault(run["system"], {})[run["round"]] = run
    return curves
