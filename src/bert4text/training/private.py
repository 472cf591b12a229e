"""Differentially private steps in the one loop: patients drawn, what each adds clipped, noise added.

DP-SGD (Abadi et al., 2016, "Deep Learning with Differential Privacy"), by Opacus: its hooks give the
gradient of each row, its optimizer clips and adds them up. Three things differ from its usual setting. What
is drawn and clipped is a patient with all reports and windows, not a row, so that the budget holds for
persons (McMahan et al., 2018, "Learning Differentially Private Recurrent Language Models"). Noise and draws
come from the operating system (``secret``). And dropout is drawn from there too: with a seed that is known,
leaving one patient out would shift what is dropped of all others, and clipping would bound nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.training.secret import Draws, normal
from bert4text.training.spending import Plan, steps_an_epoch

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

Indices = npt.NDArray[np.int64]

NUMBERS = 2**26
"""Numbers of gradients of single rows that are held at once: 256 MiB."""


def unit_index(groups: list[str]) -> Indices:
    """The number of the patient of each report, [n]."""
    return np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1].astype(np.int64)


class PrivateSteps:
    """What a private training does otherwise than the plain one, step by step.

    Args:
        optimizer: of what learns; its gradients are replaced by noisy ones before each step.
        units: int64 [n], the number of the patient of each training report.
        plan: rate, steps and noise.
        clip: largest norm of what a patient adds to the gradient.
        draws: where chance comes from.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, units: Indices, *, plan: Plan, clip: float, draws: Draws
    ) -> None:
        self.units = units
        self.plan = plan
        self.draws = draws
        self.shares = 1.0 / np.bincount(units)
        self.steps_an_epoch = steps_an_epoch(plan.rate)
        self.optimizer: Any = _noisy(
            optimizer, noise=plan.noise, clip=clip, expected=plan.rate * plan.units, draws=draws
        )

    def order(self) -> list[Indices]:
        """The reports of each step of an epoch: all of each patient that chance drew, maybe of none."""
        count = int(self.units.max()) + 1
        drawn = [self.draws.uniform(count) < self.plan.rate for _ in range(self.steps_an_epoch)]
        return [np.flatnonzero(taken[self.units]).astype(np.int64) for taken in drawn]

    def parts(self, reports: Indices, longest: Indices, windows: Indices, *, tokens: int) -> list[Indices]:
        """Split the reports of a step into parts that are computed at once; a patient's stay together.

        Args:
            reports: of the step.
            longest: tokens of the longest window of each.
            windows: how many windows each has.
            tokens: the budget, padding included.

        Returns:
            Positions in the step, each in exactly one part.
        """
        most = max(1, NUMBERS // sum(weight.numel() for weight in self.optimizer.params))
        found: list[list[int]] = []
        rows = width = 0
        units = self.units[reports]
        for unit in np.unique(units):
            places = np.flatnonzero(units == unit)
            more, wide = int(windows[places].sum()), int(longest[places].max())
            rows, width = rows + more, max(width, wide)
            if not found or rows * width > tokens or rows > most:
                found.append([])
                rows, width = more, wide
            found[-1].extend(places.tolist())
        return [np.array(part, dtype=np.int64) for part in found]

    def learn(self, losses: torch.Tensor, reports: Indices, counts: Indices) -> None:
        """Take what each patient adds to the gradient, clipped.

        Args:
            losses: of each report of a part; a patient's count as their mean.
            reports: of the part.
            counts: windows of each.
        """
        units = self.units[reports]
        shares = torch.from_numpy(self.shares[units]).to(losses)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Full backward hook is firing")  # on frozen states
            torch.autograd.backward((losses * shares).sum())
        places, local = np.unique(units, return_inverse=True)
        rows = torch.from_numpy(np.repeat(local, counts).astype(np.int64))
        for weight in self.optimizer.params:
            each = getattr(weight, "grad_sample", None)
            together = torch.zeros((len(places), *weight.shape), dtype=weight.dtype, device=weight.device)
            if each is not None:
                together.index_add_(0, rows.to(each.device), each)
            elif weight.grad is not None:  # it has learned, and nobody knows from whom
                raise _unknown()
            weight.grad_sample = together
        self.optimizer.clip_and_accumulate()
        for weight in self.optimizer.params:
            weight.grad_sample = None

    @contextmanager
    def watching(self, model: PreTrainedModel) -> Iterator[None]:
        """Let a model give the gradient of each row for a while.

        Raises:
            ModelError: a part of it that learns mixes rows, or keeps something of them.
        """
        hooks = require("opacus.grad_sample.grad_sample_module").GradSampleHooks
        try:
            watched: Any = hooks(model, loss_reduction="sum", strict=True)
        except NotImplementedError:
            raise _unknown() from None
        try:
            yield
        finally:
            watched.remove_hooks()
            for weight in model.parameters():
                for name in ("grad_sample", "summed_grad", "_forward_counter", "_current_grad_sample"):
                    if hasattr(weight, name):
                        delattr(weight, name)


def _unknown() -> ModelError:
    return ModelError(
        "the gradient of this encoder cannot be told apart by report",
        hint='set [train] adaptation = "head", or take another encoder',
        code="no-private-gradient",
    )


def _noisy(
    optimizer: torch.optim.Optimizer, *, noise: float, clip: float, expected: float, draws: Draws
) -> Any:
    """Opacus's optimizer with noise from a source of ours, and steps in which nobody was drawn."""
    base: Any = require("opacus.optimizers").DPOptimizer

    class Noisy(base):  # type: ignore[misc]
        """Adds noise to what was gathered; the patients it is divided by are those expected."""

        def add_noise(self) -> None:
            """The gradient: the sum of what was clipped, and noise."""
            for weight in self.params:
                found = normal(draws, weight.numel()) * (self.noise_multiplier * self.max_grad_norm)
                added = torch.from_numpy(found).to(dtype=weight.dtype, device=weight.device).view_as(weight)
                gathered = 0.0 if weight.summed_grad is None else weight.summed_grad.view_as(weight)
                weight.grad = (added + gathered) / self.expected_batch_size

        def step(self, closure: Any = None) -> Any:
            """One step; noise is added where nobody was drawn, too."""
            self.add_noise()
            return self.original_optimizer.step(closure)

    return Noisy(
        optimizer,
        noise_multiplier=noise,
        max_grad_norm=clip,
        expected_batch_size=expected,
        loss_reduction="mean",
    )
