"""Backend: texts in, logits and embeddings out; whatever computes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Output:
    """What a backend gives for n texts and k labels.

    Attributes:
        logits: float32 [n, k].
        embedding: float32 [n, d], the masked mean of the last layer; None for the linear backend.
        tokens: int32 [n], tokens of the whole text (words for the linear backend), nothing cut.
        windows: int32 [n], windows the text was read in.
    """

    logits: FloatArray
    embedding: FloatArray | None
    tokens: IntArray
    windows: IntArray


class Backend(Protocol):
    """Computes logits; the answer for a text does not depend on its neighbours or its place."""

    @property
    def name(self) -> str:
        """``linear``, ``torch``, ``onnx`` or ``openvino``."""

    @property
    def precision(self) -> str:
        """``float32``, ``bfloat16`` or ``int8``."""

    def forward(self, texts: Sequence[str]) -> Output:
        """Logits and embeddings of each text, in order."""
