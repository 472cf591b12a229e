"""Prediction sets: labels that cannot be excluded, so that the true one is among them as often as promised.

Split conformal prediction (Vovk, Gammerman & Shafer, 2005, "Algorithmic Learning in a Random World"): a label
is excluded where it suits the report worse than the true labels of nearly all calibration reports suited
theirs. The promise holds for reports of new patients like those of calibration, whatever the model is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from bert4text.core.config import Record
from bert4text.core.digest import sha256
from bert4text.core.prediction import Promise, Score

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PENALTY = 0.01
"""What each further label adds to a score of ``raps``."""
FREE = 2
"""Labels of a set that ``raps`` does not charge."""
ROUNDING = 1e-9
"""Scores of one report on two machines differ by less."""


class PredictionSets(Record):
    """From which score on a label is excluded, for several promises.

    Attributes:
        score: how badly a label suits a report: ``lac`` is 1 less its probability (Sadinle, Lei & Wasserman,
            2019, "Least Ambiguous Set-Valued Classifiers With Bounded Error Levels"); ``aps`` the probability
            of all likelier labels and of a part of it that is drawn (Romano, Sesia & Candes, 2020,
            "Classification with Valid and Adaptive Coverage"); ``raps`` adds a penalty for each label beyond
            the second (Angelopoulos et al., 2021, "Uncertainty Sets for Image Classifiers using Conformal
            Prediction").
        overall: level -> the largest score that is kept, if the promise is over all reports; None where
            calibration reports are too few for it. Without it where several labels may hold.
        each_label: level -> the same of each label, if the promise is of the reports of each label.
        reports: calibration reports of each label.
        patients: patients that these are of.
    """

    score: Score = "lac"
    overall: dict[str, float | None] | None = None
    each_label: dict[str, tuple[float | None, ...]]
    reports: tuple[int, ...] = Field(min_length=1)
    patients: tuple[int, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        sizes = {len(self.reports), len(self.patients), *(len(each) for each in self.each_label.values())}
        if len(sizes) != 1:
            raise ValueError("prediction sets have one quantile and one count for each label")
        return self

    @property
    def levels(self) -> tuple[float, ...]:
        """The promises that there are, ascending."""
        return tuple(sorted(float(level) for level in self.each_label))

    def quantiles(self, level: float, promise: Promise) -> tuple[float | None, ...]:
        """The largest score that is kept, of each label; None where too few reports were there to exclude it.

        Raises:
            KeyError: there is no such promise.
        """
        if promise == "each-label":
            return self.each_label[named(level)]
        if self.overall is None:
            raise KeyError(promise)
        return (self.overall[named(level)],) * len(self.reports)

    def kept(self, probabilities: Floats, texts: Sequence[str], level: float, promise: Promise) -> Bools:
        """Which labels cannot be excluded, bool [n, k]; a row may have none.

        Args:
            probabilities: calibrated, [n, k].
            texts: of the reports; they tell what is drawn.
            level: what is promised, one of ``levels``.
            promise: over all reports, or of each label.
        """
        most = [np.inf if one is None else one for one in self.quantiles(level, promise)]
        return scores(probabilities, texts, self.score) <= np.array(most) + ROUNDING


def named(level: float) -> str:
    """The name of a level, as records keep it."""
    return f"{level:.6g}"


def drawn(texts: Sequence[str]) -> Floats:
    """A number in [0, 1) for each text, as if drawn at random; the same text has the same."""
    digests = (sha256(text.encode("utf-8", "surrogatepass")) for text in texts)
    return np.array([int(digest[:13], 16) / 16.0**13 for digest in digests], dtype=np.float64)


def scores(probabilities: Floats, texts: Sequence[str], score: Score) -> Floats:
    """How badly each label suits each report, [n, k]; the larger the worse."""
    if score == "lac":
        return 1.0 - probabilities
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1)
    summed = np.cumsum(ranked, axis=1) - drawn(texts)[:, None] * ranked
    if score == "raps":
        summed = summed + PENALTY * np.maximum(np.arange(1, probabilities.shape[1] + 1) - FREE, 0)
    found = np.empty_like(summed)
    np.put_along_axis(found, order, summed, axis=1)
    return found
