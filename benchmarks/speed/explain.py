"""How long one report takes to be explained: by gradients that add up, in a first look, and by occlusion.

    python -m benchmarks.speed.explain [--kept DIR] [--rounds N] [--quick] [--busy] [--out FILE]

MiniLM learns made-up cytology reports at the effort quick (minutes, once, with --kept). Of reports that it
did not learn from, those nearest to 200 tokens are explained, report by report, each way in turn; the first
round is a warm-up and is dropped. Seconds are those of a clock on the wall, from a text to its explanation,
the model being loaded; "measured" adds how faithful it is, as the command does by itself. Threads are as many
as there are cores, or as OMP_NUM_THREADS says. A busy machine is refused, unless --busy is given.
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

import numpy as np

import bert4text
from benchmarks.document import document, write
from benchmarks.options import rounds
from benchmarks.speed.cytology import ENCODER, SEED, learned, reports
from benchmarks.summary import middle
from bert4text.core.machine import cores, threads
from bert4text.core.manifest import utc_now
from bert4text.explanation.config import ExplainConfig
from bert4text.models.classifier import Classifier

NAME, STYLE, LOAD = "speed.explain", "long", 0.3
TOKENS, REPORTS = 200, 5
WHOLE, FIRST = "gradients to 1 %", "gradients, 8 steps"
WAYS: dict[str, dict[str, Any]] = {
    WHOLE: {"method": "gradients", "faithfulness": False},
    FIRST: {"method": "gradients", "gradients": {"most": 8}, "faithfulness": False},
    "occlusion": {"method": "occlusion", "faithfulness": False},
    f"{WHOLE}, measured": {"method": "gradients"},
    f"{FIRST}, measured": {"method": "gradients", "gradients": {"most": 8}},
}
GOAL = {WHOLE: 6.0, FIRST: 1.5}
"""Seconds on two cores."""


def main() -> None:
    """Explain in rounds, then print the medians."""
    asked = _arguments()
    if os.getloadavg()[0] > LOAD * cores() and not asked.busy:
        sys.exit("the machine is busy: timings would mean nothing (--busy measures all the same)")
    started = utc_now()
    with tempfile.TemporaryDirectory() as made:
        classifier = Classifier.load(learned(asked.kept or Path(made), style=STYLE))
        runs = measure(classifier, rounds=rounds(asked), texts=1 if asked.quick else REPORTS)
    rows = summary(runs)
    if asked.out:
        settings = {"rounds": rounds(asked), "threads": threads(), "busy": asked.busy, "encoder": ENCODER}
        settings |= {"style": STYLE, "tokens": TOKENS, "load": round(os.getloadavg()[0], 1), "goal": GOAL}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=rows))
    print(table(rows))


def measure(classifier: Classifier, *, rounds: int, texts: int) -> list[dict[str, Any]]:
    """Seconds of each way for each text in each round."""
    runs = []
    chosen = _nearest(classifier, texts)
    for number in range(rounds + 1):
        for place, (text, tokens) in enumerate(chosen):
            for way, settings in WAYS.items():
                config = ExplainConfig.parse(settings, section="explain")
                before = time.perf_counter()
                (found,) = bert4text.explain(classifier, [text], config=config)
                seconds = round(time.perf_counter() - before, 3)
                run = {"system": way, "case": f"report {place + 1}", "round": number, "tokens": tokens}
                if found.completeness is not None:
                    run["steps"] = found.completeness.steps
                    run["error"] = float(f"{found.completeness.error:.2g}")
                if number:
                    runs.append({**run, "seconds": seconds})
    return runs


def _nearest(classifier: Classifier, count: int) -> list[tuple[str, int]]:
    """The unseen reports that are nearest to the wanted length, and how long they are."""
    texts = list(reports(200, style=STYLE, seed=SEED + 1).texts)
    tokens = classifier.backend.forward(texts).tokens
    order = np.argsort(np.abs(tokens - TOKENS), kind="stable")[:count]
    return [(texts[place], int(tokens[place])) for place in order]


def summary(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Median and quartiles of each way, and how it compares with gradients that add up, run by run."""
    seconds = {way: [run["seconds"] for run in runs if run["system"] == way] for way in WAYS}
    rows = []
    for way, own in seconds.items():
        ratios = [value / whole for value, whole in zip(own, seconds[WHOLE], strict=True)]
        of = [run for run in runs if run["system"] == way]
        told: dict[str, Any] = {"system": way, "case": "one report", "measure": "seconds", **middle(own)}
        told |= {"ratio_to": {WHOLE: middle(ratios)}}
        told["tokens"] = statistics.median(run["tokens"] for run in of)
        if "steps" in of[0]:
            told["most_steps"] = max(run["steps"] for run in of)
            told["within_1_percent"] = round(statistics.mean(run["error"] <= 0.01 for run in of), 4)
        rows.append({**told, "goal": GOAL.get(way)})
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The summary for human eyes."""
    lines = []
    for row in rows:
        goal = f", goal {row['goal']} s" if row["goal"] else ""
        quartiles = f"{row['low']:.2f} to {row['high']:.2f}"
        lines.append(f"{row['system']:<30} {row['median']:>6.2f} s ({quartiles}){goal}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kept", type=Path, metavar="DIR", help="where the model is kept")
    parser.add_argument("--rounds", type=int, help="rounds that count (default 5)")
    parser.add_argument("--quick", action="store_true", help="one report, one round: does it run?")
    parser.add_argument("--busy", action="store_true", help="measure on a busy machine too")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
