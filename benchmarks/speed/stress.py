"""How long it takes to stress a model: 1,000 reports, 20 perturbations, an export in 8 bits beside its run.

    python -m benchmarks.speed.stress [--kept DIR] [--rounds N] [--quick] [--busy] [--out FILE]

MiniLM learns made-up cytology reports at the effort quick and is exported in 8 bits (minutes, once, with
--kept). Then other made-up reports are stressed with 20 perturbations: all of them with the export, a tenth
of them with the run itself, in turn. Seconds are those of a clock on the wall, of the whole verb but the
loading of the model; the ratio is that of seconds for a test. Threads are as many as there are cores, or as
OMP_NUM_THREADS says. A busy machine is refused, unless --busy is given.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.document import document, write
from benchmarks.options import rounds
from benchmarks.quality.stress import TIMED
from benchmarks.speed.cytology import ENCODER, SEED, SERIOUS, learned, project, reports
from benchmarks.summary import middle
from bert4text.core.machine import cores, threads
from bert4text.core.manifest import utc_now
from bert4text.core.stress import Stress
from bert4text.models.classifier import Classifier

NAME, STYLE, LOAD = "speed.stress", "short", 0.3
SMALL, WHOLE = "int8", "float32"
REPORTS, TENTH = 1000, 10
GOAL = {SMALL: 300.0}
"""Seconds on two cores."""


def main() -> None:
    """Stress in rounds, then print the medians."""
    asked = _arguments()
    if os.getloadavg()[0] > LOAD * cores() and not asked.busy:
        sys.exit("the machine is busy: timings would mean nothing (--busy measures all the same)")
    started, count = utc_now(), 40 if asked.quick else REPORTS
    with tempfile.TemporaryDirectory() as made:
        systems = _systems(asked.kept or Path(made))
        runs = measure(systems, count=count, rounds=rounds(asked))
    rows = summary(runs)
    if asked.out:
        settings = {"rounds": rounds(asked), "threads": threads(), "busy": asked.busy, "encoder": ENCODER}
        settings |= {"style": STYLE, "only": TIMED, "load": round(os.getloadavg()[0], 1), "goal": GOAL}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=rows))
    print(table(rows))


def _systems(kept: Path) -> dict[str, Classifier]:
    """The run, and its export in 8 bits."""
    run = learned(kept, style=STYLE)
    small = run.with_name(f"{run.name}-{SMALL}")
    if not (small / "bundle.json").is_file():
        bert4text.export(
            run, reports(None, style=STYLE), config={"precision": SMALL}, project=project(), out=small
        )
    return {SMALL: Classifier.load(small), WHOLE: Classifier.load(run)}


def measure(systems: dict[str, Classifier], *, count: int, rounds: int) -> list[dict[str, Any]]:
    """Seconds of each system in each round."""
    every = reports(count, style=STYLE, seed=SEED + 1)
    every = every.with_column("split", ["test"] * len(every))
    runs = []
    for number in range(1, rounds + 1):
        for system, classifier in systems.items():
            asked = count if system == SMALL else max(count // TENTH, 20)
            settings = {"only": list(TIMED), "reports": asked, "serious": [SERIOUS]}
            before = time.perf_counter()
            found: Stress = bert4text.stress(classifier, every, config=settings, project=project())
            seconds = round(time.perf_counter() - before, 2)
            tried = [one.name for one in found.perturbations if one.tests]
            runs.append(
                {
                    "system": system,
                    "case": f"{found.reports} reports",
                    "round": number,
                    "reports": found.reports,
                    "perturbations": len(tried),
                    "tests": sum(one.tests for one in found.perturbations),
                    "seconds": seconds,
                }
            )
    return runs


def summary(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Median and extremes of each system, and its seconds for a test beside those of the export, by round."""
    of = {system: [run for run in runs if run["system"] == system] for system in (SMALL, WHOLE)}
    rate = {system: [run["seconds"] / run["tests"] for run in own] for system, own in of.items()}
    rows = []
    for system, own in of.items():
        seconds = [run["seconds"] for run in own]
        ratios = [value / small for value, small in zip(rate[system], rate[SMALL], strict=True)]
        rows.append(
            {
                "system": system,
                "case": own[0]["case"],
                "median": round(statistics.median(seconds), 2),
                "low": min(seconds),
                "high": max(seconds),
                "measure": "seconds",
                "ratio_to": {SMALL: middle(ratios)},
                "perturbations": own[0]["perturbations"],
                "tests": own[0]["tests"],
                "tests_in_a_second": round(1 / statistics.median(rate[system]), 1),
                "goal": GOAL.get(system) if own[0]["reports"] == REPORTS else None,
            }
        )
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The summary for human eyes."""
    lines = []
    for row in rows:
        goal = f", goal {row['goal']:.0f} s" if row["goal"] else ""
        what = f"{row['case']}, {row['perturbations']} perturbations, {row['tests']} tests"
        pace = f"{row['tests_in_a_second']:.0f} tests a second"
        lines.append(f"{row['system']:<8} {row['median']:>7.1f} s ({what}; {pace}){goal}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kept", type=Path, metavar="DIR", help="where the model and its export are kept")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each system (default 3)")
    parser.add_argument("--quick", action="store_true", help="40 reports: does it run?")
    parser.add_argument("--busy", action="store_true", help="measure on a busy machine too")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
