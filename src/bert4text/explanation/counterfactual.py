"""The fewest pieces without which the answer is another one.

After Martens & Provost (2014), "Explaining Data-Driven Document Classifications". Each piece is taken away
alone first, so that an edit of one or of two pieces is known to be the smallest there is. Larger ones are
found by taking away what alone weighs most, one after the other, and putting back whatever is not needed:
nothing that is left can be put back, but a smaller edit of other pieces may exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bert4text.core.explanation import Contribution
from bert4text.explanation.explainers import Floats, Question, log_odds
from bert4text.explanation.units import UNITS, Stretch, cut, without

Bools = npt.NDArray[np.bool_]

REACH = 20
"""Pieces that are taken away together at most."""
KNOWN = 2
"""Pieces of an edit up to which it is known to be the smallest."""


class Answered(NamedTuple):
    """The answer to the whole report.

    Attributes:
        label: the answer; where several labels may hold, the one that is asked about.
        changed: probabilities [n, k] -> whether the answer is another one, [n].
        holds: whether it is answered; False where several may hold and this one does not.
    """

    label: int
    changed: Callable[[Floats], Bools]
    holds: bool = True


class Edit(NamedTuple):
    """Pieces without which the answer is another one.

    Attributes:
        pieces: in the order of the report, each with what it alone adds; none where none were found.
        probabilities: of the labels without them, [k]; of the whole report where none were found.
        tried: pieces that may be taken away.
    """

    pieces: list[Contribution]
    probabilities: Floats
    tried: int


def fewest(question: Question, contributions: Sequence[Contribution], answered: Answered) -> Edit:
    """Look for them among the smallest pieces that an explanation looks at.

    Args:
        question: the report, the label whose score pieces are told by, and what answers.
        contributions: of the explanation; of many pieces those that weigh most are tried.
        answered: to the whole report.
    """
    asked = _Asked(question, answered)
    unit = next(unit for unit in reversed(UNITS) if unit in question.config.units)
    weights = {(one.start, one.end): abs(one.value) for one in contributions}
    pieces = cut(question.text, unit)
    if len(pieces) > question.config.words:
        pieces = sorted(pieces, key=lambda piece: -weights.get(piece, 0.0))[: question.config.words]
    whole = asked.probabilities([()])[0]
    if not pieces:
        return Edit([], whole, 0)
    alone = asked.probabilities([(piece,) for piece in pieces])
    values = log_odds(whole[question.label]) - log_odds(alone[:, question.label])
    told = {
        piece: Contribution(
            start=piece[0],
            end=piece[1],
            unit=unit,
            value=float(value),
            probability=float(row[question.label]),
        )
        for piece, value, row in zip(pieces, values, alone, strict=True)
    }
    falls = log_odds(whole[answered.label]) - log_odds(alone[:, answered.label])
    order = np.argsort(-falls if answered.holds else falls, kind="stable")
    gone = asked.shrunk(asked.first_of([pieces[place] for place in order], alone[order]))
    found = asked.probabilities([gone])[0] if gone else whole
    return Edit([told[piece] for piece in sorted(gone)], found, len(pieces))


Stretches = tuple[Stretch, ...]


class _Asked:
    """The report without some pieces of it."""

    def __init__(self, question: Question, answered: Answered) -> None:
        self.question, self.changed = question, answered.changed

    def probabilities(self, gone: Sequence[Stretches]) -> Floats:
        """Of every label, without each of some sets of pieces, [n, k]."""
        texts = [without(self.question.text, one) for one in gone]
        self.question.calls += len(texts)
        return np.asarray(self.question.answer(texts), dtype=np.float64).reshape(len(texts), -1)

    def first_of(self, pieces: Sequence[Stretch], alone: Floats) -> Stretches:
        """One piece that is enough, else the first that together are.

        Args:
            pieces: what weighs most alone first.
            alone: probabilities without each of them, [n, k].
        """
        single = [piece for piece, enough in zip(pieces, self.changed(alone), strict=True) if enough]
        if single:
            return (single[0],)
        sets = [tuple(pieces[:count]) for count in range(2, min(REACH, len(pieces)) + 1)]
        if not sets:
            return ()
        hits = np.flatnonzero(self.changed(self.probabilities(sets)))
        return sets[int(hits[0])] if len(hits) else ()

    def shrunk(self, gone: Stretches) -> Stretches:
        """Put back what is not needed, what weighs least first."""
        while len(gone) > KNOWN:
            fewer = [gone[:place] + gone[place + 1 :] for place in reversed(range(len(gone)))]
            hits = np.flatnonzero(self.changed(self.probabilities(fewer)))
            if not len(hits):
                break
            gone = fewer[int(hits[0])]
        return gone
