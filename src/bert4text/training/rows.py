"""Learn only the rows of the embeddings that a step has met: the others have no gradient to learn from.

A vocabulary of 30,000 pieces of 384 numbers is half of MiniLM's weights, and a step meets some hundreds of
them. A dense gradient of it is filled with zeros, clipped, averaged and applied all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


@contextmanager
def sparse_embeddings(model: PreTrainedModel) -> Iterator[None]:
    """Let the embeddings of tokens of a model on a processor give the gradient of the rows they met."""
    embeddings: Any = model.get_input_embeddings()
    if model.device.type != "cpu" or type(embeddings) is not torch.nn.Embedding:
        yield
        return
    before, embeddings.sparse = embeddings.sparse, True
    try:
        yield
    finally:
        embeddings.sparse = before


class RowAdamW(torch.optim.AdamW):
    """AdamW (Loshchilov & Hutter, 2019) that updates of a sparse gradient the rows that it holds.

    Averages, decay and weights of other rows stay as they are until they are met again, as in torch's
    ``SparseAdam``; the correction of the averages' bias counts all steps. What has a dense gradient learns as
    under AdamW.
    """

    def step(self, closure: Any = None) -> Any:
        """Take one step."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None and weight.grad.is_sparse:
                    gradient, weight.grad = weight.grad.coalesce(), None
                    self._learn_rows(weight, gradient, group)
        return super().step(closure)

    @torch.no_grad()
    def _learn_rows(self, weight: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]) -> None:
        state: dict[str, Any] = self.state[weight]
        if not state:
            state["step"] = torch.zeros((), dtype=torch.float32)
            state["exp_avg"] = torch.zeros_like(weight)
            state["exp_avg_sq"] = torch.zeros_like(weight)
        state["step"] += 1
        rows, values = gradient.indices()[0], gradient.values()
        slow, fast = group["betas"]
        first = state["exp_avg"][rows].lerp_(values, 1 - slow)
        second = state["exp_avg_sq"][rows].mul_(fast).addcmul_(values, values, value=1 - fast)
        state["exp_avg"][rows], state["exp_avg_sq"][rows] = first, second
        taken = float(state["step"])
        size = group["lr"] / (1 - slow**taken)
        scale = second.sqrt_().div_((1 - fast**taken) ** 0.5).add_(group["eps"])
        kept = weight[rows].mul_(1 - group["lr"] * group["weight_decay"])
        weight[rows] = kept.addcdiv_(first, scale, value=-size)


@torch.no_grad()
def clip(weights: Iterable[torch.nn.Parameter], *, most: float) -> torch.Tensor:
    """Scale gradients, sparse ones too, so that their norm is at most this; the norm before."""
    found = []
    for weight in weights:
        if weight.grad is not None and weight.grad.is_sparse:
            weight.grad = weight.grad.coalesce()
            found.append(weight.grad.values())
        elif weight.grad is not None:
            found.append(weight.grad)
    norm = torch.nn.utils.get_total_norm(found)
    torch._foreach_mul_(found, (most / (norm + 1e-6)).clamp(max=1.0))
    return norm
