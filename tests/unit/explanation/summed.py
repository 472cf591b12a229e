"""What answers by a sum over words: its explanations are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.labels import LabelSpace
from bert4text.explanation.units import cut

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))


class Summed:
    """Log-odds of the second label are a sum over the words, and a start."""

    def __init__(self, weights: dict[str, float], start: float = -1.0) -> None:
        self.weights, self.start = weights, start

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        sums = [
            self.start + sum(self.weights.get(text[a:b], 0.0) for a, b in cut(text, "word")) for text in texts
        ]
        share = 1 / (1 + np.exp(-np.array(sums)))
        return np.stack([1 - share, share], axis=1)
