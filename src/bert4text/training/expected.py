"""Thresholds for one answer of several: those of the highest macro-F1 that calibrated probabilities expect.

Of a label with a dozen reports hardly one falls into validation, and thresholds that fit its label fit
chance. Probabilities tell more: each report says how much of each label it expects. What a decision is worth
is then worked out without a true label (Lewis, 1995, "Evaluating and optimizing autonomous text
classification systems"), and a rare label is answered as soon as that raises its F1 by more than the others'
falls.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.models.calibration import Calibrator

Floats = npt.NDArray[np.float64]

ODDS = np.array(sorted(np.geomspace(1 / 2, 2, 9), key=lambda value: abs(np.log(value))))
"""What the threshold of a label is multiplied by, the mildest first: of equal ones that is taken.

Not more: of a label that hardly occurs, probabilities are not that believable.
"""

TURNS = 2
"""How often each label's threshold is looked for again, the others as found."""


def expected_thresholds(calibrator: Calibrator, logits: npt.NDArray[np.floating]) -> Calibrator:
    """The calibrator with the thresholds by which macro-F1 is expected to be highest.

    Args:
        calibrator: its temperature fitted: probabilities have to be believable.
        logits: [n, k] of reports that were not learned from; their labels are not asked for.

    Returns:
        The calibrator as it is where every threshold stays equal.
    """
    probabilities = calibrator.probabilities(logits)
    labels = probabilities.shape[1]
    found, best = np.ones(labels), expected_macro_f1(probabilities, np.ones(labels))
    for _ in range(TURNS):
        for label in range(labels):
            for odds in ODDS:
                tried = found.copy()
                tried[label] = odds
                score = expected_macro_f1(probabilities, tried)
                if score > best + 1e-9:
                    best, found = score, tried
    if (found == found[0]).all():
        return calibrator
    thresholds = found / found.sum()
    return calibrator.model_copy(update={"thresholds": tuple(float(value) for value in thresholds)})


def expected_macro_f1(probabilities: Floats, thresholds: Floats) -> float:
    """Mean over the labels of twice the hits over answers and occurrences, each as probabilities expect it.

    Args:
        probabilities: [n, k], rows sum to 1.
        thresholds: [k]; answered is the label whose probability is largest beside its own.
    """
    n, labels = probabilities.shape
    answers = (probabilities / thresholds).argmax(axis=1)
    hits = np.bincount(answers, weights=probabilities[np.arange(n), answers], minlength=labels)
    both = np.bincount(answers, minlength=labels) + probabilities.sum(axis=0)
    return float(np.mean(np.divide(2 * hits, both, out=np.zeros(labels), where=both > 0)))
