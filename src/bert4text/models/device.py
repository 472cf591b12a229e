"""Where a PyTorch model that was opened answers: on a GPU where there is one that works."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from bert4text.core.extras import require

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")

PROCESSOR = "ACCELERATE_USE_CPU"
"""Set to true, nothing is computed on a GPU; training reads the same."""


def placed(model: PreTrainedModel) -> PreTrainedModel:
    """Put a model on the GPU; where its memory does not suffice, back on the processor."""
    moved: Any = model
    try:
        moved.to(answering())
    except torch.OutOfMemoryError:
        moved.to("cpu")
    return model


def answering() -> torch.device:
    """The GPU that CUDA drives, where it is there, computes and is not forbidden; else the processor."""
    if os.environ.get(PROCESSOR, "").strip().lower() in {"1", "true", "yes", "on", "y", "t"}:
        return torch.device("cpu")
    return torch.device("cuda" if _computes() else "cpu")


def _computes() -> bool:
    with warnings.catch_warnings():  # torch tells of drivers that are too old
        warnings.simplefilter("ignore")
        try:
            return torch.cuda.is_available() and float(torch.ones(2, device="cuda").sum()) == 2
        except RuntimeError:  # another process has it alone, or torch was built for other GPUs
            return False
