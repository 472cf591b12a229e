"""How fast encoders are fine-tuned on a processor, by us and by others, and how soon they are how good.

    python -m benchmarks.speed.train_cpu [--kinds throughput,quality] [--reports 200,1000,5000]
        [--tokens 40,170,500] [--data DIR]

``throughput`` measures so many steps: tokens a second, padding not counted, and the encoder's operations
beside those of matrix products alone. ``quality`` trains to the end and tells macro-F1 on validation after
each half pass; it is measured on small cases, and on the corpus of ``--data``, which replaces made reports.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Case, Conditions, measure, refuse_busy
from benchmarks.options import arguments, names, place, rounds
from benchmarks.record import Record
from benchmarks.speed.encoders import Encoder, Shape, encoder
from benchmarks.speed.layer_peak import layer_peak, measure_peak
from benchmarks.speed.training_cases import Lot, corpus_lot, made_lot, training_case, write_lot
from benchmarks.speed.training_summary import summed
from benchmarks.speed.training_systems import PASSES, chosen
from benchmarks.table import table
from bert4text.models.tokenizer import open_tokenizer

NAME, SEED = "speed.train_cpu", 7
KINDS = ("throughput", "quality")
REPORTS, TOKENS = (200, 1000, 5000), (40, 170, 500)
SMALL = 200_000
"""Tokens of a made case that is small enough to be trained on to the end."""
BUDGET, QUICK_BUDGET, QUICK_REPORTS, QUICK_TOKENS = 20_480, 2048, (64,), (40, 170)
PRECISIONS = ("float32", "bfloat16")
LONG, SHARE, START = 7200, 0.7, 5
"""Seconds of a measurement that is announced as long; share of the float32 peak at which its length is
estimated; seconds that a round takes beside its steps."""


def main() -> None:
    """Measure what is missing, then print the table."""
    asked = _arguments()
    refuse_busy(busy=asked.busy)
    one = encoder("minilm")
    shape = one.shape
    if shape is None:
        sys.exit("the encoder does not tell its shape")
    lots, corpus = _lots(one, asked)
    record = Record(NAME, place(asked, NAME), settings=_settings(asked, corpus), summed=summed)
    missing = [
        (lot, case) for lot, case in _cases(lots, shape, asked) if not record.holds(case.name, case.facts)
    ]
    conditions = Conditions(rounds=rounds(asked), threads=asked.threads, rivals=asked.rivals)
    if missing:
        measure_peak(record, shape, conditions)
    found = {kind: layer_peak(record.peak, shape, kind) for kind in PRECISIONS}
    peaks = {kind: peak for kind, peak in found.items() if peak is not None}
    _announce([case for _, case in missing], conditions, peaks)
    for lot, case in missing:
        told = {"encoder": str(one.tokenizer.parent), "window": one.window, "seed": SEED, "peaks": peaks}
        told["passes"] = 1 if asked.quick else None
        _measure(record, lot, case, conditions, told=told)
    print(table(record.document(), markdown=asked.table))


def _measure(
    record: Record, lot: Lot, case: Case, conditions: Conditions, *, told: Mapping[str, Any]
) -> None:
    """Write what a case reads and measure it; whole trainings are too long to drop the first."""
    with tempfile.TemporaryDirectory() as place:
        write_lot(lot, Path(place))
        placed = Case(case.name, case.systems, {**case.given, **told, "folder": place}, case.facts)
        warm = case.facts["kind"] == "throughput"
        measure(record, [placed], Conditions(**{**vars(conditions), "warm": warm}))


def _lots(one: Encoder, asked: argparse.Namespace) -> tuple[list[Lot], str | None]:
    """What is trained on, and the digest of the corpus if it is one."""
    tokenizer = open_tokenizer(one.tokenizer)
    if asked.data:
        at_most = QUICK_REPORTS[0] if asked.quick else None
        lot, digest = corpus_lot(tokenizer, asked.data, window=one.window, at_most=at_most)
        return [lot], digest
    return [
        made_lot(tokenizer, reports, tokens, seed=SEED)
        for tokens in asked.tokens
        for reports in asked.reports
    ], None


def _cases(lots: Sequence[Lot], shape: Shape, asked: argparse.Namespace) -> list[tuple[Lot, Case]]:
    systems, budget = chosen(asked.systems), QUICK_BUDGET if asked.quick else BUDGET
    return [
        (lot, training_case(lot, kind, systems, shape, budget=budget))
        for kind in KINDS
        for lot in lots
        if kind in asked.kinds and (kind == "throughput" or asked.data or sum(lot.lengths) <= SMALL)
    ]


def expected(cases: Sequence[Case], conditions: Conditions, peak: float) -> float:
    """Seconds that cases take, roughly; the peak is that of float32."""
    seconds = 0.0
    for case in cases:
        facts = case.facts
        if facts["kind"] == "throughput":
            reports, turns = facts["learned"] * len(case.systems), conditions.rounds + 1
        else:
            passes = sum(PASSES[system.name] for system in case.systems)
            reports, turns = facts["reports"] * passes, conditions.rounds
        work = facts["training_gflop"] * reports / (SHARE * peak)
        seconds += turns * (work + START * len(case.systems))
    return seconds


def _announce(cases: Sequence[Case], conditions: Conditions, peaks: Mapping[str, float]) -> None:
    """Say how long it may take, the longer the plainer."""
    if not cases or "float32" not in peaks:
        return
    seconds = expected(cases, conditions, peaks["float32"])
    long = " - OVER TWO HOURS" if seconds > LONG else ""
    print(f"{len(cases)} cases, about {seconds / 60:.0f} minutes{long}", file=sys.stderr, flush=True)


def _settings(asked: argparse.Namespace, corpus: str | None) -> dict[str, Any]:
    return {
        "rounds": rounds(asked),
        "threads": asked.threads,
        "quick": asked.quick,
        "busy": asked.busy,
        "systems": [system.name for system in chosen(asked.systems)],
        "encoder": "minilm",
        "corpus": corpus,
        "seed": SEED,
    }


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--kinds", type=names, default=list(KINDS), help="only these: throughput, quality")
    parser.add_argument("--reports", type=_numbers, help=f"of made reports (default {REPORTS})")
    parser.add_argument("--tokens", type=_numbers, help=f"of each made report (default {TOKENS})")
    asked = parser.parse_args()
    asked.reports = asked.reports or (QUICK_REPORTS if asked.quick else REPORTS)
    asked.tokens = asked.tokens or (QUICK_TOKENS if asked.quick else TOKENS)
    return asked


def _numbers(text: str) -> list[int]:
    return [int(number) for number in names(text)]


if __name__ == "__main__":
    main()
