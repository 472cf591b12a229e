"""Are promises kept on real reports: how true probabilities are, and how often a set holds the true label.

    python -m benchmarks.quality.promises --data DIR --arrays DIR [--sets ...] [--resplits 100] [--out FILE]

It reads the logits that `benchmarks.quality.reports --arrays DIR` left of our system, encoder or both
together, whichever answers. The test reports are dealt anew a hundred times: one half calibrates, the other
is measured. Beside that stand the probabilities of the run itself, made by its own calibration reports.
Minutes; no model is run.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.document import document, write
from benchmarks.options import names
from benchmarks.quality.lots import SETS, lots, truth
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import utc_now
from bert4text.core.prediction import Promise
from bert4text.core.seeds import rng
from bert4text.models.calibration import Kind
from bert4text.training.calibrate import losses
from bert4text.training.calibrators import fit_calibrator, fit_sets_of

NAME, SEED, BINS = "quality.promises", 7, 15
LEVELS = (0.9, 0.95)
PROMISES: tuple[Promise, ...] = ("overall", "each-label")
KINDS: tuple[Kind, ...] = ("none", "temperature", "vector", "isotonic")
FEWEST = 30
"""Reports of a label in half of them, on the mean, below which its coverage is not told."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def main() -> None:
    """Measure each set and print a line of each figure."""
    asked, started = _arguments(), utc_now()
    runs: list[dict[str, Any]] = []
    for name in asked.sets:
        runs.append(_measured(name, asked))
        print(json.dumps(runs[-1], indent=1), flush=True)
    if asked.out is not None:
        settings = {"sets": asked.sets, "resplits": asked.resplits, "levels": list(LEVELS), "seed": SEED}
        write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=[]))


def shown(runs: Sequence[dict[str, Any]]) -> str:
    """Two tables: how true probabilities are, and how often a set holds the true label."""
    lines = [
        "| set | reports | as trained: error, debiased | temperature | vector | isotonic | loss of each |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for run in runs:
        own, loss = run["as_trained"], run["loss"]
        errors = " | ".join(_cell(run["error"][kind]) for kind in KINDS[1:])
        losses_said = ", ".join(f"{loss[kind]:.3f}" for kind in KINDS[1:])
        trained = f"{own['error']:.3f}, {_cell([own['debiased'], *own['interval']])}"
        lines.append(f"| `{run['set']}` | {run['reports']:,} | {trained} | {errors} | {losses_said} |")
    lines += [
        "",
        "| set | promised | held, all reports | held, least label | held, most label | labels in a set |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for run in runs:
        for case, found in run["coverage"].items():
            ends = f"{found['least_label']:.3f} | {found['most_label']:.3f} | {found['labels']:.2f}"
            lines.append(f"| `{run['set']}` | {case} | {_cell(found['covered'])} | {ends} |")
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    value, low, high = values
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def _measured(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    logits, true, texts, own = _kept(name, asked)
    labels = tuple(sorted({label for lot in lots(SETS[name], asked.data, seed=SEED) for label in lot.names}))
    space = LabelSpace(task="binary" if len(labels) == 2 else "multiclass", names=labels)
    random = rng(SEED, f"benchmarks.promises.{name}")
    lost: dict[str, list[float]] = {kind: [] for kind in KINDS}
    errors: dict[str, list[float]] = {kind: [] for kind in KINDS}
    kept: dict[str, list[list[Any]]] = {}
    chosen: Counter[str] = Counter()
    half = len(true) // 2
    for turn in range(asked.resplits):
        order = random.permutation(len(true))
        one, other = order[:half], order[half:]
        groups = [str(place) for place in one]
        for kind in KINDS:
            made = fit_calibrator(logits[one], true[one], label_space=space, kind=kind)
            lost[kind].append(
                float(losses(made.scaled(logits[other]), true[other], label_space=space).mean())
            )
            errors[kind].append(_error(made.probabilities(logits[other]), true[other])[1])
        auto = fit_calibrator(logits[one], true[one], label_space=space, groups=groups, seed=turn)
        chosen[auto.kind] += 1
        sets = fit_sets_of(
            auto, logits[one], true[one], texts=[texts[place] for place in one], groups=groups, levels=LEVELS,
            score="lac", label_space=space, seed=turn,
        )  # fmt: skip
        if sets is None:
            raise LookupError("half of the reports are too few for a set of labels")
        said = auto.probabilities(logits[other])
        for level in LEVELS:
            for promise in PROMISES:
                inside = sets.kept(said, [texts[place] for place in other], level, promise)
                held = [
                    inside[row, label].mean() if row.any() else np.nan
                    for label, row in enumerate(true[other].T)
                ]
                found = [inside[true[other]].mean(), inside.sum(axis=1).mean(), *held]
                kept.setdefault(f"{level:g} {promise}", []).append(found)
    often = np.flatnonzero(true.sum(axis=0) >= 2 * FEWEST)
    return {
        "set": name,
        "reports": len(true),
        "labels": len(labels),
        "as_trained": own,
        "loss": {kind: round(float(np.mean(values)), 4) for kind, values in lost.items()},
        "error": {kind: _spread(values) for kind, values in errors.items()},
        "chosen": dict(chosen),
        "coverage": {case: _covered(np.array(rows), often) for case, rows in kept.items()},
    }


def _covered(rows: Floats, often: npt.NDArray[np.int64]) -> dict[str, Any]:
    """How often sets hold the true label, over all and of the labels that are kept least and most."""
    each = np.nanmean(rows[:, 2 + often], axis=0)
    return {
        "covered": _spread(rows[:, 0].tolist()),
        "least_label": round(float(each.min()), 4),
        "most_label": round(float(each.max()), 4),
        "labels": round(float(rows[:, 1].mean()), 3),
    }


def _kept(name: str, asked: argparse.Namespace) -> tuple[Floats, Bools, list[str], dict[str, Any]]:
    """Logits, truth and texts of the test reports, and how true the probabilities of the run were."""
    logits, true, texts, said = [], [], [], []
    for lot in lots(SETS[name], asked.data, seed=SEED):
        with np.load(asked.arrays / f"{name}.{lot.fold}.ours.1.npz") as found:
            facts = json.loads(found["facts"].tobytes())
            answers = facts["delivered"]
            logits.append(found[f"aside.{answers}.test"].astype(np.float64))
            said.append(found["probabilities.delivered"].astype(np.float64))
        true.append(truth([lot]))
        texts += [text for text, _ in lot.test]
    plain, debiased = _error(np.concatenate(said), np.concatenate(true))
    own = {"error": round(plain, 4), "debiased": round(debiased, 4), "interval": _interval(said, true)}
    return np.concatenate(logits), np.concatenate(true), texts, own


def _error(said: Floats, true: Bools) -> tuple[float, float]:
    """The expected calibration error of the likeliest label, and its estimate without the noise of bins.

    The first is the mean gap in equal-width bins; the second takes the variance of a bin's share off its
    squared gap (Kumar, Liang & Ma, 2019, "Verified Uncertainty Calibration") and is a root of squares.
    """
    sure, right = said.max(axis=1), true[np.arange(len(said)), said.argmax(axis=1)]
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gap = squared = 0.0
    for number in np.unique(place):
        row = place == number
        n, share = int(row.sum()), float(right[row].mean())
        apart = abs(float(sure[row].mean()) - share)
        gap += n / len(said) * apart
        squared += n / len(said) * (apart**2 - (share * (1 - share) / (n - 1) if n > 1 else apart**2))
    return gap, float(np.sqrt(max(squared, 0.0)))


def _interval(said: list[Floats], true: list[Bools]) -> list[float]:
    """The debiased error's interval of 95 %, reports drawn anew."""
    every, held = np.concatenate(said), np.concatenate(true)
    random = rng(SEED, "benchmarks.promises.interval")
    rows = (random.integers(0, len(every), len(every)) for _ in range(400))
    drawn = [_error(every[row], held[row])[1] for row in rows]
    return [round(float(value), 4) for value in np.quantile(drawn, [0.025, 0.975])]


def _spread(values: list[float]) -> list[float]:
    """Mean, and the range in which 95 % of the resplits lie."""
    low, high = np.quantile(values, [0.025, 0.975])
    return [round(float(value), 4) for value in (np.mean(values), low, high)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--arrays", type=Path, required=True, help="what benchmarks.quality.reports left")
    parser.add_argument("--sets", type=names, default=["told_br_pt", "nubes_es", "mammo_birads_es_pt"])
    parser.add_argument("--resplits", type=int, default=100)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
