"""The loss of a student: true labels, its teacher's answers, its teacher's hidden states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.models.backends import FloatArray
from bert4text.training.distill_config import TargetsConfig
from bert4text.training.objectives import Objective

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")


@dataclass(frozen=True)
class Targets:
    """What each of n reports teaches, by its place.

    Attributes:
        truth: its true label, int64 [n], or 0 and 1 [n, k] where several may hold; 0 where it has none.
        labelled: bool [n], whether it has one.
        told: what the teacher says, calibrated: log-probabilities, or log-odds where several labels may
            hold, [n, k].
        states: the teacher's hidden states, float16 [n, states x d], or None.
    """

    truth: npt.NDArray[np.int64]
    labelled: npt.NDArray[np.bool_]
    told: FloatArray
    states: npt.NDArray[np.float16] | None


class Imitation:
    """Loss of each report of a step, whose targets are places of ``Targets``.

    It is the sum of three parts, each with its weight: the objective of true labels, where a report has one;
    the divergence from the teacher's answers at a temperature T, times T squared, which keeps the weight of
    its gradient whatever T is (Hinton, Vinyals & Dean, 2015, "Distilling the Knowledge in a Neural
    Network"); the mean squared difference from the teacher's hidden states (Sun et al., 2019, "Patient
    Knowledge Distillation for BERT Model Compression").

    Args:
        hard: the objective of true labels.
        targets: what the reports teach.
        config: temperature and weights.
        many: whether several labels may hold.
        device: where logits will be.
    """

    def __init__(
        self, hard: Objective, targets: Targets, config: TargetsConfig, *, many: bool, device: torch.device
    ) -> None:
        self.hard = hard
        self.config = config
        self.many = many
        self.truth = torch.from_numpy(targets.truth).to(device)
        self.labelled = torch.from_numpy(targets.labelled.astype(np.float32)).to(device)
        self.told = torch.from_numpy(targets.told).to(device)
        self.states = None if targets.states is None else torch.from_numpy(targets.states).to(device)

    def __call__(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Losses [n] of logits, with hidden states in the columns after them, and places [n]."""
        k, weights = self.told.shape[1], self.config
        logits, states = logits[:, :k], logits[:, k:]
        losses = torch.zeros_like(logits[:, 0])
        if weights.hard:
            losses = losses + weights.hard * self.labelled[targets] * self.hard(logits, self.truth[targets])
        if weights.soft:
            away = divergence(self.told[targets], logits, temperature=weights.temperature, many=self.many)
            losses = losses + weights.soft * weights.temperature**2 * away
        if weights.hidden and self.states is not None:
            apart = states - self.states[targets].float()
            losses = losses + weights.hidden * apart.square().mean(dim=1)
        return losses


def divergence(told: torch.Tensor, logits: torch.Tensor, *, temperature: float, many: bool) -> torch.Tensor:
    """How far answers are from those of a teacher, both at a temperature: Kullback & Leibler's divergence.

    Where several labels may hold, the mean of the divergences of the labels: their binary cross-entropy
    without what the teacher itself is unsure of, which no student can take away.

    Args:
        told: log-probabilities or log-odds of the teacher [n, k].
        logits: of the student [n, k].
        temperature: both are divided by it.
        many: whether several labels may hold.

    Returns:
        Divergences [n]; 0 where both answer alike.
    """
    wanted, given = (
        (_against_none(values) if many else values).div(temperature).log_softmax(dim=-1)
        for values in (told, logits)
    )
    apart = (wanted.exp() * (wanted - given)).sum(dim=-1)
    return apart.mean(dim=1) if many else apart


def _against_none(values: torch.Tensor) -> torch.Tensor:
    """Log-odds [n, k] as two answers to each label [n, k, 2]: it does not hold, it does."""
    return torch.stack([torch.zeros_like(values), values], dim=-1)
