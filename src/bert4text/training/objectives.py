"""The loss of each report: one answer, ordered grades, or several labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.core.labels import LabelSpace
from bert4text.training.config import LossConfig

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Weighting = Literal["none", "sqrt", "balanced"]

LARGEST = 20.0
"""No label counts more than so many times the commonest: a handful of reports must not steer every step."""


class Objective(Protocol):
    """Gives the loss of each report of a part, already weighted."""

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Losses [n] of logits [n, k] and their targets."""


def objective(
    label_space: LabelSpace, targets: npt.NDArray[np.int64], config: LossConfig, *, device: torch.device
) -> Objective:
    """The loss that suits the question, with weights from the training labels.

    Args:
        label_space: the question.
        targets: of all training reports: int64 [n], or 0 and 1 [n, k] for multilabel.
        config: how labels are weighted and smoothed.
        device: where logits will be.
    """
    if label_space.task == "multilabel":
        positive = torch.from_numpy(positive_weights(targets, config.class_weights)).to(device)
        return _Independent(positive, config.label_smoothing)
    weights = torch.from_numpy(class_weights(targets, len(label_space), config.class_weights)).to(device)
    ordinal = config.ordinal if label_space.task == "ordinal" else 0.0
    return _Exclusive(weights, config.label_smoothing, ordinal)


def class_weights(targets: npt.NDArray[np.int64], k: int, weighting: Weighting) -> npt.NDArray[np.float32]:
    """Weight of a report by its label, float32 [k]; over the training reports they average 1.

    ``balanced`` is inverse frequency (King & Zeng, 2001, "Logistic Regression in Rare Events Data"),
    ``sqrt`` its square root; both are capped at ``LARGEST`` times the commonest label's.
    """
    counts = np.bincount(targets, minlength=k).astype(np.float64)
    power = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[weighting]
    raw = np.minimum((counts.max() / np.maximum(counts, 1.0)) ** power, LARGEST)
    weights: npt.NDArray[np.float32] = (raw * counts.sum() / (raw * counts).sum()).astype(np.float32)
    return weights


def positive_weights(targets: npt.NDArray[np.int64], weighting: Weighting) -> npt.NDArray[np.float32]:
    """How much more a label counts where it holds than where it does not, float32 [k]."""
    held = targets.sum(axis=0).astype(np.float64)
    power = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[weighting]
    raw = ((len(targets) - held + 1.0) / (held + 1.0)) ** power
    weights: npt.NDArray[np.float32] = np.clip(raw, 1.0 / LARGEST, LARGEST).astype(np.float32)
    return weights


class _Exclusive:
    """Weighted cross-entropy; for grades also the expected squared distance to the true grade.

    The distance is scaled to [0, 1] by the longest one, as in the numerator of quadratic weighted kappa
    (de la Torre, Puig & Valls, 2018, "Weighted kappa loss function for multi-class classification of
    ordinal data in deep learning").
    """

    def __init__(self, weights: torch.Tensor, smoothing: float, ordinal: float) -> None:
        self.weights = weights
        self.smoothing = smoothing
        self.ordinal = ordinal

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        losses = torch.nn.functional.cross_entropy(
            logits, targets, reduction="none", label_smoothing=self.smoothing
        )
        if self.ordinal:
            grades = torch.arange(logits.shape[1], device=logits.device, dtype=logits.dtype)
            distance = (grades[None, :] - targets[:, None].to(logits.dtype)) ** 2
            expected = (torch.softmax(logits, dim=1) * distance).sum(dim=1)
            losses = losses + self.ordinal * expected / max(1, logits.shape[1] - 1) ** 2
        return losses * self.weights[targets]


class _Independent:
    """Mean binary cross-entropy over the labels of a report."""

    def __init__(self, positive: torch.Tensor, smoothing: float) -> None:
        self.positive = positive
        self.smoothing = smoothing

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        wanted = targets.to(logits.dtype) * (1.0 - self.smoothing) + self.smoothing / 2
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, wanted, pos_weight=self.positive, reduction="none"
        )
        return losses.mean(dim=1)
