"""Backend: texts in, logits and embeddings out; whatever computes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bert4text.core.registry import Registry

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Output:
    """What a backend gives for n texts and k labels.

    Attributes:
        logits: float32 [n, k].
        embedding: float32 [n, d], what the head reads of the last layer: the first token where it reads this
            alone, else the mean of all; the mean over the windows of a text. None for the linear backend.
        tokens: int32 [n], tokens of the whole text (words for the linear backend), nothing cut.
        windows: int32 [n], windows the text was read in.
        unread: int32 [n], tokens of the text that stood in no window; None where every text was read whole.
        unknown: float32 [n], share of the words of the text that the vocabulary of the linear backend does
            not have; None of others.
    """

    logits: FloatArray
    embedding: FloatArray | None
    tokens: IntArray
    windows: IntArray
    unread: IntArray | None = None
    unknown: FloatArray | None = None


class Backend(Protocol):
    """Computes logits; the answer for a text does not depend on its neighbours or its place."""

    @property
    def name(self) -> str:
        """``linear``, ``torch``, ``ensemble``, ``onnx`` or ``openvino``."""

    @property
    def precision(self) -> str:
        """``float32``, ``bfloat16`` or ``int8``."""

    @property
    def settings(self) -> dict[str, Any]:
        """What a bundle must remember to make it again: how long texts are read and pooled, and members."""

    def forward(self, texts: Sequence[str]) -> Output:
        """Logits and embeddings of each text, in order."""

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Write its files into an existing folder."""


class BackendKind(Protocol):
    """The class of a backend: opens what ``save`` wrote."""

    def load(self, folder: Path, **settings: Any) -> Backend:
        """Open a folder; the settings are those that ``settings`` gave, and the precision."""


BACKENDS: Registry[BackendKind] = Registry(
    "backends",
    "computes logits and embeddings of texts",
    {
        "linear": "bert4text.models.linear_backend:LinearBackend",
        "torch": "bert4text.models.torch_backend:TorchBackend",
        "ensemble": "bert4text.models.ensemble:Ensemble",
        "onnx": "bert4text.models.onnx_backend:OnnxBackend",
        "openvino": "bert4text.models.openvino_backend:OpenVinoBackend",
    },
)
