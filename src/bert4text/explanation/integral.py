"""The integral of derivatives along a way, raised until it adds up: Clenshaw and Curtis's rule, doubled.

The rule takes the places of the way where a cosine is even (Clenshaw & Curtis, 1960, "A method for numerical
integration on an automatic computer"): close to both ends, where the derivatives of encoders with layer
normalization are steep, and so that twice as many places hold those that were looked at already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Derivatives = Callable[[Sequence[float]], tuple[Floats, Floats]]
"""Places of the way from 0 to 1 -> the score [n] and its derivatives by each column [n, columns] there."""

FLOOR = 0.1
"""Log-odds: of a smaller change of the score, errors are told as shares of this."""


class Integral(NamedTuple):
    """What each column adds on the way.

    Attributes:
        values: float64 [columns].
        start, end: the score at both ends.
        steps: parts of the way, one less than the places that were looked at.
        error: what the values miss of the change of the score, as a share of it.
        converged: whether that is within the tolerance.
    """

    values: Floats
    start: float
    end: float
    steps: int
    error: float
    converged: bool


def integrate(derivatives: Derivatives, *, steps: int, most: int, tolerance: float) -> Integral:
    """Integrate, with twice the steps until the values add up to the change of the score.

    Args:
        derivatives: gives them at places of the way.
        steps: to begin with; even.
        most: steps that are not gone beyond; even.
        tolerance: largest share of the change of the score that may be missing.
    """
    steps = min(steps, most)
    scores, changes = derivatives(places(steps).tolist())
    while True:
        values: Floats = weights(steps) @ changes
        gap = float(scores[-1] - scores[0])
        error = abs(float(values.sum()) - gap) / max(abs(gap), FLOOR)
        if error <= tolerance or 2 * steps > most:
            break
        steps *= 2
        between, beside = derivatives(places(steps)[1::2].tolist())
        scores, changes = _woven(scores, between), _woven(changes, beside)
    return Integral(values, float(scores[0]), float(scores[-1]), steps, error, error <= tolerance)


def places(steps: int) -> Floats:
    """Where the derivatives are looked at, from 0 to 1: [steps + 1]."""
    found: Floats = (1 - np.cos(np.pi * np.arange(steps + 1) / steps)) / 2
    return found


def weights(steps: int) -> Floats:
    """How much each place counts: [steps + 1], their sum is 1.

    Args:
        steps: even.
    """
    even = np.arange(0, steps + 1, 2)
    parts = 2.0 / (1.0 - even.astype(np.float64) ** 2)
    parts[[0, -1]] /= 2
    angles = np.pi * np.outer(np.arange(steps + 1), even) / steps
    found: Floats = np.cos(angles) @ parts / steps
    found[[0, -1]] /= 2
    return found


def _woven(before: Floats, between: Floats) -> Floats:
    """Rows of both in turn, those from before first and last."""
    found = np.empty((len(before) + len(between), *before.shape[1:]))
    found[::2], found[1::2] = before, between
    return found
