"""Ways to read an encoder are compared on few reports of each label, drawn anew each time."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.quality.lots import Lot, ReportSet
from benchmarks.quality.reading import _scores, _terms

WORDS = {"a": "nódulo oval", "b": "cisto simples", "c": "sem achados"}


def lot(*, train: dict[str, int]) -> Lot:
    learned = [(f"{WORDS[label]} {row}", (label,)) for label, count in train.items() for row in range(count)]
    asked = [(f"{words} 99", (label,)) for label, words in WORDS.items() for _ in range(4)]
    return Lot(ReportSet("made", "made.csv", "pt"), 0, tuple(WORDS), learned, asked)


def test_each_draw_has_as_many_reports_of_every_label_that_has_enough() -> None:
    seen: list[dict[str, int]] = []
    drawn: list[tuple[int, ...]] = []

    def answer(rows: np.ndarray, labels: list[str]) -> np.ndarray:
        seen.append({name: labels.count(name) for name in sorted(set(labels))})
        drawn.append(tuple(rows))
        return np.array(["a"] * 12)

    scores = _scores(lot(train={"a": 9, "b": 5, "c": 2}), answer, 4, draws=3)
    assert seen == [{"a": 4, "b": 4}] * 3
    assert len(set(drawn)) == 3
    # of twelve answers four are right: F1 is 0.5 for a and 0 for b; c has too few reports to count
    assert scores == pytest.approx([0.25] * 3)


def test_terms_tell_apart_what_words_tell_apart() -> None:
    made = lot(train={"a": 6, "b": 6, "c": 6})
    assert _scores(made, _terms(made), 4, draws=2) == pytest.approx([1.0, 1.0])
