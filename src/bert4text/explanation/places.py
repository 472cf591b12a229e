"""Where what a model is shown stands in the report that it was cut from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.explanation import Contribution
from bert4text.explanation.units import cut

Places = npt.NDArray[np.intp]


def in_report(contributions: Iterable[Contribution], *, shown: str, text: str) -> list[Contribution]:
    """Contributions with the offsets of the whole report.

    Args:
        contributions: with the offsets of what the model is shown.
        shown: what the model is shown; what was put in, and stands nowhere in the report, is left out.
        text: the report.
    """
    if shown == text:
        return list(contributions)
    ours, theirs = cut(shown, "word"), cut(text, "word")
    place = aligned([shown[start:end] for start, end in ours], [text[start:end] for start, end in theirs])
    found = []
    for one in contributions:
        inside = [
            theirs[place[number]]
            for number, (start, end) in enumerate(ours)
            if number in place and one.start <= start and end <= one.end
        ]
        if inside:
            found.append(one.model_copy(update={"start": inside[0][0], "end": inside[-1][1]}))
    return found


def aligned(ours: Sequence[str], theirs: Sequence[str]) -> dict[int, int]:
    """Place of each word among others that hold them in their order, with as few leaps as can be.

    Where the same words stand twice, those that follow one another are taken together: a sentence is found in
    one place, and not half of it in another that says the same.

    Args:
        ours: words.
        theirs: the words that they were taken from; of ours, what cannot be found there has no place.
    """
    known = np.array([*theirs], dtype=object)
    leaps = np.zeros(len(theirs) + 1)  # of the last word so far, at each place; the first may stand anywhere
    steps: list[tuple[int, Places]] = []
    for number, word in enumerate(ours):
        least = np.minimum.accumulate(leaps)
        first = _first_of(least)
        leap = least[:-1] + 1
        follow = leaps[:-1]
        found = np.where(known == word, np.minimum(follow, leap), np.inf)
        if np.isfinite(found).any():
            before = np.where(follow <= leap, np.arange(len(theirs)), first[:-1])
            steps.append((number, before))
            leaps = np.concatenate([[np.inf], found])
    place = {}
    last = int(np.argmin(leaps))
    for number, before in reversed(steps):
        place[number] = last - 1
        last = int(before[last - 1])
    return place


def _first_of(least: npt.NDArray[np.float64]) -> Places:
    """Where each running minimum was reached first."""
    reached = np.concatenate([[True], least[1:] < least[:-1]])
    return np.maximum.accumulate(np.where(reached, np.arange(len(least)), 0))
