"""Does the length of a report, or the number in its id, alone predict its label?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from bert4text.auditing.reading import Bools, Reading
from bert4text.core.issue import Issue

ERROR, WARNING, ID_WARNING, TOLD = 0.6, 0.33, 0.3, 0.1
"""Share of the way from chance to certainty, at the lower end, to be an error, a warning, or told.

Abnormal reports are longer by nature: length is held to more than a word is (honest made-up reports of
the benchmark reach 0.31).
"""
_BINS = 10
_LEAST = 10  # reports of a class in each half
_LAST_NUMBER, _DIGITS = re.compile(r"(\d+)\D*$"), 15  # of so many digits a float tells each apart


def length_issue(reading: Reading) -> Iterator[Issue]:
    """Guess the label from the number of words, each half of the patients by what the other taught."""
    words = np.asarray([len(text.split()) for text in reading.texts], dtype=np.float64)
    skill = _guessed(words, reading)
    if skill is not None:
        yield Issue(
            check="shortcut",
            severity="error" if skill[0] >= ERROR else "warning" if skill[0] >= WARNING else "info",
            code="length",
            message="the number of words alone takes a guess {skill} of the way from chance to certainty "
            "(at least {low})",
            values={"skill": round(skill[1], 2), "low": round(skill[0], 2), "total": len(reading)},
            reports=len(reading),
        )


def id_issue(reading: Reading, ids: Sequence[str]) -> Iterator[Issue]:
    """Guess the label from the last number in the id: it does where the classes were gathered apart.

    The model does not see the id, so it is a warning: other traces of where reports come from may stand in
    the texts.

    Args:
        reading: the reports.
        ids: of the same reports.
    """
    found = [_LAST_NUMBER.search(one) for one in ids]
    if not found or not all(found):
        return
    numbers = np.asarray([float(one.group(1)[-_DIGITS:]) for one in found if one], dtype=np.float64)
    skill = _guessed(numbers, reading)
    if skill is not None:
        yield Issue(
            check="shortcut",
            severity="warning" if skill[0] >= ID_WARNING else "info",
            code="id-range",
            message="the numbers in the ids alone take a guess {skill} of the way from chance to certainty "
            "(at least {low}): the classes seem to have been gathered apart",
            values={"skill": round(skill[1], 2), "low": round(skill[0], 2), "total": len(reading)},
            reports=len(reading),
        )


def _guessed(values: npt.NDArray[np.float64], reading: Reading) -> tuple[float, float] | None:
    """The lower end of the skill and the skill, where it is worth being told."""
    counts = [reading.labels[half].sum(axis=0) for half in (reading.held, ~reading.held)]
    usable = np.flatnonzero((counts[0] >= _LEAST) & (counts[1] >= _LEAST))
    if len(usable) < 2 or (reading.labels.sum(axis=1) > 1).any():
        return None
    low, skill = _skill(values, reading, usable)
    return (low, skill) if low >= TOLD else None


def _skill(
    values: npt.NDArray[np.float64], reading: Reading, usable: npt.NDArray[np.intp]
) -> tuple[float, float]:
    """Balanced accuracy, from 0 at chance to 1, with the lower end of its 95 % interval before it.

    Each half of the patients is guessed by what was learned on the other.
    """
    guess = np.empty(len(values), dtype=np.int64)
    for learn in (reading.held, ~reading.held):
        guess[~learn] = _guesses(values, reading.labels[:, usable], learn)[~learn]
    right, spread = [], []
    for place, label in enumerate(usable):
        own = reading.labels[:, label]
        share, patients = float((guess[own] == place).mean()), len(np.unique(reading.groups[own]))
        right.append(share)
        spread.append(share * (1 - share) / patients)
    chance, deviation = 1 / len(usable), float(np.sqrt(sum(spread))) / len(usable)
    skill = (float(np.mean(right)) - chance) / (1 - chance)
    return skill - 1.96 * deviation / (1 - chance), skill


def _guesses(values: npt.NDArray[np.float64], labels: Bools, learn: Bools) -> npt.NDArray[np.int64]:
    """The label that is likeliest, were all as frequent, in the tenth of the values that each lies in."""
    edges = np.unique(np.quantile(values[learn], np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, values, side="right")
    shares = np.stack(
        [
            (np.bincount(bins[learn & own], minlength=len(edges) + 1) + 0.5)
            / ((learn & own).sum() + 0.5 * (len(edges) + 1))
            for own in labels.T
        ]
    )
    return np.asarray(np.argmax(shares, axis=0)[bins])
