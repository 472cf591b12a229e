"""Dropout whose random numbers are cheap: a processor spends a tenth of a training step on torch's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

LEVELS = 2**16
"""One random number of so many values decides on each hidden value; torch draws a real number for each."""


def cheapen(model: PreTrainedModel) -> None:
    """Put cheap dropout in the place of torch's, in a model on a processor; others stay as they are."""
    if model.device.type != "cpu":
        return
    for module in model.modules():
        for name, child in module.named_children():
            if type(child) is torch.nn.Dropout:
                setattr(module, name, CheapDropout(child.p))


class CheapDropout(torch.nn.Dropout):
    """Sets values to zero by chance and scales the others up, so that their expectation stays.

    The scale is rounded to the arithmetic of the values, and the share that is dropped follows it: of 0.1 it
    becomes 0.0986 in bfloat16. Random numbers come from torch's generator, so a seed fixes them.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002 - torch's name
        """Drop while training."""
        if not self.training or not 0 < self.p < 1:
            return super().forward(input)
        drop: Any = _Drop.apply
        dropped: torch.Tensor = drop(input, self.p)
        return dropped


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, share: float) -> torch.Tensor:
        scale = float(torch.tensor(1 / (1 - share), dtype=values.dtype))
        first_kept = round((1 - 1 / scale) * LEVELS) - LEVELS // 2
        kept = (_random(values.shape) >= first_kept).to(values.dtype).mul_(scale)
        ctx.save_for_backward(kept)
        return values * kept

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None]:
        (kept,) = ctx.saved_tensors
        return gradients[0] * kept, None


def _random(shape: torch.Size) -> torch.Tensor:
    """Numbers of 16 bits, four of them from each that the generator draws."""
    drawn = torch.empty(-(-shape.numel() // 4), dtype=torch.int64)
    drawn.random_(torch.iinfo(torch.int64).min, None)
    return drawn.view(torch.int16)[: shape.numel()].view(shape)
