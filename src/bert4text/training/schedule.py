"""The learning rate of each step: a function of the step alone, so nothing of it need be kept."""

from __future__ import annotations

import math
from typing import Literal


def learning_rate(
    step: int,
    *,
    total: int,
    highest: float,
    warmup: float,
    schedule: Literal["linear", "cosine", "constant"],
) -> float:
    """The learning rate of a step, counted from 0.

    It rises in a straight line over the first ``warmup`` share of the steps, then falls to zero in a
    straight line or along half a cosine (Loshchilov & Hutter, 2017, "SGDR"), or stays.

    Args:
        step: from 0.
        total: steps of the whole training.
        highest: the rate at the end of the warm-up.
        warmup: share of the steps, in [0, 1).
        schedule: how it falls.
    """
    rising = math.ceil(total * warmup)
    if step < rising:
        return highest * (step + 1) / rising
    done = (step - rising) / max(1, total - rising)
    if schedule == "constant":
        return highest
    if schedule == "cosine":
        return highest * 0.5 * (1 + math.cos(math.pi * done))
    return highest * (1 - done)
