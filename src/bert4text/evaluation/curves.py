"""Curves and counts: confusion matrices, ROC and precision-recall curves as records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bert4text.core.evaluation import Confusion, Curve, Metric
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import Answers
from bert4text.evaluation.ranking import precision_recall_points, ranking, roc_points


def confusions(said: Mapping[str, Answers], names: tuple[str, ...]) -> Iterable[Confusion]:
    """True labels by given labels; a question of several labels at once has no such matrix."""
    for system, one in said.items():
        if one.single:
            counts = one.truth.T.astype(np.int64) @ one.decided.astype(np.int64)
            yield Confusion(system=system, labels=names, rows=tuple(map(tuple, counts.tolist())))


def curves(
    said: Mapping[str, Answers], metrics: Sequence[Metric], label_space: LabelSpace
) -> Iterable[Curve]:
    """One label against the rest, for each label that some reports have and some have not.

    A binary question has one curve of each kind, that of the second label.
    """
    areas = {(m.system, m.name, m.label): m.value for m in metrics if m.group is None}
    names = label_space.names
    first = 1 if label_space.task == "binary" else 0
    for system, one in said.items():
        for label in range(first, one.labels):
            held = one.truth[:, label]
            if system == "majority" or held.all() or not held.any():
                continue
            ranked = ranking(one.probabilities[:, label], held)
            for kind, area, points in (
                ("roc", "auroc", roc_points(ranked)),
                ("precision-recall", "average_precision", precision_recall_points(ranked)),
            ):
                yield Curve(
                    system=system,
                    kind=kind,
                    label=names[label],
                    x=tuple(points[0].tolist()),
                    y=tuple(points[1].tolist()),
                    area=areas.get((system, area, names[label])),
                )


def learning_steps(steps: Sequence[Mapping[str, Any]], *, most: int = 300) -> list[dict[str, float]]:
    """The lines of ``steps.jsonl`` as flat figures: ``validation.macro_f1`` becomes ``validation_macro_f1``.

    Of more than ``most`` steps evenly spaced ones are kept, and all where validation was measured.
    """
    every = max(1, len(steps) // most)
    found = []
    for place, step in enumerate(steps):
        flat: dict[str, float] = {}
        for name, value in step.items():
            parts = value.items() if isinstance(value, Mapping) else ((None, value),)
            for part, figure in parts:
                if isinstance(figure, int | float) and np.isfinite(figure):
                    flat[name if part is None else f"{name}_{part}"] = float(figure)
        measured = any(name.startswith("validation_") for name in flat)
        if flat and (measured or place % every == 0 or place == len(steps) - 1):
            found.append(flat)
    return found
