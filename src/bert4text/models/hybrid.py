"""Hybrid: an encoder and TF-IDF answer together; what each is sure of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.models.backends import Backend, Output
from bert4text.models.calibration import Calibrator

Floats = npt.NDArray[np.float64]
System = tuple[Backend, Calibrator]

SMALLEST = 1e-12
"""No probability counts as less, so that one system's certainty cannot silence the other."""


class Hybrid:
    """Pools the logarithms of two systems' calibrated probabilities.

    This is the logarithmic opinion pool (Genest & Zidek, 1986, "Combining Probability Distributions"): the
    weighted mean of what both say, in logarithms, made to sum to 1 by the link that follows. Where several
    labels may hold, each label's log-odds are pooled.

    Args:
        model: the encoder and its calibrator.
        tfidf: TF-IDF and its calibrator.
        share: weight of the encoder, between 0 and 1; TF-IDF has the rest.
    """

    name = "hybrid"

    def __init__(self, model: System, tfidf: System, *, share: float) -> None:
        self.model = model
        self.tfidf = tfidf
        self.share = share

    @property
    def precision(self) -> str:
        """That of the encoder."""
        return self.model[0].precision

    @property
    def settings(self) -> dict[str, Any]:
        """Those of the encoder."""
        return self.model[0].settings

    def forward(self, texts: Sequence[str]) -> Output:
        """Pooled logits; embeddings and counts are those of the encoder."""
        return self.pooled(self.model[0].forward(texts), self.tfidf[0].forward(texts))

    def pooled(self, model: Output, tfidf: Output) -> Output:
        """What ``forward`` gives, from what both systems gave for the same texts."""
        logits = pool((model.logits, self.model[1]), (tfidf.logits, self.tfidf[1]), share=self.share).astype(
            np.float32
        )
        return replace(model, logits=logits)

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        """Write nothing: its two parts are saved as systems of their own."""


def pool(
    first: tuple[npt.NDArray[np.floating], Calibrator],
    second: tuple[npt.NDArray[np.floating], Calibrator],
    *,
    share: float,
) -> Floats:
    """The pooled logits float64 [n, k] of two systems.

    Args:
        first: logits [n, k] of one system, and its calibrator.
        second: those of the other.
        share: weight of the first.
    """
    return share * told(*first) + (1.0 - share) * told(*second)


def told(logits: npt.NDArray[np.floating], calibrator: Calibrator) -> Floats:
    """What a system says, calibrated, [n, k]: log-probabilities, or log-odds where many may hold."""
    probabilities = np.clip(calibrator.probabilities(logits), SMALLEST, 1.0 - SMALLEST)
    said: Floats = np.log(probabilities)
    if calibrator.link == "sigmoid":
        said = said - np.log1p(-probabilities)
    return said
