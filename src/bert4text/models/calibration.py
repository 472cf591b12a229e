"""Calibration: from logits to probabilities one can believe, and from probabilities to a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from bert4text.core.config import Record
from bert4text.core.labels import LabelSpace
from bert4text.models.conformal import PredictionSets
from bert4text.models.group_points import GroupPoints

Link = Literal["softmax", "sigmoid"]
Kind = Literal["none", "temperature", "vector", "isotonic"]
Probabilities = npt.NDArray[np.float64]
Groups = Sequence[str | None]
"""The group of each of some reports; None is the common one."""


class Curve(Record):
    """A line through points, that never falls: what a probability is turned into.

    Attributes:
        x: probabilities before, ascending.
        y: probabilities after, as many, never falling; between two points it is straight.
    """

    x: tuple[float, ...] = Field(min_length=1)
    y: tuple[float, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.x) != len(self.y) or (np.diff(self.x) < 0).any() or (np.diff(self.y) < 0).any():
            raise ValueError("a curve has as many x as y, and neither falls")
        if not 0 < self.y[0] <= self.y[-1] < 1:
            raise ValueError("what a curve gives lies between 0 and 1")
        return self

    def __call__(self, values: Probabilities) -> Probabilities:
        """The points above values, float64, of the same shape."""
        found: Probabilities = np.interp(values, self.x, self.y)
        return found


class Calibrator(Record):
    """Turns logits into probabilities and decides; fitted elsewhere, a plain record here.

    Temperature scaling divides the logits by one number: it changes how sure the answers are, never their
    order. Vector scaling gives each label a factor and a term of its own (both: Guo et al., 2017, "On
    Calibration of Modern Neural Networks"; of several labels it is Platt's, 1999, of each). Isotonic
    regression bends each label's probability along a line that never falls, and makes them sum to 1 anew
    (Zadrozny & Elkan, 2002, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates").

    Attributes:
        kind: ``none``, ``temperature``, ``vector`` or ``isotonic``.
        temperature: what the logits are divided by first; 1 under ``none`` and ``vector``.
        scale, bias: of each label, under ``vector``: ``scale * logit + bias``.
        curves: of each label, under ``isotonic``.
        thresholds: one for each label, or None. One answer: the label whose probability is largest
            relative to its threshold. Several: each label at or above its threshold.
        groups: thresholds of some groups of patients instead of these; None where all have the same.
        costs: label answered -> true label -> cost, [k][k]: then the answer is the one expected to cost
            least; None decides by thresholds.
        least: probability of the answer below which it is left to a person; None where no risk was set.
        sets: which labels cannot be excluded; None where that was not fitted.
        n: reports it was fitted on.
        link: ``softmax`` (one answer) or ``sigmoid`` (multilabel).
    """

    kind: Kind = "none"
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    scale: tuple[float, ...] | None = None
    bias: tuple[float, ...] | None = None
    curves: tuple[Curve, ...] | None = None
    thresholds: tuple[float, ...] | None = None
    groups: GroupPoints | None = None
    costs: tuple[tuple[float, ...], ...] | None = None
    least: float | None = None
    sets: PredictionSets | None = None
    n: int = 0
    link: Link = "softmax"

    @model_validator(mode="before")
    @classmethod
    def _without_quantiles(cls, given: object) -> object:
        """Read what was written before there were prediction sets: it had a place for them, always empty."""
        if isinstance(given, dict) and given.get("quantiles", 0) is None:
            return {name: value for name, value in given.items() if name != "quantiles"}
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind in {"none", "vector"} and self.temperature != 1.0:
            raise ValueError("a calibrator of kind none or vector has the temperature 1")
        own = (self.scale is not None, self.bias is not None, self.curves is not None)
        if own != (self.kind == "vector", self.kind == "vector", self.kind == "isotonic"):
            raise ValueError("scale and bias belong to kind vector, and curves to kind isotonic")
        if self.thresholds is not None and not all(0 < value <= 1 for value in self.thresholds):
            raise ValueError("thresholds lie above 0 and at most at 1")
        if self.groups is not None and (self.thresholds is None or self.costs is not None):
            raise ValueError("groups have thresholds beside common ones, and costs decide without any")
        return self

    @classmethod
    def untouched(cls, labels: LabelSpace) -> Self:
        """The calibrator that leaves the logits as they are, with the question's link."""
        return cls(link="sigmoid" if labels.task == "multilabel" else "softmax")

    @property
    def sizes(self) -> set[int]:
        """For how many labels it was made, by each of its parts that tells; empty where none does."""
        sets = None if self.sets is None else self.sets.reports
        parts = (self.thresholds, self.scale, self.bias, self.curves, self.costs, sets)
        own = set() if self.groups is None else self.groups.sizes
        return own | {len(part) for part in parts if part is not None}

    @property
    def affine(self) -> tuple[Probabilities, Probabilities]:
        """What each label's logit is multiplied by, and what is added, before any line; scalars if alike."""
        factor = np.array(1.0 / self.temperature if self.scale is None else self.scale)
        return factor, np.array(0.0 if self.bias is None else self.bias)

    def scaled(self, logits: npt.NDArray[np.floating]) -> Probabilities:
        """Logits float64 [n, k] that say what the probabilities say, from those of a backend."""
        factor, term = self.affine
        found = np.asarray(logits, dtype=np.float64) * factor + term
        if self.curves is None:
            return found
        before = _linked(found, self.link)
        bent = np.stack([curve(before[:, label]) for label, curve in enumerate(self.curves)], axis=1)
        said: Probabilities = np.log(bent)
        return said - np.log1p(-bent) if self.link == "sigmoid" else said

    def probabilities(self, logits: npt.NDArray[np.floating]) -> Probabilities:
        """Probabilities of logits [n, k], float64 [n, k]; rows sum to 1 under ``softmax``."""
        return _linked(self.scaled(logits), self.link)

    def groups_of(self, attributes: Sequence[Mapping[str, str]]) -> Groups | None:
        """The group of reports of these attributes, as ``decide`` takes it; None where all are alike."""
        return None if self.groups is None else [self.groups.group(one) for one in attributes]

    def of_group(self, group: str | None) -> Self:
        """The calibrator that answers the reports of one group; itself where all have the same thresholds."""
        if self.groups is None:
            return self
        own = self.thresholds if group is None else self.groups.thresholds[group]
        return self.model_copy(update={"thresholds": own, "groups": None})

    def decide(self, probabilities: Probabilities, groups: Groups | None = None) -> npt.NDArray[np.int64]:
        """Index of the answer of each row of probabilities [n, k]; a tie goes to the first label.

        Args:
            probabilities: of reports.
            groups: of which group each of them is; all have the common thresholds if not given.
        """
        if self.costs is not None:
            cheapest: npt.NDArray[np.int64] = np.argmin(probabilities @ np.array(self.costs).T, axis=1)
            return cheapest
        weighed = probabilities if self.thresholds is None else probabilities / self._limits(groups)
        answers: npt.NDArray[np.int64] = np.argmax(weighed, axis=1)
        return answers

    def holds(self, probabilities: Probabilities, groups: Groups | None = None) -> npt.NDArray[np.bool_]:
        """Which labels hold, bool [n, k]: each at or above its threshold, or above one half.

        Args:
            probabilities: of reports.
            groups: of which group each of them is; all have the common thresholds if not given.
        """
        return probabilities >= self._limits(groups)

    def _limits(self, groups: Groups | None) -> Probabilities:
        """The threshold of each label, [k], or of each report and label, [n, k]."""
        common = np.array(0.5 if self.thresholds is None else self.thresholds)
        if groups is None or self.groups is None:
            return common
        own = self.groups.thresholds
        return np.array([common if group is None else own[group] for group in groups]).reshape(
            -1, len(common)
        )


def _linked(logits: Probabilities, link: Link) -> Probabilities:
    return _sigmoid(logits) if link == "sigmoid" else _softmax(logits)


def _softmax(logits: Probabilities) -> Probabilities:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return result


def _sigmoid(logits: Probabilities) -> Probabilities:
    small = np.exp(-np.abs(logits))  # never overflows
    result: Probabilities = np.where(logits >= 0, 1.0, small) / (1.0 + small)
    return result
