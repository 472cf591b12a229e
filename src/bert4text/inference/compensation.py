"""Weights rounded one input after the other, each one's loss made up for by those that are not rounded yet.

Frantar et al., 2023, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers":
inputs that go together in reports can stand in for each other, so that the sum loses less than its parts.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.inference.rounding import Floats, scales_of

DAMPING = 0.01
"""Added to what each input is worth, as a share of the mean: what was hardly seen is moved little."""
BLOCK = 64
"""Inputs after whose rounding all later ones are made up at once."""


def compensated(
    weights: Floats, gram: npt.NDArray[np.float64], *, largest: int
) -> tuple[npt.NDArray[np.int8], Floats]:
    """Weights as integers up to ``largest`` [d, e], and the scale of each column [e].

    Args:
        weights: float32 [d, e].
        gram: [d, d], the sum over tokens of the products of each two of their activations.
        largest: of the integers.
    """
    depth = len(weights)
    scales = scales_of(weights, largest)
    order = np.argsort(-np.diag(gram), kind="stable")
    spread = _spread(gram[np.ix_(order, order)])
    left = weights[order].astype(np.float64)
    values = np.zeros(weights.shape, dtype=np.int8)
    for start in range(0, depth, BLOCK):
        end = min(start + BLOCK, depth)
        lost = np.zeros((end - start, weights.shape[1]))
        for row in range(start, end):
            rounded = np.clip(np.rint(left[row] / scales), -largest, largest)
            values[order[row]] = rounded
            lost[row - start] = (left[row] - rounded * scales) / spread[row, row]
            left[row + 1 : end] -= np.outer(spread[row, row + 1 : end], lost[row - start])
        left[end:] -= spread[start:end, end:].T @ lost
    return values, scales


def _spread(gram: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The upper triangle [d, d] whose product with itself is the inverse of a damped Gram matrix."""
    damping = DAMPING * max(float(np.diag(gram).mean()), 1e-12)
    inverse = np.linalg.inv(gram + damping * np.eye(len(gram)))
    return np.asarray(np.linalg.cholesky((inverse + inverse.T) / 2).T, dtype=np.float64)
