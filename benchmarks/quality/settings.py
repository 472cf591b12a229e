"""Train the same corpora under several settings and seeds, and tell how good each is.

    python -m benchmarks.quality.settings corpus.parquet [more.parquet ...] \\
        --try loss.class_weights=none,sqrt,balanced --try learning_rate=5e-5,1e-4 --seeds 1,2,3 --out FILE

Every combination of the tried values is a case. Settings are chosen by the validation split (``chosen``); the
test split is told beside it and never chosen by. Finished runs in FILE are not done again. On one corpus of
1,600 reports a case of one seed takes minutes on two cores: count before you start.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from bert4text.core.config import apply_override
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import describe, versions
from bert4text.core.manifest import utc_now
from bert4text.core.output import writing_file
from bert4text.data.read_corpus import read_corpus
from bert4text.evaluation.answers import answers
from bert4text.evaluation.metrics import measure
from bert4text.models.backends import Backend
from bert4text.models.calibration import Calibrator
from bert4text.training.config import TrainConfig
from bert4text.training.parts import Part, read_parts
from bert4text.training.train import train

FIGURES = ("macro_f1", "balanced_accuracy", "accuracy")


def main() -> None:
    """Run what is missing, then print the table."""
    asked = _arguments()
    runs = _known(asked.out)
    done = {_key(known) for known in runs}
    wanted = [case for case in _cases(asked) if _key(case) not in done]
    started = utc_now()
    print(f"{len(wanted)} runs to do, {len(runs)} known", flush=True)
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(run, case) for case in wanted]):
            runs.append(future.result())
            _write(asked.out, runs, started)
            print(
                json.dumps(
                    {name: runs[-1][name] for name in ("corpus", "settings", "seed", "validation", "test")}
                ),
                flush=True,
            )
    print(table(runs))


def run(case: dict[str, Any]) -> dict[str, Any]:
    """Train one case and measure it on validation and test."""
    values: dict[str, Any] = {"train": {"encoder": case["encoder"], "folds": {"refit": False}}}
    for name, value in case["settings"].items():
        apply_override(values, f"train.{name}={value}")
    corpus = read_corpus(Path(case["path"]))
    config = TrainConfig.parse(values["train"], section="train")
    parts, start = read_parts(corpus, config), time.monotonic()
    test = read_parts(
        corpus.with_column("split", _as_validation(corpus.table["split"].to_pylist())), config
    ).validation
    with tempfile.TemporaryDirectory() as work:
        trained = train(corpus, config, seed=case["seed"], work=Path(work))
    known = [step.validation["macro_f1"] for step in trained.steps if step.validation]
    found: dict[str, Any] = {**case, "seconds": round(time.monotonic() - start, 1), "epochs": len(known)}
    found["chosen"] = max(known, default=None)
    systems = {
        "tfidf": (trained.baseline, trained.baseline_calibrator),
        "model": (trained.backend, trained.calibrator),
    }
    for name, part in (("validation", parts.validation), ("test", test)):
        found[name] = {
            system: _figures(backend, calibrator, part, parts.label_space)
            for system, (backend, calibrator) in systems.items()
            if backend is not None and calibrator is not None
        }
    return found


def table(runs: list[dict[str, Any]]) -> str:
    """Mean over seeds (and how far it strays) of each case."""
    head = f"{'corpus':28} {'settings':60} {'n':>2} {'chosen by':>13} {'test macro-F1':>14}"
    lines = [f"{head} {'accuracy':>9} {'TF-IDF':>7} {'s':>5}"]
    for (corpus, settings), group in _grouped(runs).items():
        chosen = [one["chosen"] for one in group if one["chosen"] is not None]
        test = [one["test"].get("model", one["test"]["tfidf"]) for one in group]
        f1 = [one["macro_f1"] for one in test]
        accuracy = statistics.mean(one["accuracy"] for one in test)
        linear = statistics.mean(one["test"]["tfidf"]["macro_f1"] for one in group)
        seconds = statistics.mean(one["seconds"] for one in group)
        lines.append(
            f"{corpus:28} {settings:60} {len(group):>2} {_spread(chosen):>13} {_spread(f1):>14} "
            f"{accuracy:>9.3f} {linear:>7.3f} {seconds:>5.0f}"
        )
    return "\n".join(lines)


def _grouped(runs: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in runs:
        settings = " ".join(f"{name}={value}" for name, value in one["settings"].items()) or "defaults"
        groups.setdefault((one["corpus"], f"{one['encoder']} {settings}"), []).append(one)
    return dict(sorted(groups.items()))


def _spread(values: list[float]) -> str:
    if not values:
        return "-"
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values) if len(values) > 1 else 0:.3f}"


def _figures(backend: Backend, calibrator: Calibrator, part: Part, space: LabelSpace) -> dict[str, float]:
    probabilities = calibrator.probabilities(backend.forward(part.texts).logits)
    decided = calibrator.holds(probabilities) if part.many else calibrator.decide(probabilities)
    given = answers(
        part.truth, probabilities, label_space=space, decisions=np.asarray(decided, dtype=np.int64)
    )
    return {name: round(value, 4) for name, value in measure(given, FIGURES).items()}


def _as_validation(splits: list[str | None]) -> list[str | None]:
    """The test split in validation's place, so that it is read in the same way."""
    swapped = {"test": "validation", "validation": None}
    return [swapped.get(split, split) if split else None for split in splits]


def _cases(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    tried = [(name, values.split(",")) for name, _, values in (one.partition("=") for one in asked.tries)]
    for seed, path, encoder in itertools.product(asked.seeds, asked.corpora, asked.encoder):
        for values in itertools.product(*(choices for _, choices in tried)):
            settings = {name: value for (name, _), value in zip(tried, values, strict=True)}
            yield {
                "corpus": path.stem,
                "path": str(path),
                "encoder": encoder,
                "settings": settings,
                "seed": seed,
            }


def _key(one: dict[str, Any]) -> str:
    return json.dumps([one["corpus"], one["encoder"], one["settings"], one["seed"]])


def _known(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text())["runs"]) if path.exists() else []


def _write(path: Path, runs: list[dict[str, Any]], started: str) -> None:
    shown = [{name: value for name, value in one.items() if name != "path"} for one in runs]
    document = {
        "format": "benchmark/1",
        "name": "quality.settings",
        "started": started,
        "machine": describe(),
        "versions": versions(),
        "runs": shown,
    }
    with writing_file(path, overwrite=True) as partial:
        partial.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--encoder", action="append", help="default: minilm; may be repeated")
    parser.add_argument("--try", action="append", default=[], dest="tries", metavar="KEY=VALUE,VALUE")
    parser.add_argument(
        "--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[1, 2, 3]
    )
    parser.add_argument(
        "--workers", type=int, default=1, help="trainings at once, on a machine with room for them"
    )
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    asked.encoder = asked.encoder or ["minilm"]
    return asked


if __name__ == "__main__":
    main()
