"""Scoring: which answers to changed reports are failures, and how far they moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Moved(NamedTuple):
    """What became of n changed reports.

    Attributes:
        failed: bool [n], whether the answer is not as it should be.
        shift: float64 [n], how far it moved the way it should not.
    """

    failed: Bools
    shift: Floats


class Scoring:
    """Says what of the answers to changed reports is a failure.

    Args:
        space: the question.
        calibrator: decides.
        serious: labels that count as serious; the higher grades of an ordinal question if none is named.
        tolerance: by how much a probability may move.
        sure: probability above which an answer to a text that says nothing is a failure.
        shares: of the labels in training; an answer as frequent as it is sure gives away nothing.

    Raises:
        LabelError: a serious label is none of the question.
    """

    def __init__(
        self,
        space: LabelSpace,
        calibrator: Calibrator,
        *,
        serious: Sequence[str] = (),
        tolerance: float = 0.1,
        sure: float = 0.9,
        shares: Mapping[str, float] | None = None,
    ) -> None:
        self._space, self._calibrator = space, calibrator
        self._tolerance, self._sure = tolerance, sure
        self._shares = np.array([(shares or {}).get(name, 0.0) for name in space.names])
        self._weights = _weights(space, [space.index(name) for name in serious])

    @property
    def ordered(self) -> bool:
        """Whether it is known which answers are more serious."""
        return self._weights is not None

    def holds(self, probabilities: Floats) -> Bools:
        """Which labels are given as the answer, bool [n, k]."""
        if self._space.task == "multilabel":
            return self._calibrator.holds(probabilities)
        decided = self._calibrator.decide(probabilities)
        return np.asarray(np.arange(len(self._space))[None, :] == decided[:, None])

    def answer(self, probabilities: Floats) -> str | None:
        """The answer of one row, as it is shown; None where there is none."""
        if not np.isfinite(probabilities).all():
            return None
        held = self.holds(probabilities[None, :])[0]
        return ", ".join(name for name, holds in zip(self._space.names, held, strict=True) if holds) or "–"

    def invariant(self, before: Floats, after: Floats) -> Moved:
        """The decision has to stay."""
        changed = (self.holds(before) != self.holds(after)).any(axis=1)
        return _with_broken(after, changed, np.abs(after - before).max(axis=1))

    def directed(self, before: Floats, after: Floats, *, toward: str | None) -> Moved:
        """Neither the decision nor, beyond the tolerance, the probability moves the wrong way."""
        sign = 1.0 if toward == "down" else -1.0
        shift = sign * (self._seriousness(after) - self._seriousness(before))
        step = sign * (self._decided(after) - self._decided(before))
        return _with_broken(after, (shift > self._tolerance) | (step > 0), np.maximum(shift, 0.0))

    def unsure(self, after: Floats) -> Moved:
        """No answer is sure, but the one that says nothing, and one as frequent in training."""
        counted = np.array([name != self._space.indeterminate for name in self._space.names])
        counted &= self._shares <= self._sure
        known = np.where(counted, after, 0.0)
        return _with_broken(after, np.any(known > self._sure, axis=1), known.max(axis=1))

    def _seriousness(self, probabilities: Floats) -> Floats:
        """How serious the answers are, between 0 and 1."""
        weights = self._scale()
        if self._space.task == "multilabel":
            return np.asarray((probabilities * weights).max(axis=1))
        known = np.where(np.isnan(weights), 0.0, probabilities)
        total = np.maximum(known.sum(axis=1), 1e-9)
        return np.asarray((known * np.nan_to_num(weights)).sum(axis=1) / total)

    def _decided(self, probabilities: Floats) -> Floats:
        """How serious the decisions are; NaN where the answer is no grade."""
        held = self.holds(probabilities)
        weights = self._scale()
        found = np.where(held, weights[None, :], -np.inf).max(axis=1)
        return np.where(np.isneginf(found), 0.0, found)

    def _scale(self) -> Floats:
        return np.zeros(len(self._space)) if self._weights is None else self._weights


def _weights(space: LabelSpace, serious: Sequence[int]) -> Floats | None:
    """How serious each label is, from 0 to 1; NaN for those that are no grade; None where nobody said."""
    if serious:
        return np.array([float(place in serious) for place in range(len(space))])
    if space.task != "ordinal" or len(space.scale) < 2:
        return None
    weights = np.full(len(space), np.nan)
    weights[list(space.scale)] = np.linspace(0.0, 1.0, len(space.scale))
    return weights


def _with_broken(after: Floats, failed: Bools, shift: Floats) -> Moved:
    """An answer that is no number is a failure whatever was expected."""
    broken = ~np.isfinite(after).all(axis=1)
    return Moved(np.asarray(failed | broken), np.where(broken, 1.0, shift))
