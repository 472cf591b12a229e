"""Numbers in 8 bits: how activations and weights are rounded in either form of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Form = Literal["onnx", "openvino"]
"""Whose operations are written: ONNX Runtime's product of unsigned by signed integers, or standard ones."""

SIGNED = 127
"""Largest weight, and largest activation where these are signed."""
REDUCED = 64
"""Largest weight of a reduced range: two of them by 255 each are 32,640, and 16 bits hold 32,767."""


@dataclass(frozen=True)
class Rounding:
    """How numbers of a graph are rounded.

    Attributes:
        form: whose operations are written.
        reduce_range: whether weights keep 7 of the 8 bits, so that no processor loses sums of products.
    """

    form: Form
    reduce_range: bool = False

    @property
    def largest(self) -> int:
        """Of a weight."""
        return REDUCED if self.reduce_range else SIGNED


def through(values: Floats, low: float, high: float, *, form: Form) -> Floats:
    """Activations after 8 bits that cover a range."""
    if form == "openvino":
        scale = signed(low, high)
        return np.asarray(np.clip(np.rint(values / scale), -SIGNED - 1, SIGNED) * scale, dtype=np.float32)
    scale, zero = unsigned(low, high)
    return np.asarray((np.clip(np.rint(values / scale) + zero, 0, 255) - zero) * scale, dtype=np.float32)


def rounded(weights: Floats, largest: int = SIGNED) -> tuple[npt.NDArray[np.int8], Floats]:
    """Weights as the nearest integers up to ``largest`` [d, e], and the scale of each column [e]."""
    scales = scales_of(weights, largest)
    return np.clip(np.rint(weights / scales), -largest, largest).astype(np.int8), scales


def scales_of(weights: Floats, largest: int) -> Floats:
    """The scale of each column [e] of weights [d, e] whose integers are up to ``largest``."""
    least = np.finfo(np.float32).tiny
    return np.asarray(np.maximum(np.abs(weights).max(axis=0) / largest, least), dtype=np.float32)


def signed(low: float, high: float) -> float:
    """The scale of signed activations; their zero is 0."""
    return max(-low, high, 1e-12) / SIGNED


def unsigned(low: float, high: float) -> tuple[float, int]:
    """Scale and zero of unsigned activations."""
    scale = max(high - low, 1e-12) / 255
    return scale, int(np.clip(np.rint(-low / scale), 0, 255))
