"""Students beside their teacher on real reports: how large, how fast, how good.

    python -m benchmarks.quality.students --data DIR [--sets ...] [--layers 6,3] [--out FILE]

The teacher is an encoder trained with nothing set on the reports of `benchmarks.quality.reports`. Its
students learn from the same reports and from others of the set, without their labels. All are exported as
`export` does by itself, in 8 bits where the processor multiplies them exactly, and the exports answer the
same reports in turn; encoders alone, without TF-IDF. Half an hour to an hour a set.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from benchmarks.declared import POLICY
from benchmarks.document import document, write
from benchmarks.options import names, numbers
from benchmarks.quality.figures import Bools, figures, resampled
from benchmarks.quality.lots import SETS, Lot, lots, truth
from benchmarks.quality.tables import cell, told_of
from benchmarks.quality.work_ours import corpus_of
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.verbs.delivery import export
from bert4text.verbs.distill import distill
from bert4text.verbs.model import train

NAME, SEED = "quality.students", 7
ROUNDS = 3
ALONE = {"deliver": "model"}
Built = tuple[Path, Classifier]


def main() -> None:
    """Train, distill and export, then time and judge them together."""
    asked, started, runs = _arguments(), utc_now(), []
    for name in asked.sets:
        runs += _measured(name, asked)
        print(shown([run for run in runs if run["set"] == name]), flush=True)
    if asked.out is not None:
        settings = {"sets": asked.sets, "layers": asked.layers, "unlabelled": asked.unlabelled, "seed": SEED}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


def _measured(name: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    lot = next(lots(SETS[name], asked.data, seed=SEED))
    known = {text for text, _ in lot.train}
    wide = next(lots(SETS[name], asked.data, seed=SEED, reports=len(lot.train) + asked.unlabelled))
    others = [text for text, _ in wide.train if text not in known]
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = place
        built = _built(lot, others, Path(place), asked.layers)
        rates = timed({who: made.probabilities for who, (_, made) in built.items()}, _texts(lot))
        facts = {who: _facts(folder, made) for who, (folder, made) in built.items()}
        decided = {who: _decided(made, lot) for who, (_, made) in built.items()}
    return [
        {
            "set": name,
            "system": who,
            **facts[who],
            "reports_per_second": [round(rate, 1) for rate in rates[who]],
            "as_the_teacher": round(float((decided[who] == decided["teacher"]).all(axis=1).mean()), 4),
            "unlabelled": 0 if who == "teacher" else len(others),
            "answers": judged(lot, decided[who], decided["teacher"], resamples=asked.resamples),
        }
        for who in built
    ]


def _built(lot: Lot, others: Sequence[str], place: Path, depths: Sequence[int]) -> dict[str, Built]:
    """Teacher and students by name: the folder of each run, and its export."""
    corpus = corpus_of(lot.asked(seed=SEED))
    more = [Report(id=f"unlabelled {i}", text=text, labels=None) for i, text in enumerate(others)]
    wide = type(corpus).from_reports([*corpus, *more], corpus.label_space, language=corpus.language)
    given = {
        "project": {"seed": SEED, "language": lot.source.language},
        "audit": {"fail_on": "never"},
        "policy": POLICY,
    }
    learning = Project(given={**given, "train": {"calibration": ALONE}})
    runs = {"teacher": place / "teacher"}
    teacher = train(corpus, project=learning, out=runs["teacher"])
    for layers in depths:
        told = Project(given={**given, "distill": {"layers": layers, "calibration": ALONE}})
        name = f"student of {layers} layers"
        runs[name] = place / name.replace(" ", "-")
        distill(teacher, wide, project=told, out=runs[name])
    return {
        name: (run, export(run, corpus, out=run.with_suffix(".export"), project=Project(given=given)))
        for name, run in runs.items()
    }


def timed(
    systems: Mapping[str, Callable[[list[str]], Any]], texts: list[str], *, rounds: int = ROUNDS
) -> dict[str, list[float]]:
    """Reports a second of each system in each round; in a round all answer, one after the other."""
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for answer in systems.values():
        answer(texts[:16])
    for _ in range(rounds):
        for name, answer in systems.items():
            start = time.perf_counter()
            answer(texts)
            rates[name].append(len(texts) / (time.perf_counter() - start))
    return rates


def judged(lot: Lot, decided: Bools, teacher: Bools, *, resamples: int) -> dict[str, Any]:
    """Each figure with the interval of resampled reports, and what it has more than the teacher's."""
    weights, true, found = resampled(len(lot.test), resamples), truth([lot]), {}
    for name, figure in figures(true, lot.names).items():
        own = figure(true, decided, weights)
        found[name] = {**told_of(own), "more": told_of(own - figure(true, teacher, weights))}
    return found


def shown(runs: Sequence[dict[str, Any]]) -> str:
    """A set's table, Markdown; speed is set against the teacher's, round by round, then the median."""
    first = runs[0]
    columns = list(first["answers"])
    head = ["", "parameters, millions", "MB", "MB, exported", "times as fast", "as the teacher", *columns]
    learned = max(run["unlabelled"] for run in runs)
    lines = [f"**{first['set']}: students learned from {learned:,} reports without a label too**", ""]
    lines += [f"| {' | '.join(head)} |", "| --- |" + " ---: |" * (len(head) - 1)]
    for run in runs:
        pairs = zip(run["reports_per_second"], first["reports_per_second"], strict=True)
        cells = [
            run["system"] + ("" if run["precision"] == "int8" else ", in 32 bits"),
            f"{run['parameters'] / 1e6:.1f}",
            f"{run['megabytes']:.0f}",
            f"{run['megabytes_exported']:.0f}",
            f"{np.median([own / other for own, other in pairs]):.1f}",
            f"{run['as_the_teacher']:.1%}",
            *(cell(run["answers"][column]) for column in columns),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _facts(run: Path, made: Classifier) -> dict[str, Any]:
    with safe_open(run / "model.safetensors", framework="numpy") as weights:
        sizes = [int(np.prod(weights.get_slice(name).get_shape())) for name in weights.keys()]  # noqa: SIM118
    return {
        "parameters": sum(sizes),
        "megabytes": _size(run),
        "megabytes_exported": _size(run.with_suffix(".export")),
        "precision": getattr(made.backend, "precision", None),
    }


def _size(folder: Path) -> float:
    """Megabytes of weights and tokenizer, without the TF-IDF beside them."""
    return round(sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6, 1)


def _texts(lot: Lot) -> list[str]:
    return [text for text, _ in lot.test]


def _decided(made: Classifier, lot: Lot) -> Bools:
    probabilities = made.probabilities(_texts(lot))
    if lot.source.task == "multilabel":
        held: Bools = np.asarray(made.calibrator.holds(probabilities), dtype=np.bool_)
        return held
    found: Bools = np.eye(len(lot.names), dtype=np.bool_)[made.calibrator.decide(probabilities)]
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=["told_br_pt", "nubes_es"], help="with commas")
    parser.add_argument("--layers", type=numbers, default=[6, 3], help="of the students, with commas")
    parser.add_argument("--unlabelled", type=int, default=3000, help="reports without a label at most")
    parser.add_argument("--resamples", type=int, default=1000, help="of the intervals")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
