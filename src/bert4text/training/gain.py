"""How good answers out of fold are, and whether one set of them is better than another beyond noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bert4text.core import seeds
from bert4text.evaluation.answers import Bools, Floats
from bert4text.evaluation.intervals import accelerated, expanded, group_index, leave_one_out, resamples
from bert4text.training.calibrate import evidence, macro_f1
from bert4text.training.tuned import Compared, Figure

RESAMPLES = 1000


@dataclass(frozen=True)
class Held:
    """Reports that were held out.

    Attributes:
        truth: bool [n, k], which labels hold.
        groups: the patient of each.
        seed: of the resamples; the same resamples for whatever is compared.
    """

    truth: Bools
    groups: Sequence[str]
    seed: int

    def score(self, decided: Bools) -> float:
        """Macro-F1 of answers, the score that epochs are chosen by: labels with few reports count less.

        Args:
            decided: bool [n, k], the labels given.
        """
        return float(macro_f1(self.truth, decided, labels=evidence(self.truth))[0])

    def shares(self, decided: Bools, other: Bools) -> tuple[float, float]:
        """Shares of the resamples in which the first answers are better than the other, and worse."""
        first, second = self._draws(decided), self._draws(other)
        return float((first > second).mean()), float((first < second).mean())

    def compare(self, baseline: Bools, best: Bools) -> Compared:
        """Both sets of answers with intervals, and the difference of pairs."""
        before, after = self._draws(baseline), self._draws(best)
        gain = self.score(best) - self.score(baseline)
        bounds = expanded(gain, after - before, groups=group_index(self.groups)[1])
        return Compared(
            baseline=self._figure(baseline, before),
            best=self._figure(best, after),
            gain=_figure(gain, bounds),
            better=float((after > before).mean()),
            reports=len(self.truth),
        )

    def _figure(self, decided: Bools, draws: Floats) -> Figure:
        index, _ = group_index(self.groups)
        labels, value = evidence(self.truth), self.score(decided)
        left_out = [macro_f1(self.truth, decided, weights, labels=labels) for weights in leave_one_out(index)]
        empty = np.zeros(0)
        return _figure(value, accelerated(value, draws, np.concatenate(left_out) if left_out else empty))

    def _draws(self, decided: Bools) -> Floats:
        """Macro-F1 in each resample of whole patients, [resamples]."""
        index, _ = group_index(self.groups)
        labels, random = evidence(self.truth), seeds.rng(self.seed, "training.tune.resamples")
        return np.concatenate(
            [
                macro_f1(self.truth, decided, weights, labels=labels)
                for weights in resamples(index, count=RESAMPLES, random=random)
            ]
        )


def _figure(value: float, bounds: tuple[float, float] | None) -> Figure:
    low, high = bounds or (None, None)
    return Figure(value=value, low=low, high=high)
