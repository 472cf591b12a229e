"""How fast a training was, beside what the processor can multiply."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from bert4text.core.config import Record
from bert4text.core.extras import require
from bert4text.models.first_token import first_token, token_products
from bert4text.training.loop import Step

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

SHORTEST = 2.0
"""Seconds of steps below which nothing is said: the first steps are slow."""
LEAST = 0.2
"""Seconds that products are repeated to find the fastest."""
ROWS = 2048
"""Rows of the products that are measured: the tokens that are computed at once."""
USUAL = 0.5
"""Share of the peak that is foretold, by reckoning: products take some six tenths of a step."""
PASSES = 3
"""Products of a weight for each token: forwards, and backwards for the input and for the weight."""


class Pace(Record):
    """The pace of a training.

    Attributes:
        tokens_per_second: learned from, validation and padding not counted.
        gflops: billions of operations a second that products of tokens with weights needed at this pace.
        peak: billions of operations a second of such products alone, measured afterwards.
        share: of the peak.
    """

    tokens_per_second: float
    gflops: float
    peak: float
    share: float


def pace(steps: Sequence[Step], model: PreTrainedModel, *, precision: str) -> Pace | None:
    """The pace of steps taken on a processor; None where they were too few, or taken elsewhere.

    Args:
        steps: taken one after another in this process.
        model: what learned; its products are measured.
        precision: in which it learned.
    """
    timed = [
        (after.tokens, after.seconds - before.seconds)
        for before, after in pairwise(steps)
        if after.validation is None and before.validation is None
    ]
    seconds = sum(took for _, took in timed)
    if model.device.type != "cpu" or seconds < SHORTEST:
        return None
    rate = sum(tokens for tokens, _ in timed) / seconds
    shapes = token_products(model, first_token(model))
    done = 2 * PASSES * rate * sum(depth * columns for depth, columns in shapes) / 1e9
    peak = _peak(shapes, getattr(torch, precision))
    return Pace(
        tokens_per_second=round(rate, 1),
        gflops=round(done, 1),
        peak=round(peak, 1),
        share=round(done / peak, 3),
    )


def expected(shapes: Sequence[tuple[int, int]], *, precision: str) -> dict[str, float]:
    """The peak of an encoder's products here, and the tokens a second that it will about learn from.

    Args:
        shapes: depth and columns of each product with weights.
        precision: in which it will learn.
    """
    peak = _peak(shapes, getattr(torch, precision))
    work = 2 * PASSES * sum(depth * columns for depth, columns in shapes) / 1e9
    return {"peak": round(peak, 1), "tokens_per_second": round(USUAL * peak / work)}


def _peak(shapes: Sequence[tuple[int, int]], kind: torch.dtype) -> float:
    """Billions of operations a second of all products once, each at its fastest."""
    seconds = 0.0
    different = set(shapes)
    for depth, columns in different:
        left = torch.ones(ROWS, depth, dtype=kind)
        right = torch.ones(depth, columns, dtype=kind)
        best, ends = float("inf"), time.perf_counter() + LEAST / len(different)
        while time.perf_counter() < ends or best == float("inf"):
            started = time.perf_counter()
            torch.mm(left, right)
            best = min(best, time.perf_counter() - started)
        seconds += best * shapes.count((depth, columns))
    return 2 * ROWS * sum(depth * columns for depth, columns in shapes) / seconds / 1e9
