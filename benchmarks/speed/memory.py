"""How much memory `bert4text predict` needs, by the number of reports: does it stay flat?

    python -m benchmarks.speed.memory [--sizes 1000,10000,100000,1000000] [--formats parquet,csv]

Short made reports, answered by an int8 bundle of a tiny encoder drawn by chance, each size and format by a
process of its own. The goal: at most 1.2 times the memory of 10,000 reports for a million.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.harness import Case, Conditions, System, measure, refuse_busy
from benchmarks.options import arguments, names, place
from benchmarks.process import prepare
from benchmarks.record import Record
from benchmarks.summary import middle
from benchmarks.table import table

NAME, SEED = "speed.memory", 7
GOAL: dict[str, Any] = {"reports": 1_000_000, "beside": 10_000, "ratio": 1.2}
_BESIDE = "10,000 reports"
SIZES, QUICK, FORMATS = (1000, 10_000, 100_000, 1_000_000), (1000, 10_000), ("parquet", "csv")
RATE = 5000
"""Reports a second, roughly, by which the length of a measurement is announced."""


def main() -> None:
    """Measure the sizes that are missing, then print the table."""
    asked = _arguments()
    refuse_busy(busy=asked.busy)
    settings = {"goal": GOAL, "threads": asked.threads, "busy": asked.busy, "seed": SEED}
    record = Record(NAME, place(asked, NAME), settings=settings, summed=summed)
    cases = [_case(size, kind) for kind in asked.formats for size in asked.sizes]
    missing = [case for case in cases if not record.holds(case.name, case.facts)]
    reports = sum(case.facts["reports"] for case in missing)
    print(f"{len(missing)} files, about {reports / RATE / 60:.0f} minutes", file=sys.stderr, flush=True)
    if missing:
        _measure(record, missing, threads=asked.threads)
    print(table(record.document(), markdown=asked.table))


def summed(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Peaks of all sizes, each beside that of the size the goal names, and how fast each was."""
    failed = [dict(run) for run in runs if "failure" in run]
    peaks = {run["case"]: run["peak_mib"] for run in runs if run.get("peak_mib")}
    rows: list[dict[str, Any]] = []
    for name, peak in peaks.items():
        beside = _title(GOAL["beside"], name.split()[-1])
        ratio = {_BESIDE: middle([peak / peaks[beside]])} if beside in peaks else None
        rows.append({"system": name, "case": "memory", "measure": "MiB", **middle([peak]), "ratio_to": ratio})
    for run in runs:
        if run["round"] is not None:
            row = {"system": run["case"], "case": "speed, opening counted", "measure": "reports/s"}
            rows.append({**row, **middle([run["reports/s"]]), "ratio_to": None})
    return [*rows, *failed]


def _measure(record: Record, cases: Sequence[Case], *, threads: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare("benchmarks.speed.memory_bundle", folder, threads=threads)
        placed = [
            Case(case.name, case.systems, {**case.given, "folder": folder}, case.facts) for case in cases
        ]
        measure(record, placed, Conditions(rounds=1, threads=threads, warm=False))


def _case(size: int, kind: str) -> Case:
    system = System("predict", "benchmarks.speed.memory_work")
    return Case(
        _title(size, kind), (system,), {"reports": size, "kind": kind, "seed": SEED}, {"reports": size}
    )


def _title(size: int, kind: str) -> str:
    return f"{size:,} reports, {kind}"


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in names(text)])
    parser.add_argument("--formats", type=names, default=list(FORMATS), help="parquet, csv")
    asked = parser.parse_args()
    asked.sizes = asked.sizes or list(QUICK if asked.quick else SIZES)
    return asked


if __name__ == "__main__":
    main()
