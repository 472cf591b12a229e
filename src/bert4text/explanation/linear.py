"""Exact contributions of the words of a report, where TF-IDF with logistic regression answers.

Its score is a sum over terms: words, pairs of words and pieces of words. What a term adds is shared by the
words it is made of, so that what the words add and what none of them adds (``rest``) make up the score, but
for rounding. Where there are more than two labels the score is the log-ratio of the label's probability to
that of the likeliest other, which is a sum too; the log-odds are none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Contribution
from bert4text.explanation.explainers import Found, Question
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.terms import term_places

Floats = npt.NDArray[np.float64]


def add_up(question: Question) -> Found:
    """What each word adds to the score of the label.

    Raises:
        ConfigError: what answers is no TF-IDF.
    """
    backend = question.backend
    if not isinstance(backend, LinearBackend):
        raise ConfigError(
            "the method linear explains TF-IDF, and this model answers by {name}",
            hint="--method occlusion explains any model",
            code="other-method",
            name="?" if backend is None else backend.name,
        )
    weights, intercept, other = _score(question, backend)
    added: dict[tuple[int, int], float] = {}
    values = backend.features(question.text) * weights
    for places, column in term_places(question.text, backend.vocabulary):
        for place in places:
            added[place] = added.get(place, 0.0) + float(values[column]) / len(places)
    contributions = [
        Contribution(start=start, end=end, unit="word", value=value)
        for (start, end), value in sorted(added.items())
    ]
    return Found(contributions, rest=float(intercept), against=other)


def _score(question: Question, backend: LinearBackend) -> tuple[Floats, float, int | None]:
    """Weights of the terms, what no term adds, and the label beside which it is counted, if any."""
    label, (factor, term) = question.label, question.calibrator.affine
    weights = backend.weights * np.broadcast_to(factor, len(backend.intercepts))[:, None]
    intercepts = backend.intercepts * factor + term
    if question.several:
        return weights[label], intercepts[label], None
    scores = backend.forward([question.text]).logits[0].astype(np.float64) * factor + term
    scores[label] = -np.inf
    other = int(np.argmax(scores))
    told = other if len(scores) > 2 else None
    return weights[label] - weights[other], intercepts[label] - intercepts[other], told
