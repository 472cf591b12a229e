"""How fast reports are answered on a processor, by us and by others, and what that costs in quality.

    python -m benchmarks.speed.predict_cpu [--encoders minilm,base] [--model RUN --data DIR] [--cases ...]

Cases are reports of 20, 70, 200 and 500 tokens and of mixed length, all at once (reports a second) and one at
a time (how long a report waits, median and 95th percentile). ``--model`` measures a trained run instead of
encoders with made heads, with ``--student`` beside a run distilled from it; with ``--data`` the mixed reports
are those of a corpus, and macro-F1 is told.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks.harness import Case, Conditions, measure, refuse_busy
from benchmarks.options import arguments, names, place, rounds
from benchmarks.process import prepare
from benchmarks.record import Record
from benchmarks.speed.answering import ONE
from benchmarks.speed.encoders import Encoder, encoder, encoder_of
from benchmarks.speed.layer_peak import measure_peak
from benchmarks.speed.quality import Quality
from benchmarks.speed.reports import Texts, made, mixed, of_corpus
from benchmarks.speed.systems import COMPARED, bundles, chosen
from benchmarks.summary import summary
from benchmarks.table import table
from bert4text.models.tokenizer import open_tokenizer

NAME, SEED = "speed.predict_cpu", 7
LENGTHS, MIXED = (20, 70, 200, 500), "mixed"
FEWEST, OF_CORPUS, QUICK = 32, 512, 8
"""Reports of a round at least, of a corpus at most, and of a quick one."""
ONES = (20, 100)
"""Reports that are answered one at a time, at least and at most."""
LONG, HALF = 7200, 0.5
"""Seconds of a measurement that is announced as long; share of the peak at which its length is estimated."""


def main() -> None:
    """Measure what is missing, then print the table."""
    asked = _arguments()
    refuse_busy(busy=asked.busy)
    encoders = [encoder_of(asked.model)] if asked.model else [encoder(name) for name in asked.encoders]
    lots = {one.name: _lots(one, asked) for one in encoders}
    corpora = {digest for _, digest in lots.values() if digest}
    summed = partial(summary, compared=COMPARED)
    record = Record(NAME, place(asked, NAME), settings=_settings(asked, corpora), summed=summed)
    cases = {one.name: _cases(one, lots[one.name][0], asked) for one in encoders}
    missing = {
        name: [case for case in found if not record.holds(case.name, case.facts)]
        for name, found in cases.items()
    }
    conditions = Conditions(rounds=rounds(asked), threads=asked.threads, rivals=asked.rivals)
    for one in encoders:
        if missing[one.name] and one.shape is not None:
            measure_peak(record, one.shape, conditions)
    _announce(record, [case for found in missing.values() for case in found], conditions)
    for one in encoders:
        if missing[one.name]:
            _measure(record, one, missing[one.name], lots[one.name][0], conditions, asked)
    print(table(record.document(), markdown=asked.table))


def _measure(
    record: Record,
    one: Encoder,
    cases: Sequence[Case],
    lots: dict[str, Texts],
    conditions: Conditions,
    asked: argparse.Namespace,
) -> None:
    """Make the encoder in all its forms, and measure its cases."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        systems = [system for case in cases for system in case.systems]
        wanted = {"encoder": one.name, "seed": SEED, "bundles": bundles(systems)}
        wanted["run"] = None if one.run is None else str(one.run.resolve())
        wanted["student"] = None if asked.student is None else str(asked.student.resolve())
        wanted["data"] = None if one.run is None or asked.data is None else str(asked.data.resolve())
        (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")
        texts = {name: lot.texts for name, lot in lots.items()}
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        print(f"{one.name}: making its forms", file=sys.stderr, flush=True)
        prepare("benchmarks.speed.materials", place, threads=conditions.threads)
        quality = Quality(folder, {name: lot.labels for name, lot in lots.items()} if one.run else {})

        def judge(case: Case, system: str, facts: Any) -> dict[str, float]:
            return quality.of(case.given["texts"], facts["answers"])

        placed = [
            Case(case.name, case.systems, {**case.given, "folder": place}, case.facts) for case in cases
        ]
        measure(record, placed, Conditions(**{**vars(conditions), "judge": judge}))


def _lots(one: Encoder, asked: argparse.Namespace) -> tuple[dict[str, Texts], str | None]:
    """The texts of each kind of case, and the digest of the corpus that some are of."""
    tokenizer: Tokenizer = open_tokenizer(one.tokenizer)
    lots, digest = {}, None
    for length in (length for length in LENGTHS if length <= one.window):
        number = QUICK if asked.quick else max(FEWEST, one.budget // length)
        lots[f"{length} tokens"] = made(tokenizer, [length] * number, seed=SEED)
    if asked.data:
        at_most = FEWEST if asked.quick else OF_CORPUS
        lots[MIXED], digest = of_corpus(tokenizer, asked.data, window=one.window, at_most=at_most)
    else:
        number = QUICK if asked.quick else max(FEWEST, one.budget // 100)
        lots[MIXED] = made(tokenizer, mixed(number, longest=one.window, seed=SEED), seed=SEED)
    return {name: lot for name, lot in lots.items() if not asked.cases or name in asked.cases}, digest


def _cases(one: Encoder, lots: dict[str, Texts], asked: argparse.Namespace) -> list[Case]:
    cases = []
    for together in (True, False):
        if asked.kinds and ("together" if together else "one") not in asked.kinds:
            continue
        for name, lot in lots.items():
            number = len(lot.texts)
            if not together:
                fitting = one.budget // 4 // max(1, sum(lot.tokens) // number)
                number = min(number, max(ONES[0], min(ONES[1], fitting)))
            tokens = lot.tokens[:number]
            facts: dict[str, Any] = {"reports": number, "tokens": sum(tokens)}
            if one.shape is not None:
                facts["gflop"] = round(one.shape.gflop(tokens) / number, 3)
            given = {"texts": name, "reports": number, "window": one.window, ONE: not together}
            title = f"{one.name}, {name}" + ("" if together else ", one at a time")
            systems = chosen(asked.systems, one=not together, student=bool(asked.student))
            cases.append(Case(title, systems, given, facts))
    return cases


def _announce(record: Record, cases: Sequence[Case], conditions: Conditions) -> None:
    """Say how long it may take, the longer the plainer."""
    rates = [row["gflops"] for row in record.peak if row["precision"] == "float32"]
    if not rates or not cases:
        return
    work = sum(
        case.facts.get("gflop", 0) * case.facts["reports"] * len(case.systems) * (conditions.rounds + 1)
        for case in cases
    )
    starting = 8 * sum(len(case.systems) for case in cases)
    seconds = work / (HALF * min(rates)) + starting
    long = " - OVER TWO HOURS" if seconds > LONG else ""
    print(f"{len(cases)} cases, about {seconds / 60:.0f} minutes{long}", file=sys.stderr, flush=True)


def _settings(asked: argparse.Namespace, corpora: set[str]) -> dict[str, Any]:
    return {
        "rounds": rounds(asked),
        "threads": asked.threads,
        "quick": asked.quick,
        "busy": asked.busy,
        "systems": [system.name for system in chosen(asked.systems, one=False, student=bool(asked.student))],
        "model": _digest(asked.model),
        "student": _digest(asked.student),
        "corpus": sorted(corpora),
        "seed": SEED,
    }


def _digest(run: Path | None) -> str | None:
    return None if run is None else str(json.loads((run / "bundle.json").read_text())["digest"])


def _arguments() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--encoders", type=names, default=["minilm", "base"], help="minilm, base")
    parser.add_argument("--model", type=Path, metavar="RUN", help="a trained run, instead of --encoders")
    parser.add_argument("--student", type=Path, metavar="RUN", help="distilled from --model, beside it")
    parser.add_argument("--cases", type=names, help="only these: '20 tokens', ..., 'mixed'")
    parser.add_argument("--kinds", type=names, help="only these: together, one")
    asked = parser.parse_args()
    if asked.student and not asked.model:
        parser.error("--student is measured beside its teacher: give --model too")
    return asked


if __name__ == "__main__":
    main()
