"""Over many reports: the words on which the answers of each label hang."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from bert4text.core.explanation import Driver, Explanation, Overview

LEAST = 5
"""A word is told of only where it stands in so many reports of so many patients: a rarer one may name one."""
CERTAINTY = 0.95


class Case(NamedTuple):
    """A report, whose it is, and the explanation of the answer to it."""

    text: str
    patient: str
    explanation: Explanation


def overview(
    cases: Iterable[Case], labels: Sequence[str], *, split: str, model: str, corpus: str
) -> Overview:
    """The words on which answers hang, label by label.

    A word that stands several times in a report counts once, with the sum of what it adds. Numbers are left
    out: each is of one report.

    Args:
        cases: reports and the explanations of the answers to them.
        labels: of the question, in its order.
        split: of which the reports are.
        model: first 16 hex of the bundle's digest.
        corpus: its fingerprint.
    """
    counts: Counter[str] = Counter()
    found: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    held: list[bool] = []
    method = ""
    for case in cases:
        explanation = case.explanation
        method = explanation.method
        counts[explanation.label] += 1
        if explanation.faithfulness is not None:
            held.append(explanation.faithfulness.holds)
        added: defaultdict[str, float] = defaultdict(float)
        for one in explanation.of("word"):
            word = case.text[one.start : one.end].lower()
            if not any(map(str.isdigit, word)):
                added[word] += one.value
        for word, value in added.items():
            found[explanation.label, word].append((case.patient, value))
    drivers = [
        driver for (label, word), told in found.items() if (driver := _driver(label, word, told)) is not None
    ]
    drivers.sort(key=lambda one: (labels.index(one.label), -one.value, one.word))
    return Overview(
        method=method,
        split=split,
        reports={label: counts[label] for label in labels},
        faithful=float(np.mean(held)) if held else None,
        drivers=tuple(drivers),
        model=model,
        corpus=corpus,
    )


def _driver(label: str, word: str, told: Sequence[tuple[str, float]]) -> Driver | None:
    """The mean over the patients of a word, with its interval; None of a word that few have."""
    by_patient: dict[str, list[float]] = defaultdict(list)
    for patient, value in told:
        by_patient[patient].append(value)
    if len(told) < LEAST or len(by_patient) < LEAST:
        return None
    values = np.array([np.mean(one) for one in by_patient.values()])
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    reach = float(stats.t.ppf((1 + CERTAINTY) / 2, len(values) - 1)) * error
    return Driver(
        label=label,
        word=word,
        value=mean,
        low=mean - reach,
        high=mean + reach,
        reports=len(told),
        patients=len(by_patient),
    )


def strongest(found: Overview, label: str, *, most: int) -> tuple[list[Driver], list[Driver]]:
    """The words that add most to a label, and that take most from it: their intervals leave out zero."""
    sure = [one for one in found.drivers if one.label == label]
    added = [one for one in sure if one.low is not None and one.low > 0][:most]
    taken = [one for one in reversed(sure) if one.high is not None and one.high < 0][:most]
    return added, taken
