"""Occlusion: take a piece of the report away, ask again, and see what became of the answer.

After Zeiler & Fergus (2014), "Visualizing and Understanding Convolutional Networks", and Li, Monroe &
Jurafsky (2016), "Understanding Neural Networks through Representation Erasure". It needs nothing but answers,
so it explains whatever answers: an encoder, its export in 8 bits, TF-IDF, or both together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bert4text.core.explanation import Contribution
from bert4text.explanation.explainers import Found, Question, log_odds
from bert4text.explanation.units import UNITS, Stretch, cut, without


def occlude(question: Question) -> Found:
    """What each piece adds to the score of the label: its log-odds with the piece minus those without it.

    Larger units are looked at first. Words beyond ``words`` are passed over: those that stand in the pieces
    on which least hangs.

    Args:
        question: the report, the label, and what answers.
    """
    text = question.text
    whole = log_odds(question.probabilities([text]))[0]
    found: list[Contribution] = []
    for unit in (unit for unit in UNITS if unit in question.config.units):
        pieces = cut(text, unit)
        if unit == "word":
            pieces = _weightiest(pieces, found, most=question.config.words)
        probabilities = question.probabilities([without(text, [piece]) for piece in pieces])
        values = whole - log_odds(probabilities)
        found += [
            Contribution(start=start, end=end, unit=unit, value=float(value), probability=float(probability))
            for (start, end), value, probability in zip(pieces, values, probabilities, strict=True)
        ]
    return Found(found)


def _weightiest(words: Sequence[Stretch], larger: Sequence[Contribution], *, most: int) -> list[Stretch]:
    """The words of the pieces on which most hangs, in the order of the report."""
    if len(words) <= most:
        return list(words)
    weights = np.zeros(len(words))
    for piece in larger:  # the smaller the piece, the later it comes: its weight is the one that counts
        for place, (start, end) in enumerate(words):
            if piece.start <= start and end <= piece.end:
                weights[place] = abs(piece.value)
    chosen = sorted(np.argsort(-weights, kind="stable")[:most])
    return [words[place] for place in chosen]
