"""Rates of failures with their intervals by patient, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bert4text.core.stress import Holding, Rate
from bert4text.evaluation.intervals import effective_size, group_index, wilson
from bert4text.robustness.scoring import Bools


class Trials(NamedTuple):
    """Tests that were answered.

    Attributes:
        failed: bool [n].
        groups: the patient of each, or what else makes tests resemble each other.
    """

    failed: Bools
    groups: Sequence[str]


def rate(name: str, tests: Sequence[Trials], *, capability: str, at_most: float, minimum: int) -> Rate:
    """The rate of failures over some tests.

    The interval is Wilson's, of as many independent tests as these are worth (``effective_size``): reports of
    one patient, and changes of one report, resemble each other.

    Args:
        name: of the perturbation or capability.
        tests: of one perturbation, or of all of a capability.
        capability: that is tried.
        at_most: the largest rate with which it holds.
        minimum: tests without which nothing is said.
    """
    groups = [group for each in tests for group in each.groups]
    if not groups:
        return Rate(name=name, capability=capability, at_most=at_most, verdict="too-few")
    failed = np.concatenate([each.failed for each in tests])
    index, _ = group_index(groups)
    worth = effective_size(failed, np.ones(len(failed), dtype=np.bool_), index)
    low, high = wilson(float(failed.sum()), float(len(failed)), effective=worth) or (0.0, 1.0)
    return Rate(
        name=name,
        capability=capability,
        at_most=at_most,
        verdict=_verdict(low, high, at_most=at_most, enough=len(failed) >= minimum),
        tests=len(failed),
        failures=int(failed.sum()),
        rate=float(failed.mean()),
        low=low,
        high=high,
    )


def _verdict(low: float, high: float, *, at_most: float, enough: bool) -> Holding:
    if not enough:
        return "too-few"
    if low > at_most:
        return "breaks"
    return "holds" if high <= at_most else "not-shown"
