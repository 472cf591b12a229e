"""Answers: what is true beside what a system said, as arrays, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import DataError, EmptyCorpusError, LabelError
from bert4text.core.labels import LabelSpace, Task

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """The truth and one system's answers on the same n reports, over k labels.

    Attributes:
        task: the kind of question.
        truth: ``bool[n, k]``, one true label a row unless multilabel.
        decided: ``bool[n, k]``, the labels the system gave, after thresholds.
        probabilities: ``float64[n, k]`` in [0, 1]; rows sum to 1 unless multilabel.
        scale: where the grades of an ordinal question stand among the labels, lowest first; None is all.
        cost: ``float64[n]``, what each answer costs; None where no costs are known.
    """

    task: Task
    truth: Bools
    decided: Bools
    probabilities: Floats
    scale: tuple[int, ...] | None = None
    cost: Floats | None = None

    def __len__(self) -> int:
        return int(self.truth.shape[0])

    @property
    def labels(self) -> int:
        """How many labels, k."""
        return int(self.truth.shape[1])

    @property
    def single(self) -> bool:
        """Whether each report has exactly one label."""
        return self.task != "multilabel"

    def select(self, rows: Indices) -> Answers:
        """The same for some reports, by position."""
        truth, decided, probabilities = self.truth[rows], self.decided[rows], self.probabilities[rows]
        cost = None if self.cost is None else self.cost[rows]
        return Answers(self.task, truth, decided, probabilities, self.scale, cost)


def truth_matrix(labels: Sequence[Sequence[str]], label_space: LabelSpace) -> Bools:
    """Turn the labels of each report into ``bool[n, k]``.

    Raises:
        EmptyCorpusError: there are no reports.
        LabelError: a label is not in the space, or a report of a single-label question has none or several.
    """
    if not len(labels):
        raise EmptyCorpusError(
            "there are no labelled reports to measure on",
            hint="choose another split",
            code="nothing-to-measure",
        )
    matrix = np.zeros((len(labels), len(label_space)), dtype=np.bool_)
    for row, names in enumerate(labels):
        for name in names:
            matrix[row, label_space.index(name)] = True
    wrong = int((matrix.sum(axis=1) != 1).sum())
    if label_space.task != "multilabel" and wrong:
        raise LabelError(
            "{count} reports do not have exactly one label, and the question is {task}",
            hint="leave unlabelled reports out, or set project.task to multilabel",
            code="not-one-label",
            count=wrong,
            task=label_space.task,
        )
    return matrix


def answers(
    truth: Bools,
    probabilities: npt.ArrayLike,
    *,
    label_space: LabelSpace,
    decisions: npt.ArrayLike | None = None,
) -> Answers:
    """Put a system's probabilities and decisions beside the truth.

    Args:
        truth: ``bool[n, k]``, as ``truth_matrix`` gives.
        probabilities: ``[n, k]``, in the order of the label space.
        label_space: the question.
        decisions: label indices ``[n]``, or 0/1 ``[n, k]`` for multilabel; by default the most
            probable label, or every label of probability 0.5 and over.

    Raises:
        DataError: the shapes differ, a probability is outside [0, 1], rows do not sum to 1,
            or a decision is not a label.
    """
    given = np.asarray(probabilities, dtype=np.float64)
    if given.shape != truth.shape:
        raise DataError(
            "the probabilities have shape {found}, expected {expected} (reports, labels)",
            hint="give one row for each report, and one column for each label",
            code="bad-shape",
            found=given.shape,
            expected=truth.shape,
        )
    if not (np.isfinite(given).all() and given.min() >= -1e-6 and given.max() <= 1 + 1e-6):
        raise DataError(
            "probabilities must lie between 0 and 1",
            hint="give calibrated probabilities, not logits",
            code="not-a-probability",
        )
    if label_space.task != "multilabel" and np.abs(given.sum(axis=1) - 1).max() > 1e-3:
        raise DataError(
            "the probabilities of a report must sum to 1",
            hint="give one probability for each label of the question",
            code="not-a-probability",
        )
    decided = _decided(given, label_space, decisions)
    return Answers(label_space.task, truth, decided, np.clip(given, 0.0, 1.0), label_space.scale)


def _decided(probabilities: Floats, label_space: LabelSpace, decisions: npt.ArrayLike | None) -> Bools:
    n, k = probabilities.shape
    if label_space.task == "multilabel":
        if decisions is None:
            return probabilities >= 0.5
        return _checked(np.asarray(decisions), (n, k), 1).astype(np.bool_)
    if decisions is None:
        chosen = probabilities.argmax(axis=1)
    else:
        chosen = _checked(np.asarray(decisions), (n,), k - 1).astype(np.int64)
    matrix = np.zeros((n, k), dtype=np.bool_)
    matrix[np.arange(n), chosen] = True
    return matrix


def _checked(values: npt.NDArray[np.generic], shape: tuple[int, ...], most: int) -> npt.NDArray[np.generic]:
    if values.shape != shape:
        raise DataError(
            "the decisions have shape {found}, expected {expected}",
            hint="give one decision for each report",
            code="bad-shape",
            found=values.shape,
            expected=shape,
        )
    numbers = values.astype(np.float64)
    if not ((numbers >= 0) & (numbers <= most) & (numbers == np.round(numbers))).all():
        raise DataError(
            "a decision is not the index of a label: expected whole numbers from 0 to {most}",
            hint="count labels from 0, in the order of the label space",
            code="bad-decision",
            most=most,
        )
    return values
