"""A temperature that calibration reports choose by chance, so that none of them is told of.

The exponential mechanism (McSherry & Talwar, 2007, "Mechanism Design via Differential Privacy"): the
likelier a temperature makes the reports, the likelier it is drawn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.training.calibrate import FEWEST, losses
from bert4text.training.parts import Part
from bert4text.training.secret import Draws

TRIED = np.geomspace(0.25, 4.0, 25)
"""Temperatures among which one is drawn."""
MOST = 1.0
"""What one patient may add to the gain of a temperature over none, or take from it."""


def draw_temperature(
    logits: npt.NDArray[np.floating], part: Part, *, label_space: LabelSpace, epsilon: float, draws: Draws
) -> Calibrator:
    """A temperature for logits of reports that the model has not learned from.

    Args:
        logits: [n, k] of the calibration reports.
        part: these reports.
        label_space: the question.
        epsilon: that each of their patients is charged.
        draws: where chance comes from.

    Returns:
        A calibrator of kind ``none`` where there are fewer than ten reports.
    """
    plain = Calibrator.untouched(label_space)
    if len(part.texts) < FEWEST:
        return plain
    wide = np.asarray(logits, dtype=np.float64)
    patients = np.unique(np.asarray(part.groups, dtype=str), return_inverse=True)[1]
    before = losses(wide, part.truth, label_space=label_space)
    gains = np.zeros(len(TRIED))
    for place, temperature in enumerate(TRIED):
        gain = before - losses(wide / temperature, part.truth, label_space=label_space)
        each = np.bincount(patients, weights=gain) / np.bincount(patients)
        gains[place] = np.clip(each, -MOST, MOST).sum()
    chance = -np.log(-np.log1p(-np.clip(draws.uniform(len(TRIED)), 1e-300, 1 - 1e-16)))
    chosen = int(np.argmax(epsilon * gains / (2 * MOST) + chance))
    temperature = float(TRIED[chosen])
    return Calibrator(kind="temperature", temperature=temperature, n=len(part.texts), link=plain.link)
