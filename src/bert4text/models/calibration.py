"""Calibration: from logits to probabilities one can believe, and from probabilities to a decision."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from bert4text.core.config import Record
from bert4text.core.labels import LabelSpace

Link = Literal["softmax", "sigmoid"]
Probabilities = npt.NDArray[np.float64]


class Calibrator(Record):
    """Turns logits into probabilities and decides; fitted elsewhere, a plain record here.

    Temperature scaling divides the logits by one number (Guo et al., 2017, "On Calibration of Modern
    Neural Networks"): it changes how sure the answers are, never their order.

    Attributes:
        kind: ``none`` or ``temperature``.
        temperature: what the logits are divided by; 1 when ``kind`` is ``none``.
        thresholds: one for each label, or None. One answer: the label whose probability is largest
            relative to its threshold. Several: each label at or above its threshold.
        quantiles: of the conformal scores, by level; None until prediction sets are asked for.
        n: reports it was fitted on.
        link: ``softmax`` (one answer) or ``sigmoid`` (multilabel).
    """

    kind: Literal["none", "temperature"] = "none"
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    thresholds: tuple[float, ...] | None = None
    quantiles: dict[str, float] | None = None
    n: int = 0
    link: Link = "softmax"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind == "none" and self.temperature != 1.0:
            raise ValueError("a calibrator of kind none has the temperature 1")
        if self.thresholds is not None and not all(0 < value <= 1 for value in self.thresholds):
            raise ValueError("thresholds lie above 0 and at most at 1")
        return self

    @classmethod
    def untouched(cls, labels: LabelSpace) -> Self:
        """The calibrator that leaves the logits as they are, with the question's link."""
        return cls(link="sigmoid" if labels.task == "multilabel" else "softmax")

    def probabilities(self, logits: npt.NDArray[np.floating]) -> Probabilities:
        """Probabilities of logits [n, k], float64 [n, k]; rows sum to 1 under ``softmax``."""
        scaled = np.asarray(logits, dtype=np.float64) / self.temperature
        return _sigmoid(scaled) if self.link == "sigmoid" else _softmax(scaled)

    def decide(self, probabilities: Probabilities) -> npt.NDArray[np.int64]:
        """Index of the answer of each row of probabilities [n, k]; a tie goes to the first label."""
        weighed = probabilities if self.thresholds is None else probabilities / np.array(self.thresholds)
        answers: npt.NDArray[np.int64] = np.argmax(weighed, axis=1)
        return answers

    def holds(self, probabilities: Probabilities) -> npt.NDArray[np.bool_]:
        """Which labels hold, bool [n, k]: each at or above its threshold, or above one half."""
        return probabilities >= np.array(0.5 if self.thresholds is None else self.thresholds)


def _softmax(logits: Probabilities) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return result


def _sigmoid(logits: Probabilities) -> Probabilities:
    small = np.exp(-np.abs(logits))  # never overflows
    result: Probabilities = np.where(logits >= 0, 1.0, small) / (1.0 + small)
    return result
