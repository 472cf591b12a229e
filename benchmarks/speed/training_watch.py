"""What is measured of a system that trains: its clock, the tokens it learned from, and its curve.

It needs the standard library alone: rivals' workers use it in environments of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BACKWARD = 3
"""Operations of a training step, as a multiple of those of its forward pass."""
PASSES, CLOCK, MACRO_F1 = "passes", "clock", "macro-F1"
"""The parts of a curve: passes over the reports, seconds until then, and what they were worth."""


class Watch:
    """A clock that runs while a system trains and stands while it is evaluated."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.tokens = 0
        self.curve: list[tuple[float, float, float]] = []
        self._since = 0.0

    def begin(self) -> None:
        """Let the clock run."""
        self._since = time.perf_counter()

    def end(self) -> None:
        """Let the clock stand."""
        self.seconds += time.perf_counter() - self._since

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the clock run for a while."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let a running clock stand for a while."""
        self.end()
        try:
            yield
        finally:
            self.begin()

    def note(self, passes: float, value: float, *, more: float = 0.0) -> None:
        """Note a macro-F1; the clock stands.

        Args:
            passes: over the training reports so far.
            value: the macro-F1.
            more: seconds that a training ended here would still need.
        """
        self.curve.append((passes, self.seconds + more, value))

    def worth(self) -> dict[str, float | list[float]]:
        """The curve, part by part, its best macro-F1 and when it ended."""
        passes, clock, values = (list(part) for part in zip(*self.curve, strict=True))
        told = {"best macro-F1": max(values), "training s": clock[-1]}
        return {**told, PASSES: passes, CLOCK: clock, MACRO_F1: values}

    def rates(
        self, given: Mapping[str, Any], *, precision: str, computed: float = 1.0
    ) -> dict[str, float | list[float]]:
        """Tokens a second, what was computed for them, and which share of the peak that is.

        Args:
            given: what the worker was told.
            precision: of the products of this system.
            computed: share of the encoder's operations that this system computes.
        """
        speed = self.tokens / self.seconds
        rate = BACKWARD * given["gflop_per_token"] * computed * speed
        peaks = {kind: peak for kind, peak in given["peaks"].items() if kind in {precision, "float32"}}
        shares: dict[str, float | list[float]] = {
            f"of {kind} peak": rate / peak for kind, peak in peaks.items()
        }
        return {"tokens/s": speed, "GFLOP/s": rate, **shares}


def halves(steps: int) -> dict[int, float]:
    """After which steps of a pass the curve is noted: in its middle and at its end."""
    return {steps // 2: 0.5, steps: 1.0} if steps > 1 else {steps: 1.0}


def due(step: int, steps: int) -> float | None:
    """Passes so far where the curve is noted after this step.

    Args:
        step: from 1.
        steps: of one pass.
    """
    done, place = divmod(step - 1, steps)
    part = halves(steps).get(place + 1)
    return None if part is None else done + part


def macro_f1(truth: Sequence[int], given: Sequence[int]) -> float:
    """Mean F1 of the labels that occur in the truth."""
    pairs = list(zip(truth, given, strict=True))
    scores = []
    for label in sorted(set(truth)):
        hits = pairs.count((label, label))
        named = sum(answer == label for answer in given)
        scores.append(2 * hits / (list(truth).count(label) + named))
    return sum(scores) / len(scores)


def material(given: Mapping[str, Any]) -> dict[str, Any]:
    """Labels, and texts and targets of ``train`` and ``validation``."""
    found: dict[str, Any] = json.loads((Path(given["folder"]) / "training.json").read_text(encoding="utf-8"))
    return found
