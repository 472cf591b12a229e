"""How much memory it takes to de-identify a table, of few rows and of many.

    python -m benchmarks.privacy.memory [--out FILE]

The peak of one process, by rules, of tables of made-up reports of 150 words. The process is begun by a small
one of its own, since on Linux a process inherits the peak of the one that began it. Goal: it does not grow.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.document import document, write
from benchmarks.options import arguments
from benchmarks.privacy.speed import WORDS, texts
from benchmarks.summary import summary
from benchmarks.table import table
from bert4text.core.manifest import utc_now

NAME, ROWS = "privacy.memory", (2000, 20_000)
BEGIN = (
    "import resource, subprocess, sys;"
    "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
"""Runs a command and prints the peak of its memory in KiB."""


def main() -> None:
    """Measure, write and print."""
    parser = arguments(__doc__)
    asked = parser.parse_args()
    started = utc_now()
    runs = [_peak(rows // (20 if asked.quick else 1)) for rows in ROWS]
    settings = {"words": WORDS, "rows": ROWS, "processes": 1}
    results = document(
        NAME, started=started, settings=settings, runs=runs, summary=summary(runs, compared=["rules"])
    )
    if asked.out is not None:
        write(asked.out, results)
    print(table(results, markdown=asked.table))


def _peak(rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with (place / "reports.csv").open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "texto"])
            writer.writerows([f"r{number}", text] for number, text in enumerate(islice(texts(rows), rows)))
        line = [sys.executable, "-m", "bert4text", "deidentify", "reports.csv", "-o", "clean.csv", "-q"]
        line += ["--set", "deidentify.recognizer=none", "--workers", "1"]
        homes = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), folder)
        begun = [sys.executable, "-c", BEGIN, *line]
        told = subprocess.run(
            begun, cwd=folder, env={**os.environ, **homes}, check=True, capture_output=True, text=True
        )
    mib = int(told.stdout) / 1024
    return {"case": f"a table of {rows:,} rows", "system": "rules", "round": 1, "MiB": mib}


if __name__ == "__main__":
    main()
