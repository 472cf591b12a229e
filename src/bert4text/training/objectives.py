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

Weighting = Literal["none", "sqrt", "balanced", "effective"]

Times = npt.NDArray[np.float64]
"""How often each report is drawn in an epoch, float64 [n]; or [n, k], how much each of its labels counts."""

LARGEST = 20.0
"""No label counts more than so many times the commonest: a handful of reports must not steer every step."""

BETA = 0.999
"""How much each further report of a label adds to its effective number, against the one before."""


class Objective(Protocol):
    """Gives the loss of each report of a part, already weighted."""

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Losses [n] of logits [n, k] and their targets."""


def weighed(
    loss: Objective, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor | None
) -> torch.Tensor:
    """Losses [n] of reports that do not all count alike.

    Args:
        loss: of each report.
        logits: [n, k].
        targets: of each.
        weights: how much each report counts, [n]; or each label of each report, [n, k], where several may
            hold; None is alike.
    """
    if weights is None:
        return loss(logits, targets)
    if weights.ndim == 2 and isinstance(loss, _Independent):
        return (loss.by_label(logits, targets) * weights).mean(dim=1)
    return loss(logits, targets) * weights


def objective(
    label_space: LabelSpace,
    targets: npt.NDArray[np.int64],
    config: LossConfig,
    *,
    device: torch.device,
    times: Times | None = None,
) -> Objective:
    """The loss that suits the question, with weights from the training labels.

    Args:
        label_space: the question.
        targets: of all training reports: int64 [n], or 0 and 1 [n, k] for multilabel.
        config: how labels are weighted and smoothed.
        device: where logits will be.
        times: how often each report is drawn in an epoch; once if not given. What is rare is what is drawn
            seldom.
    """
    frequencies = torch.from_numpy(_log_frequencies(targets, label_space, times)).to(device)
    moved = config.logit_adjustment * frequencies
    if label_space.task == "multilabel":
        positive = torch.from_numpy(positive_weights(targets, config.class_weights, times)).to(device)
        return _Independent(positive, moved, smoothing=config.label_smoothing, focal=config.focal)
    found = class_weights(targets, len(label_space), config.class_weights, times)
    weights = torch.from_numpy(found).to(device)
    plain = _Exclusive(weights, moved, smoothing=config.label_smoothing, focal=config.focal)
    if label_space.task != "ordinal" or not config.ordinal:
        return plain
    return _Graded(plain, torch.tensor(label_space.scale, device=device), share=config.ordinal)


def class_weights(
    targets: npt.NDArray[np.int64], k: int, weighting: Weighting, times: Times | None = None
) -> npt.NDArray[np.float32]:
    """Weight of a report by its label, float32 [k]; over the reports of an epoch they average 1.

    ``balanced`` is inverse frequency (King & Zeng, 2001, "Logistic Regression in Rare Events Data"),
    ``sqrt`` its square root, ``effective`` the inverse of the effective number (1 - b^n) / (1 - b) with b
    0.999 (Cui et al., 2019, "Class-Balanced Loss Based on Effective Number of Samples"); all are capped at
    ``LARGEST`` times the commonest label's.
    """
    counts = np.bincount(targets, weights=times, minlength=k).astype(np.float64)
    rarity = _rarity(counts, weighting)
    raw = np.minimum(rarity / rarity[counts.argmax()], LARGEST)
    weights: npt.NDArray[np.float32] = (raw * counts.sum() / (raw * counts).sum()).astype(np.float32)
    return weights


def positive_weights(
    targets: npt.NDArray[np.int64], weighting: Weighting, times: Times | None = None
) -> npt.NDArray[np.float32]:
    """How much more a label counts where it holds than where it does not, float32 [k]."""
    often = np.ones(len(targets)) if times is None else times
    each = often[:, None] if often.ndim == 1 else often
    held = (each * targets).sum(axis=0)
    raw = _rarity(held + 1.0, weighting) / _rarity(each.sum(axis=0) - held + 1.0, weighting)
    weights: npt.NDArray[np.float32] = np.clip(raw, 1.0 / LARGEST, LARGEST).astype(np.float32)
    return weights


def _rarity(counts: npt.NDArray[np.float64], weighting: Weighting) -> npt.NDArray[np.float64]:
    some = np.maximum(counts, 1.0)
    if weighting == "effective":
        found: npt.NDArray[np.float64] = (1.0 - BETA) / (1.0 - BETA**some)
        return found
    power = {"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[weighting]
    return np.asarray(some**-power)


def _log_frequencies(
    targets: npt.NDArray[np.int64], label_space: LabelSpace, times: Times | None
) -> npt.NDArray[np.float32]:
    """Logarithm of each label's frequency, or log-odds where several may hold; of one report more each."""
    if label_space.task == "multilabel":
        often = np.ones(len(targets)) if times is None else times
        held = often @ targets + 0.5
        return np.asarray(np.log(held / (often.sum() + 1 - held)), dtype=np.float32)
    counts = np.bincount(targets, weights=times, minlength=len(label_space)) + 1.0
    return np.asarray(np.log(counts / counts.sum()), dtype=np.float32)


class _Exclusive:
    """Weighted cross-entropy of one answer among several.

    ``focal`` lets a report count less the surer its right answer is (Lin et al., 2017, "Focal Loss for Dense
    Object Detection"). ``moved`` is added to the logits, so that they learn what is left when each label's
    frequency is taken out (Menon et al., 2021, "Long-tail learning via logit adjustment").
    """

    def __init__(self, weights: torch.Tensor, moved: torch.Tensor, *, smoothing: float, focal: float) -> None:
        self.weights = weights
        self.moved = moved
        self.smoothing = smoothing
        self.focal = focal

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        logits = logits + self.moved
        losses = torch.nn.functional.cross_entropy(
            logits, targets, reduction="none", label_smoothing=self.smoothing
        )
        if self.focal:
            right = logits.softmax(dim=1).gather(1, targets[:, None]).squeeze(1)
            losses = losses * (1.0 - right) ** self.focal
        return losses * self.weights[targets]


class _Graded:
    """A loss to which the cumulative loss of grades is added; labels off the scale have none.

    For each step of the scale it asks whether the grade lies at or below it, given that there is a grade: the
    mean binary cross-entropy of these questions (Frank & Hall, 2001, "A Simple Approach to Ordinal
    Classification"). The probabilities follow from the same logits, so that plain transformers can answer.
    """

    def __init__(self, plain: _Exclusive, scale: torch.Tensor, *, share: float) -> None:
        self.plain = plain
        self.scale = scale
        self.share = share

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        grades = (targets[:, None] == self.scale[None, :]).to(logits.dtype)
        on = grades.sum(dim=1)
        said = logits[:, self.scale].log_softmax(dim=1)
        below = said.logcumsumexp(dim=1)[:, :-1]
        above = said.flip(1).logcumsumexp(dim=1).flip(1)[:, 1:]
        lies_below = grades.cumsum(dim=1)[:, :-1]
        losses = -(lies_below * below + (1.0 - lies_below) * above).mean(dim=1)
        weighed: torch.Tensor = self.share * on * losses * self.plain.weights[targets]
        return self.plain(logits, targets) + weighed


class _Independent:
    """Mean binary cross-entropy over the labels of a report; focal and moved as those of ``_Exclusive``."""

    def __init__(
        self, positive: torch.Tensor, moved: torch.Tensor, *, smoothing: float, focal: float
    ) -> None:
        self.positive = positive
        self.moved = moved
        self.smoothing = smoothing
        self.focal = focal

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return self.by_label(logits, targets).mean(dim=1)

    def by_label(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The loss of each label of each report, [n, k]."""
        logits = logits + self.moved
        wanted = targets.to(logits.dtype) * (1.0 - self.smoothing) + self.smoothing / 2
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, wanted, pos_weight=self.positive, reduction="none"
        )
        if self.focal:
            held = torch.sigmoid(logits)
            right = torch.where(targets > 0, held, 1.0 - held)
            losses = losses * (1.0 - right) ** self.focal
        return losses
