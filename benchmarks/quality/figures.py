"""What answers are worth: figures with intervals, and the differences between systems on the same reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality.lots import ReportSet
from bert4text.core.seeds import rng

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

OFTEN = 30
"""Reports of a label from which it is counted among the frequent ones."""

SCALE = ("BIRADS_1", "BIRADS_2", "BIRADS_3", "BIRADS_4", "BIRADS_5")
MANAGEMENT = (("BIRADS_1", "BIRADS_2"), ("BIRADS_3",), ("BIRADS_4", "BIRADS_5"), ("BIRADS_0",))
"""What follows: routine, early follow-up, biopsy, further images."""
GRAVE = ("BIRADS_4", "BIRADS_5")


@dataclass(frozen=True)
class Kept:
    """Answers of one system and seed to all reports of a set.

    Attributes:
        source: the set.
        names: the labels.
        system: its name.
        seed: that it was given.
        truth: bool [n, k], fold after fold.
        folds: the arrays of each fold.
    """

    source: ReportSet
    names: tuple[str, ...]
    system: str
    seed: int
    truth: Bools
    folds: list[dict[str, Any]]

    @property
    def variants(self) -> list[str]:
        """Which of its answers there are: what it delivers, and its parts."""
        return sorted(name.partition(".")[2] for name in self.folds[0] if name.startswith("decided."))

    @property
    def facts(self) -> list[dict[str, Any]]:
        """What each fold told."""
        return [json.loads(fold["facts"].tobytes()) for fold in self.folds]

    def decided(self, variant: str) -> Bools:
        """What was decided, bool [n, k]."""
        given = np.concatenate([fold[f"decided.{variant}"] for fold in self.folds])
        if given.ndim > 1:
            return given.astype(np.bool_)
        found = np.zeros(self.truth.shape, dtype=np.bool_)
        found[np.arange(len(given)), given] = True
        return found


def judged(kept: Kept, *, resamples: int) -> dict[str, Any]:
    """The figures of a system on a set, each with the interval of resampled reports."""
    weights = _weights(len(kept.truth), resamples)
    told = {
        "set": kept.source.name,
        "system": kept.system,
        "seed": kept.seed,
        "reports": len(kept.truth),
        "seconds": round(sum(facts["seconds"] for facts in kept.facts), 1),
        "delivered": sorted({facts.get("delivered", kept.system) for facts in kept.facts}),
    }
    answers = {}
    for variant in kept.variants:
        decided = kept.decided(variant)
        answers[variant] = {
            name: _told(function(kept.truth, decided, weights)) for name, function in _figures(kept).items()
        }
    return {**told, "answers": answers}


def shown(found: Sequence[dict[str, Any]]) -> str:
    """The table, Markdown."""
    lines = []
    for name in dict.fromkeys(one["set"] for one in found):
        rows = [one for one in found if one["set"] == name]
        columns = list(rows[0]["answers"]["delivered"])
        lines += ["", f"**{name}, {rows[0]['reports']} reports**", ""]
        lines += [f"| system | answers | {' | '.join(columns)} | s |", "| --- " * (len(columns) + 3) + "|"]
        for row in rows:
            for variant, figures in row["answers"].items():
                values = " | ".join(_cell(figures[column]) for column in columns)
                lines.append(
                    f"| {row['system']} ({row['seed']}) | {variant} | {values} | {row['seconds']:.0f} |"
                )
    return "\n".join(lines)


Figure = Callable[[Bools, Bools, Floats], Floats]


def _figures(kept: Kept) -> dict[str, Figure]:
    often = kept.truth.sum(axis=0) >= OFTEN
    found: dict[str, Figure] = {
        "macro-F1": lambda truth, decided, weights: _macro_f1(truth, decided, weights, None),
        f"macro-F1 of {OFTEN} or more": lambda truth, decided, weights: _macro_f1(
            truth, decided, weights, often
        ),
        "accuracy": lambda truth, decided, weights: _share((truth == decided).all(axis=1), weights),
        "balanced accuracy": _balanced,
    }
    if not set(SCALE) <= set(kept.names):
        return found
    groups = [np.isin(kept.names, group) for group in MANAGEMENT]
    grave, scale = np.isin(kept.names, GRAVE), [kept.names.index(name) for name in SCALE]

    def managed(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        def together(given: Bools) -> Bools:
            return np.stack([given[:, group].any(axis=1) for group in groups], axis=1)

        return _macro_f1(together(truth), together(decided), weights, None)

    def recalled(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        held = truth[:, grave].any(axis=1)
        return _share(decided[held][:, grave].any(axis=1), weights[:, held])

    def kappa(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        return _quadratic_kappa(truth[:, scale], decided[:, scale], weights)

    return {**found, "by management": managed, "recall of 4 to 6": recalled, "quadratic kappa": kappa}


def _weights(n: int, resamples: int) -> Floats:
    """How often each report counts: once, then as drawn, [1 + resamples, n]."""
    drawn = rng(1, "quality.intervals").multinomial(n, np.full(n, 1 / n), size=resamples)
    return np.vstack([np.ones((1, n)), drawn]).astype(np.float64)


def _macro_f1(truth: Bools, decided: Bools, weights: Floats, among: Bools | None) -> Floats:
    hits = weights @ (truth & decided)
    both = weights @ truth.astype(np.float64) + weights @ decided.astype(np.float64)
    scores = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    occurs = truth.any(axis=0) if among is None else among
    found: Floats = scores[:, occurs].mean(axis=1)
    return found


def _share(right: Bools, weights: Floats) -> Floats:
    found: Floats = (weights @ right) / np.maximum(weights.sum(axis=1), 1)
    return found


def _balanced(truth: Bools, decided: Bools, weights: Floats) -> Floats:
    held = weights @ truth.astype(np.float64)
    hits = weights @ (truth & decided)
    recalls = np.divide(hits, held, out=np.zeros_like(held), where=held > 0)
    occurs = held > 0
    found: Floats = (recalls * occurs).sum(axis=1) / np.maximum(1, occurs.sum(axis=1))
    return found


def _quadratic_kappa(truth: Bools, decided: Bools, weights: Floats) -> Floats:
    """Of reports whose truth and answer both lie on the scale."""
    both = truth.any(axis=1) & decided.any(axis=1)
    true, given, weights = truth[both].argmax(axis=1), decided[both].argmax(axis=1), weights[:, both]
    k = truth.shape[1]
    cells = np.zeros((len(true), k * k))
    cells[np.arange(len(true)), true * k + given] = 1
    counts = (weights @ cells).reshape(-1, k, k)
    distance = (np.arange(k)[:, None] - np.arange(k)[None, :]) ** 2
    expected = counts.sum(axis=2)[:, :, None] * counts.sum(axis=1)[:, None, :]
    expected = expected / np.maximum(counts.sum(axis=(1, 2)), 1)[:, None, None]
    found: Floats = 1 - (counts * distance).sum(axis=(1, 2)) / (expected * distance).sum(axis=(1, 2))
    return found


def _told(values: Floats) -> dict[str, float]:
    low, high = np.quantile(values[1:], (0.025, 0.975))
    return {"value": round(float(values[0]), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _cell(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
