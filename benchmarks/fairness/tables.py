"""Results of the fairness benchmark as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

VERDICTS = ("fails", "holds", "not-shown", "too-few")


def table(runs: Sequence[Mapping[str, Any]], system: str) -> str:
    """The verdict of each run of a system, and the gap that thinning makes, as Markdown."""
    lines = [
        "| set | training reports | weights | thresholds | macro-F1 | contract | fail, hold, not shown, "
        "too few | thinned label: found, false alarms | found, between the sexes | at least |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for run in runs:
        if run["system"] != system:
            continue
        gaps = [str(run["gaps"].get(verdict, 0)) for verdict in VERDICTS]
        sexes = next(
            one for one in run["of"] if (one["attribute"], one["measure"]) == ("sex", "true_positive_rate")
        )
        known = sexes["value"][0] is not None
        between = " − ".join(sexes["between"]) + f": {_interval(sexes['value'])}" if known else "too few"
        least = f"{sexes['at_least']:.2f}" if known else ""
        lines.append(
            f"| {run['set']} | {run['sample']} | {run['training']} | {run['point']} | "
            f"{_interval(run['macro_f1'])} | {run['verdict']} | {', '.join(gaps)} | "
            f"{run['found']:.2f}, {run['false_alarms']:.3f} | {between} | {least} |"
        )
    return "\n".join(lines)


def groups_table(runs: Sequence[Mapping[str, Any]]) -> str:
    """Reports answered right by group, of the plain runs on the sample as it is, as Markdown."""
    lines = ["| set | system | group | answered right | reports |", "| --- | --- | --- | --- | --- |"]
    plain = ("as it is", "plain", "none", runs[0]["seed"])
    for run in runs:
        if (run["sample"], run["training"], run["point"], run["seed"]) == plain:
            for group, (*figures, n) in run["accuracy"].items():
                lines.append(f"| {run['set']} | {run['system']} | {group} | {_interval(figures)} | {n} |")
    return "\n".join(lines)


def _interval(figures: Sequence[float]) -> str:
    value, low, high = figures
    return f"{value:.2f} ({low:.2f} to {high:.2f})"
