"""What speed costs: how far a system's answers are from those of the run in float32."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

FEWEST = 5
"""Reports that a label needs to count for macro-F1."""


class Quality:
    """Judges answers.

    Args:
        folder: where the answers of the run lie.
        labels: the right answer of each text, by the name of its texts, where it is known.
    """

    def __init__(self, folder: Path, labels: Mapping[str, Sequence[str | None]]) -> None:
        kept = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
        self._names: list[str] = kept["labels"]
        self._many = kept["task"] == "multilabel"
        self._answers = {name: np.array(rows) for name, rows in kept["answers"].items()}
        self._labels = labels

    def of(self, texts: str, answers: Sequence[Sequence[float]]) -> dict[str, float]:
        """Share of the same answers, largest difference of a probability and, with known labels, macro-F1."""
        got = np.array(answers)
        if not np.isfinite(got).all():
            return {"agreement": 0.0}
        wanted = self._answers[texts][: len(got)]
        same = [self._answer(one) == self._answer(other) for one, other in zip(got, wanted, strict=True)]
        found = {
            "agreement": round(float(np.mean(same)), 5),
            "difference": float(f"{np.abs(got - wanted).max():.3g}"),
        }
        return {**found, **self._macro_f1(texts, got)}

    def _answer(self, row: Any) -> Any:
        return tuple(row >= 0.5) if self._many else int(row.argmax())

    def _macro_f1(self, texts: str, got: Any) -> dict[str, float]:
        labels = self._labels.get(texts, ())[: len(got)]
        if self._many or not labels or set(labels) - set(self._names):
            return {}
        truth = [self._names.index(str(label)) for label in labels]
        often = [place for place in range(len(self._names)) if truth.count(place) >= FEWEST]
        score = f1_score(truth, got.argmax(axis=1), labels=often, average="macro", zero_division=0.0)
        return {"macro_f1": round(float(score), 4)} if often else {}
