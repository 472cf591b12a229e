"""What differential privacy costs, and what it hides: macro-F1 and attacks by epsilon, on real texts.

    python -m benchmarks.privacy.private --data DIR [--set NAME] [--epsilons 8,3,1] [--turns N] [--out FILE]

``DIR`` holds a folder for each set with a ``clean.csv`` of ``id, text, label``; nothing of it is kept. Some
texts learn, a sixth as many calibrate, and others measure. Without privacy the same head learns on the same
frozen encoder; and the last layers of the encoder learn for so long that they know their texts by heart, so
that an attack has something to find. Noise is never the same twice: figures differ from turn to turn. Half an
hour on one core.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import bert4text
from benchmarks.document import document, known_runs, write
from benchmarks.options import names
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report, Split
from bert4text.core.seeds import rng
from bert4text.project import Project

NAME, SEED = "privacy.private", 7
HEAD = "head, not private"
HEART = "last layers, not private, until known by heart"
FIGURES = ("accuracy", "macro_f1", "loss", "calibrated")


def main() -> None:
    """Train and attack every system, and print what came out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--set", default="told_br_pt", help="a folder with a clean.csv")
    parser.add_argument("--encoder", default="e5-small-pt", help="that the head reads")
    parser.add_argument("--epsilons", type=names, default=["8", "3", "1"], help="budgets, with commas")
    parser.add_argument("--reports", type=int, default=1200, help="that learn")
    parser.add_argument("--held-out", type=int, default=1000, help="that measure, and are no members")
    parser.add_argument("--turns", type=int, default=2, help="trainings of each system")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; known runs are not made again")
    asked, started = parser.parse_args(), utc_now()
    settings = {
        name: getattr(asked, name) for name in ("set", "encoder", "epsilons", "reports", "held_out", "turns")
    }
    corpus = read(asked.data / asked.set / "clean.csv", reports=asked.reports, held_out=asked.held_out)
    runs = known_runs(asked.out, settings)
    for turn in range(asked.turns):
        for system, train in systems(asked.encoder, [float(value) for value in asked.epsilons]).items():
            if not any((run["system"], run["turn"]) == (system, turn) for run in runs):
                runs.append({"system": system, "turn": turn, **measured(corpus, train, seed=SEED + turn)})
                print(runs[-1], flush=True)
                if asked.out is not None:
                    results = document(
                        NAME, started=started, settings=settings, runs=runs, summary=summary(runs)
                    )
                    write(asked.out, results)
    print(table(summary(runs)))


def read(path: Path, *, reports: int, held_out: int) -> Corpus:
    """Texts of a set, drawn by the seed and dealt anew; a text that stands there twice is taken once."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list({row["text"]: row for row in csv.DictReader(stream)}.values())
    labels = sorted({row["label"] for row in rows})
    aside = reports // 6
    sizes: dict[Split, int] = {"train": reports, "validation": aside, "calibration": aside, "test": held_out}
    splits = [split for split, size in sizes.items() for _ in range(size)]
    chosen = rng(SEED, "benchmarks.private").permutation(len(rows))[: len(splits)]
    space = LabelSpace(task="binary" if len(labels) == 2 else "multiclass", names=tuple(labels))
    made = [
        Report(
            id=f"t{number}",
            text=rows[place]["text"],
            labels=(rows[place]["label"],),
            patient=f"p-{number:016x}",
            split=split,
            origin="real",
        )
        for number, (place, split) in enumerate(zip(chosen.tolist(), splits, strict=False))
    ]
    return Corpus.from_reports(made, label_space=space, language="pt-BR")


def systems(encoder: str, epsilons: list[float]) -> dict[str, dict[str, Any]]:
    """Settings of ``[train]`` for each system."""
    plain = {
        "encoder": encoder,
        "patience": 0,
        "folds": {"refit": False},
        "calibration": {"deliver": "model", "thresholds": False},
    }
    heart = {"adaptation": "layers", "adapt": {"layers": 2}, "epochs": 15, "learning_rate": 2e-4}
    return {
        HEART: {**plain, **heart},
        HEAD: {**plain, "adaptation": "head"},
        **{f"epsilon {value:g}": {"encoder": encoder, "private": {"epsilon": value}} for value in epsilons},
    }


def measured(corpus: Corpus, train: dict[str, Any], *, seed: int) -> dict[str, Any]:
    """What a system answers, and what attacks on it find."""
    evaluate = {"effort": "quick", "membership": {"on": True}}
    with tempfile.TemporaryDirectory() as folder:
        sections = {
            "project": {"seed": seed},
            "audit": {"fail_on": "never"},
            "train": train,
            "evaluate": evaluate,
        }
        project = Project(Path(folder), sections)
        classifier = bert4text.train(corpus, project=project)
        found = bert4text.evaluate(classifier, corpus, project=project)
    told = {name: _value(found.metric(name)) for name in ("accuracy", "macro_f1")}
    for attack in ("loss", "calibrated"):
        for metric in ("auc", "tpr"):
            one = (
                None
                if found.membership is None
                else found.membership.metric(f"attack_{metric}", attack=attack)
            )
            told[f"{attack}_{metric}"] = _value(one)
            told[f"{attack}_{metric}_low"], told[f"{attack}_{metric}_high"] = (
                (None, None) if one is None else (_rounded(one.low), _rounded(one.high))
            )
    private = classifier.info.manifest.notes.get("private") or {}
    return {**told, "epsilon": private.get("epsilon"), "delta": private.get("delta")}


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The mean of the turns of each system; of the first turn the intervals of the attacks."""
    rows = []
    for system in dict.fromkeys(run["system"] for run in runs):
        mine = [run for run in runs if run["system"] == system]
        row: dict[str, Any] = {"system": system, "turns": len(mine)}
        for name, value in mine[0].items():
            if isinstance(value, float) and name not in {"turn"} and not name.endswith(("_low", "_high")):
                row[name] = round(float(np.mean([run[name] for run in mine if run[name] is not None])), 4)
            elif name.endswith(("_low", "_high")):
                row[name] = value
        rows.append(row)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| | accuracy | macro-F1 | attack by loss: area | named at 1 % false alarms "
        "| calibrated attack: area | named at 1 % false alarms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        cells = [f"{row[name]:.3f}" for name in ("accuracy", "macro_f1")]
        cells += [
            _cell(row, f"{attack}_{metric}") for attack in ("loss", "calibrated") for metric in ("auc", "tpr")
        ]
        lines.append(f"| {row['system']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(row: dict[str, Any], name: str) -> str:
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    shown = f"{row[name]:.3f}"
    return shown if low is None or high is None else f"{shown} ({low:.3f} to {high:.3f})"


def _value(metric: Any) -> float | None:
    return None if metric is None else _rounded(metric.value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
