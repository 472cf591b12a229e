"""Stability: whether an explanation stays alike where the report changes little and the answer does not.

A sentence on which little hangs is taken away (a word, of a report of few sentences), and what is left is
explained again: an explanation whose order then turns around says more of chance than of the answer. After
Alvarez-Melis & Jaakkola (2018), "On the Robustness of Interpretability Methods".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from bert4text.core.explanation import Contribution, Stability, Unit
from bert4text.explanation.counterfactual import Answered
from bert4text.explanation.explainers import EXPLAINERS, Question
from bert4text.explanation.units import Stretch, cut, without

Floats = npt.NDArray[np.float64]

FEWEST = 3
"""Sentences from which one is taken away rather than a word; and pieces from which an order is compared."""


def stability(
    question: Question, contributions: Sequence[Contribution], answered: Answered
) -> Stability | None:
    """Explain the report again without some pieces of it, each alone, and compare the order of the others.

    Args:
        question: the report, the label, and what answers; ``[explain] stability`` says how often.
        contributions: of the explanation; those of its smallest unit are compared.
        answered: to the whole report.

    Returns:
        None where no such change keeps the answer, or too few pieces are left to have an order.
    """
    if not contributions:
        return None
    unit = contributions[-1].unit
    values = {(one.start, one.end): one.value for one in contributions if one.unit == unit}
    found: list[float] = []
    for gone in _least(question.text, values):
        if len(found) == question.config.stability:
            break
        text = without(question.text, [gone])
        question.calls += 1
        if answered.changed(np.asarray(question.answer([text]), dtype=np.float64))[0]:
            continue
        correlation = _correlation(question, text, gone, unit, values)
        if correlation is not None:
            found.append(correlation)
    if not found:
        return None
    return Stability(correlation=float(np.mean(found)), lowest=float(min(found)), changes=len(found))


def _least(text: str, values: dict[Stretch, float]) -> Iterator[Stretch]:
    """Sentences, or words where they are few, on which least hangs first."""
    pieces = cut(text, "sentence")
    if len(pieces) < FEWEST:
        pieces = cut(text, "word")
    weights = [
        sum(abs(value) for (start, end), value in values.items() if first <= start and end <= last)
        for first, last in pieces
    ]
    yield from (pieces[place] for place in np.argsort(weights, kind="stable"))


def _correlation(
    question: Question, text: str, gone: Stretch, unit: Unit, values: dict[Stretch, float]
) -> float | None:
    """Rank correlation (Spearman's) of what the pieces add in both texts; None where there is no order."""
    again = replace(question, text=text, config=question.config.replace(units=[unit]))
    told = EXPLAINERS.get(question.config.method)(again).contributions
    question.calls += again.calls
    size = gone[1] - gone[0]
    pairs = []
    for one in told:
        shift = 0 if one.start < gone[0] else size
        place = (one.start + shift, one.end + shift)
        if place in values:
            pairs.append((values[place], one.value))
    both = np.array(pairs).reshape(-1, 2)
    if len(both) < FEWEST or (both == both[0]).all(axis=0).any():
        return None
    return float(stats.spearmanr(both[:, 0], both[:, 1]).statistic)
