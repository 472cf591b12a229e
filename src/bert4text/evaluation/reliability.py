"""Reliability: does a probability of 0.8 come true 8 times in 10? ECE, Brier and the bins of the diagram."""

from __future__ import annotations

import numpy as np

from bert4text.core.evaluation import ReliabilityBin
from bert4text.evaluation import formulas
from bert4text.evaluation.answers import Answers, Floats, Indices
from bert4text.evaluation.intervals import effective_size, wilson
from bert4text.evaluation.tally import bin_index, confidence, prepare


def brier(answers: Answers) -> float:
    """The Brier score (Brier 1950): mean squared distance of probabilities from what happened; 0 is best."""
    return float(formulas.brier(prepare(answers).tally())[0])


def expected_calibration_error(answers: Answers, *, bins: int = 10) -> float:
    """The mean gap between probability and outcome over equal-width bins (Guo et al. 2017); 0 is best."""
    return float(formulas.ece(prepare(answers, bins=bins).tally())[0])


def reliability_bins(
    answers: Answers, *, system: str, labels: tuple[str, ...], index: Indices, bins: int = 10
) -> list[ReliabilityBin]:
    """The bins that hold a report: mean probability, share that came true with its interval, and n.

    Binary questions are checked on the probability of the second label, which the bins name; others on
    the most probable label, or on all labels (multilabel), without a name.

    Args:
        answers: one system's answers.
        system: its name.
        labels: names of the labels.
        index: the patient of each report ``[n]``; Wilson's interval counts patients, not reports.
        bins: how many of equal width.
    """
    shown, happened = confidence(answers)
    name = labels[1] if answers.task == "binary" else None
    patients = np.repeat(index, shown.shape[1])
    return _bins(shown.ravel(), happened.ravel(), patients, (system, name, bins))


def bins_by_label(
    answers: Answers, *, system: str, labels: tuple[str, ...], index: Indices, bins: int = 10
) -> list[ReliabilityBin]:
    """The bins of each label against all others; none of two labels, whose one diagram says all.

    Args:
        answers: one system's answers.
        system: its name.
        labels: names of the labels.
        index: the patient of each report ``[n]``.
        bins: how many of equal width.
    """
    if answers.task == "binary":
        return []
    return [
        one
        for label, name in enumerate(labels)
        for one in _bins(
            answers.probabilities[:, label],
            answers.truth[:, label].astype(np.float64),
            index,
            (system, name, bins),
        )
    ]


def _bins(
    shown: Floats, happened: Floats, index: Indices, about: tuple[str, str | None, int]
) -> list[ReliabilityBin]:
    system, label, bins = about
    place = bin_index(shown, bins)
    found = []
    for number in np.unique(place):
        inside = place == number
        came_true = inside & (happened > 0)
        n, hits = int(inside.sum()), int(came_true.sum())
        bounds = wilson(hits, n, effective=effective_size(came_true, inside, index)) or (0.0, 1.0)
        found.append(
            ReliabilityBin(
                system=system,
                label=label,
                mean=float(shown[inside].mean()),
                observed=hits / n,
                low=bounds[0],
                high=bounds[1],
                n=n,
            )
        )
    return found
