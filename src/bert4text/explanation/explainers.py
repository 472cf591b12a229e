"""Explainers: ways to find what an answer hangs on, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bert4text.core.explanation import Completeness, Contribution, Scale
from bert4text.core.messages import N_
from bert4text.core.registry import Registry
from bert4text.explanation.config import ExplainConfig
from bert4text.models.backends import Backend
from bert4text.models.calibration import Calibrator

Floats = npt.NDArray[np.float64]
Answer = Callable[[Sequence[str]], Floats]
"""Calibrated probabilities float64 [n, k] of n texts that the model is shown."""
SURE = 1e-9
"""No probability counts as nearer to 0 or 1, so that log-odds stay finite."""


@dataclass
class Question:
    """One report, one label, and what answers.

    Attributes:
        text: what the model is shown of the report.
        answer: what answers.
        label: place of the label that is explained.
        config: settings.
        backend: what computes the logits, for methods that look inside.
        calibrator: makes probabilities of them; where it bends these along lines, a score is the one before.
        several: whether several labels may hold.
        calls: how many texts were read for it so far.
    """

    text: str
    answer: Answer
    label: int
    config: ExplainConfig
    backend: Backend | None = None
    calibrator: Calibrator = field(default_factory=Calibrator)
    several: bool = False
    calls: int = field(default=0, init=False)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """The probability of the label in each of some texts, float64 [n]."""
        if not texts:
            return np.zeros(0)
        self.calls += len(texts)
        return np.asarray(self.answer(texts)[:, self.label], dtype=np.float64)


def log_odds(probabilities: Floats) -> Floats:
    """Natural log-odds of probabilities, finite."""
    bounded = np.clip(probabilities, SURE, 1 - SURE)
    found: Floats = np.log(bounded) - np.log1p(-bounded)
    return found


class Found(NamedTuple):
    """What an explainer found.

    Attributes:
        contributions: in the order of the report, the larger units first.
        rest: what no piece adds, where the pieces and the rest make up the score.
        against: place of the label beside which the score is counted; None: all others together.
        completeness: whether contributions that were integrated add up.
        scale: what the contributions are, as ``Explanation.scale``.
        encoder_alone: whether they are of the encoder alone, where TF-IDF answers with it.
    """

    contributions: list[Contribution]
    rest: float | None = None
    against: int | None = None
    completeness: Completeness | None = None
    scale: Scale = "log-odds"
    encoder_alone: bool = False


Explainer = Callable[[Question], Found]

EXPLAINERS: Registry[Explainer] = Registry(
    "explainers",
    N_("explain(question) -> what each piece of a report adds to the score of a label"),
    {
        "occlusion": "bert4text.explanation.occlusion:occlude",
        "linear": "bert4text.explanation.linear:add_up",
        "gradients": "bert4text.explanation.gradients:attribute",
        "rollout": "bert4text.explanation.rollout:roll_out",
    },
)
