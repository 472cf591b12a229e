"""How long the audit takes and how much memory, by the number of reports.

    python -m benchmarks.audit.speed [--sizes 1000,10000,100000] [--rounds N] [--out FILE] [--profile]

Made-up reports of some 200 words, read from a file by a fresh process for each size and round. What checks
share - sections, words, statements - is worked out by the first that asks for it, and counted there. A busy
machine is refused, unless ``--busy`` is given.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.audit.base import Base
from benchmarks.audit.grammar import clean
from benchmarks.audit.plant import corpus_of
from benchmarks.document import document, known_runs, write
from bert4text.auditing.checks import CHECKS
from bert4text.core.machine import cores, peak_memory_bytes
from bert4text.core.manifest import utc_now
from bert4text.core.progress import Task
from bert4text.data.write import write_corpus
from bert4text.project import Project

NAME, WORDS, LOAD = "audit.speed", 170, 0.3
"""Words of the findings, with which a report has 200; load of a core from which timings mean nothing."""
GOAL = {"reports": 100_000, "seconds": 300, "gib": 3.0, "cores": 2}


def main() -> None:
    """Measure each size, then print the curve."""
    asked = _arguments()
    if asked.one:
        print(json.dumps(measure(asked.one, profile=asked.profile)))
        return
    if os.getloadavg()[0] > LOAD * cores() and not asked.busy:
        sys.exit("the machine is busy: timings would mean nothing (--busy measures all the same)")
    settings = {"encoder": "tfidf", "words": WORDS, "goal": GOAL, "busy": asked.busy}
    runs, started = known_runs(asked.out, settings), utc_now()
    for size in asked.sizes:
        for number in range(sum(run["reports"] == size for run in runs), asked.rounds):
            runs.append({"reports": size, "round": number, **_fresh(size, profile=asked.profile)})
            if asked.out:
                write(
                    asked.out,
                    document(NAME, started=started, settings=settings, runs=runs, summary=summary(runs)),
                )
    print(table(runs))


def measure(path: Path, *, profile: bool) -> dict[str, Any]:
    """Audit one corpus in this process: seconds of clock and processor, peak memory, and where they went."""
    clock, processor, told = time.perf_counter(), time.process_time(), _Told()
    profiler = cProfile.Profile(builtins=False) if profile else None
    if profiler:
        profiler.enable()
    issues = bert4text.audit(path, project=Project().changed("train", encoder="tfidf"), progress=told)
    if profiler:
        profiler.disable()
        print(_slowest(profiler), file=sys.stderr)
    seconds, first, last = time.perf_counter() - clock, told.times[0], told.times[-1]
    parts = {name: told.times[i + 1] - told.times[i] for i, name in enumerate(CHECKS.names())}
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(time.process_time() - processor, 2),
        "peak_gib": round(_peak() / 2**30, 3),
        "parts": {
            "opening": round(first - clock, 2),
            **{name: round(value, 2) for name, value in parts.items()},
            "after the checks": round(clock + seconds - last, 2),
        },
        "found": sorted({f"{issue.severity} {issue.check}/{issue.code}" for issue in issues}),
    }


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Seconds and memory of each size, and what one report costs beside one of the smallest size."""
    sizes = sorted({run["reports"] for run in runs})
    smallest, rows = None, []
    for size in sizes:
        own = [run for run in runs if run["reports"] == size]
        for what in ("seconds", "processor_seconds", "peak_gib"):
            values = [run[what] for run in own]
            rows.append(
                {
                    "system": "audit", "case": f"{size} reports: {what}", "median": statistics.median(values),
                    "low": min(values), "high": max(values), "ratio_to": None,
                }
            )  # fmt: skip
        each = statistics.median(run["processor_seconds"] for run in own) / size
        smallest = smallest or each
        ratio = {f"{sizes[0]} reports": round(each / smallest, 3)}
        rows.append(
            {
                "system": "audit", "case": f"{size} reports: processor seconds of one",
                "median": round(each, 6), "low": None, "high": None, "ratio_to": ratio,
            }
        )  # fmt: skip
    return rows


def table(runs: list[dict[str, Any]]) -> str:
    """The curve: seconds, memory, and the parts of each size, the slowest first."""
    lines = []
    for run in runs:
        slowest = sorted(run["parts"].items(), key=lambda item: -item[1])[:9]
        parts = ", ".join(f"{name} {value:.1f}" for name, value in slowest)
        lines.append(
            f"{run['reports']:>7} reports {run['seconds']:>8.1f} s "
            f"({run['processor_seconds']:.1f} of processor), {run['peak_gib']:.2f} GiB: {parts}"
        )
    return "\n".join(lines)


class _Told:
    """A progress that keeps when the checks began and when each was done."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        return self._task(watched=not self.times)

    @contextmanager
    def _task(self, *, watched: bool) -> Iterator[Task]:
        if watched:
            self.times.append(time.perf_counter())
        yield _Clock(self.times if watched else [])


class _Clock:
    def __init__(self, times: list[float]) -> None:
        self.times = times

    def advance(self, n: int = 1) -> None:
        self.times.append(time.perf_counter())

    def note(self, key: str, value: float | str) -> None:
        pass


def _fresh(size: int, *, profile: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.parquet"
        base = Base("pt", "three", size, 1, conclusion=True, stamped=True, signed=True, words=WORDS)
        write_corpus(corpus_of(clean(base)), path, overwrite=False)
        command = [
            sys.executable,
            "-m",
            __spec__.name,
            "--one",
            str(path),
            *(["--profile"] if profile else []),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def _peak() -> int:
    """Most memory of this process; Linux keeps it in ``VmHWM``, where that of the parent is not counted."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return peak_memory_bytes() or 0


def _slowest(profiler: cProfile.Profile) -> str:
    out = StringIO()
    stats = pstats.Stats(profiler, stream=out).strip_dirs()
    stats.sort_stats("tottime").print_stats(25)
    stats.sort_stats("cumulative").print_stats(45)
    return out.getvalue()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 10_000, 100_000]
    )
    parser.add_argument("--rounds", type=int, default=1, help="how often each size is measured")
    parser.add_argument("--out", type=Path, help="results as benchmark/1")
    parser.add_argument("--busy", action="store_true", help="measure on a busy machine too")
    parser.add_argument("--profile", action="store_true", help="tell the slowest functions of each on stderr")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
