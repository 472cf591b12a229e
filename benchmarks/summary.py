"""Rounds summed up: median and quartiles of each system, and ratios pair by pair."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

NOT_MEASURES = {"case", "system", "round", "others"}
"""Of a round."""


def summary(runs: Sequence[dict[str, Any]], *, compared: Iterable[str] = ()) -> list[dict[str, Any]]:
    """A row for each case, system and measure, in the order they were measured.

    Args:
        runs: of all cases.
        compared: systems that all others are set against.

    Returns:
        ``low`` and ``high`` are quartiles. ``ratio_to`` holds, by system, the median of the ratios of round i
        to its round i, and their quartiles. A system that failed has one row, with ``failure``.
    """
    rows: list[dict[str, Any]] = []
    names = tuple(compared)
    for case, system in dict.fromkeys((run["case"], run["system"]) for run in runs):
        within = [run for run in runs if run["case"] == case]
        whole = _whole(within, system)
        if "failure" in whole:
            rows.append({"system": system, "case": case, **whole})
            continue
        own = _rounds(within, system)
        for measure in [name for name in next(iter(own.values()), {}) if name not in NOT_MEASURES]:
            values = {number: run[measure] for number, run in own.items()}
            others = {name: _rounds(within, name) for name in names if name != system}
            ratios = {
                name: ratio(values, {number: run[measure] for number, run in rounds.items()})
                for name, rounds in others.items()
                if rounds and measure in rounds[min(rounds)] and "failure" not in _whole(within, name)
            }
            row = {"system": system, "case": case, "measure": measure, **middle(list(values.values()))}
            rows.append({**row, "ratio_to": ratios or None, **whole})
    return rows


def middle(values: Sequence[float]) -> dict[str, float]:
    """Median and quartiles."""
    if len(values) < 2:
        return {"median": values[0], "low": values[0], "high": values[0]}
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {name: float(f"{value:.5g}") for name, value in (("median", median), ("low", low), ("high", high))}


def ratio(values: dict[int, float], others: dict[int, float]) -> dict[str, float]:
    """Ratios of the rounds that both did, pair by pair: their median and quartiles."""
    return middle([values[number] / others[number] for number in values if number in others])


def _whole(within: Sequence[dict[str, Any]], system: str) -> dict[str, Any]:
    found = [run for run in within if run["system"] == system and run["round"] is None]
    told = found[-1] if found else {}
    return {name: value for name, value in told.items() if name not in {"case", "system", "round"}}


def _rounds(within: Sequence[dict[str, Any]], system: str) -> dict[int, dict[str, Any]]:
    return {run["round"]: run for run in within if run["system"] == system and run["round"] is not None}
