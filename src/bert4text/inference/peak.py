"""What a processor multiplies at most, measured with what every installation has."""

from __future__ import annotations

import time

import numpy as np

ROWS, WIDTH = 2048, 768
"""Rows of the product that is measured, and columns of either side: tokens and width of an encoder."""
LEAST = 0.2
"""Seconds that it is repeated."""


def multiplied() -> float:
    """Billions of operations a second of a product of 32-bit numbers with all cores, the fastest of many."""
    left, right = np.ones((ROWS, WIDTH), dtype=np.float32), np.ones((WIDTH, WIDTH), dtype=np.float32)
    best, ends = float("inf"), time.perf_counter() + LEAST
    while time.perf_counter() < ends or best == float("inf"):
        started = time.perf_counter()
        np.matmul(left, right)
        best = min(best, time.perf_counter() - started)
    return 2.0 * ROWS * WIDTH * WIDTH / best / 1e9
