"""Faithfulness: whether the answer hangs on what an explanation names first, more than on anything else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.explanation import Contribution, Faithfulness
from bert4text.explanation.explainers import Question
from bert4text.explanation.units import Stretch, cut, only, without

Places = npt.NDArray[np.integer]

SHARES = (0.05, 0.1, 0.2, 0.5)
"""Of the words of a report that are taken: those of DeYoung et al. (2020) but for 1 %, which is less than a
word of most reports."""


def faithfulness(
    question: Question, contributions: Sequence[Contribution], *, rng: np.random.Generator
) -> Faithfulness | None:
    """Take the first words of an explanation away, and keep them alone; the same with words drawn at random.

    Args:
        question: the report, the label, and what answers.
        contributions: of the explanation.
        rng: draws the other orders.

    Returns:
        None for a report without words.
    """
    words = cut(question.text, "word")
    if not words:
        return None
    orders: list[Places] = [_order(words, contributions)]
    orders += [rng.permutation(len(words)) for _ in range(question.config.draws)]
    counts = [max(1, round(share * len(words))) for share in SHARES]
    texts = [question.text]
    for order in orders:
        for count in counts:
            first = [words[place] for place in order[:count]]
            texts += [without(question.text, first), only(question.text, first)]
    found = question.probabilities(texts)
    falls = (found[0] - found[1:]).reshape(len(orders), len(counts), 2).mean(axis=1)
    drawn = falls[1:].mean(axis=0)
    return Faithfulness(
        comprehensiveness=float(falls[0, 0]),
        sufficiency=float(falls[0, 1]),
        random_comprehensiveness=float(drawn[0]),
        random_sufficiency=float(drawn[1]),
        shares=SHARES,
        draws=question.config.draws,
    )


def _order(words: Sequence[Stretch], contributions: Sequence[Contribution]) -> Places:
    """Places of the words, what speaks most for the label first.

    A word that was not looked at by itself has its part of the smallest piece that was and that holds it.
    """
    weights = np.zeros(len(words))
    for piece in contributions:
        inside = [
            place for place, (start, end) in enumerate(words) if piece.start <= start and end <= piece.end
        ]
        weights[inside] = piece.value / max(1, len(inside))
    return np.argsort(-weights, kind="stable")
