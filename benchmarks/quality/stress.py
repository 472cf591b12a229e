"""Where classifiers break: of mammography reports, and the one of the quickstart; and how long that takes.

    python -m benchmarks.quality.stress --data DIR [--encoders NAME,NAME] [--adaptation head] [--out FILE]

TF-IDF and every encoder that is named learn from the Portuguese reports of mammo_birads_es_pt. Each is then
stressed with every perturbation on reports of the set's dev part, which none learned from, with BI-RADS 4 and
higher as the serious labels. The first encoder is exported in 8 bits and timed: 1,000 reports of the set, 20
perturbations. The model of ``bert4text quickstart --language pt-BR`` is stressed on the reports of its test
split, with maligno as the serious label. DIR holds the set's folder. An encoder takes minutes to learn on a
processor; --reports and --timed take fewer reports.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.declared import POLICY
from benchmarks.document import document, write
from benchmarks.options import names
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import cores
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report, Split
from bert4text.core.stress import Rate, Stress
from bert4text.data.read_corpus import read_corpus
from bert4text.project import Project
from bert4text.tour import quickstart

NAME = "quality.stress"
QUICKSTART = "quickstart"
SET, FILE = "mammo_birads_es_pt", "clean_pt_translated.csv"
LABELS = tuple(f"BIRADS_{grade}" for grade in range(7))
SERIOUS = ("BIRADS_4", "BIRADS_5", "BIRADS_6")
TIMED = (
    "ruled-out", "not-excluded", "family-history", "abbreviated", "accents-lost", "small-letters",
    "key-slipped", "letters-transposed", "letter-left-out", "misread-scan", "letterhead", "signature",
    "said-twice", "lines-broken", "lines-joined", "cyrillic-letters", "typeset-signs", "decomposed-accents",
    "invisible-signs", "payer-told",
)  # fmt: skip
"""Twenty that change nearly every report."""
REPORTS = 1000


def main() -> None:
    """Train, stress and time, and print what came out."""
    asked, started = _arguments(), utc_now()
    corpus = mammography(asked.data)
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        quickstart(place / QUICKSTART, language="pt-BR")
        made_up = read_corpus(place / QUICKSTART / "cytology.parquet")
        tried = {"serious": ["maligno"], "reports": asked.reports}
        runs += _stressed(place / QUICKSTART / "run", made_up, QUICKSTART, tried, folder=place)
        print(f"{QUICKSTART}: done", file=sys.stderr, flush=True)
        tried = {"serious": list(SERIOUS), "reports": asked.reports}
        for system in ("tfidf", *asked.encoders):
            run = _trained(corpus, system, asked.adaptation, place)
            runs += _stressed(run, corpus, system, tried, folder=place)
            if asked.timed and system == next(iter(asked.encoders), None):
                runs.append(_timed(run, corpus, system, reports=asked.timed, folder=place))
            print(f"{system}: done", file=sys.stderr, flush=True)
    for one in runs:
        print(json.dumps(one), flush=True)
    if asked.out is not None:
        settings = {"set": SET, "file": FILE, "serious": SERIOUS, "adaptation": asked.adaptation}
        settings |= {"splits": corpus.splits, "cores": cores()}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the set lies")
    parser.add_argument("--encoders", type=names, default=[], help="encoders beside TF-IDF, with commas")
    parser.add_argument("--adaptation", default="full", help="what of an encoder learns, as in [train]")
    parser.add_argument("--reports", type=int, default=REPORTS, help="reports that are stressed, at most")
    parser.add_argument("--timed", type=int, default=REPORTS, help="reports that are timed; 0 times nothing")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


def mammography(data: Path) -> Corpus:
    """The set: its dev part is the test split; of train a tenth each goes to validation and calibration."""
    with (data / SET / FILE).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    inside = iter(range(len(rows)))
    dealt: dict[int, Split] = {0: "validation", 5: "calibration"}
    reports = [
        Report(
            id=row["id"],
            text=row["text"],
            labels=(row["label"],),
            split="test" if row["split"] == "dev" else dealt.get(next(inside) % 10, "train"),
            source_row=place + 1,
        )
        for place, row in enumerate(rows)
        if row["split"] in {"train", "dev"}
    ]
    return Corpus.from_reports(reports, LabelSpace(task="multiclass", names=LABELS), language="pt-BR")


def _project(folder: Path, **sections: Any) -> Project:
    return Project(folder, {"policy": POLICY, "audit": {"fail_on": "never"}, **sections})


def shown(runs: Sequence[dict[str, Any]]) -> str:
    """Rates of every capability, a column for each model, and the perturbations that break each."""
    models = [run for run in runs if "answers" in run]
    names = [f"{run['system']} ({run['reports']:,})" for run in models]
    rates = {(run["system"], run["capability"]): run for run in runs if "capability" in run}
    lines = [f"| | {' | '.join(names)} |", "| --- |" + " --- |" * len(names)]
    scores = [f"{run['macro_f1']:.2f}" for run in models]
    lines += [f"| *macro-F1* | {' | '.join(scores)} |"]
    for capability in dict.fromkeys(capability for _, capability in rates):
        cells = [_cell(rates.get((run["system"], capability))) for run in models]
        lines.append(f"| `{capability}` | {' | '.join(cells)} |")
    lines += ["", "Perturbations that break it, with the share of answers that change wrongly:", ""]
    for run in models:
        broken = [
            f"`{one['perturbation']}` {one['rate']:.0%}"
            for one in sorted(runs, key=lambda one: -one.get("rate", 0.0))
            if one["system"] == run["system"] and "perturbation" in one and one["verdict"] == "breaks"
        ]
        lines.append(f"* {run['system']}: {', '.join(broken) or 'none'}")
    return "\n".join(lines)


def _cell(told: dict[str, Any] | None) -> str:
    if told is None:
        return ""
    figures = f"{told['rate']:.1%} ({told['low']:.1%} to {told['high']:.1%})"
    return f"**{figures}**" if told["verdict"] == "breaks" else figures


def _trained(corpus: Corpus, system: str, adaptation: str, folder: Path) -> Path:
    settings: dict[str, Any] = {"encoder": system, "effort": "quick"}
    if system != "tfidf":
        settings |= {"adaptation": adaptation, "calibration": {"deliver": "model"}}
    run = folder / system
    bert4text.train(corpus, project=_project(folder, train=settings), out=run)
    return run


def _stressed(
    run: Path, corpus: Corpus, system: str, settings: dict[str, Any], *, folder: Path
) -> Iterator[dict[str, Any]]:
    """The rate of each capability and each perturbation."""
    project = _project(folder, stress=settings)
    measured = bert4text.evaluate(run, corpus, project=_project(folder, evaluate={"effort": "quick"}))
    lead = next(one.name for one in measured.systems if one.delivered)
    f1 = measured.metric("macro_f1", system=lead)
    start = time.perf_counter()
    found: Stress = bert4text.stress(run, corpus, project=project)
    told = {"system": system, "answers": lead, "macro_f1": None if f1 is None else f1.value}
    yield {**told, "reports": found.reports, "seconds": round(time.perf_counter() - start, 1)}
    for kind, rates in (("capability", found.capabilities), ("perturbation", found.perturbations)):
        for one in rates:
            if one.rate is not None:
                yield {"system": system, kind: one.name, **_rate(one)}


def _rate(one: Rate) -> dict[str, Any]:
    figures = {name: round(getattr(one, name) or 0.0, 4) for name in ("rate", "low", "high")}
    return {"tests": one.tests, "failures": one.failures, **figures, "verdict": one.verdict}


def _timed(run: Path, corpus: Corpus, system: str, *, reports: int, folder: Path) -> dict[str, Any]:
    """How long 20 perturbations of so many reports take in 8 bits."""
    every = corpus.with_column("split", ["test"] * len(corpus))
    settings = {"only": list(TIMED), "reports": reports}
    small = folder / f"{system}-int8"
    bert4text.export(run, corpus, config={"precision": "int8"}, project=_project(folder), out=small)
    start = time.perf_counter()
    found: Stress = bert4text.stress(small, every, config=settings, project=_project(folder))
    return {
        "system": system,
        "precision": "int8",
        "reports": found.reports,
        "perturbations": len(found.perturbations),
        "texts": sum(one.tests for one in found.perturbations) + 2 * found.reports,
        "seconds": round(time.perf_counter() - start, 1),
        "noise": found.noise,
        "noisy": found.noisy,
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
