"""What a training gives: systems, who answers, and what is told of how they came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bert4text.core.config import Config
from bert4text.models.calibration import Calibrator
from bert4text.models.linear_backend import LinearBackend
from bert4text.models.scope import Scope
from bert4text.training.decide import Decision, Logits, Told

if TYPE_CHECKING:
    from bert4text.models.ensemble import Ensemble
    from bert4text.models.hub import EncoderInfo
    from bert4text.models.torch_backend import TorchBackend
    from bert4text.training.loop import Step
    from bert4text.training.pace import Pace
    from bert4text.training.rehearse import Rehearsal


@dataclass(frozen=True)
class Trained:
    """What ``train`` gives; nothing is on disk yet but the work folder.

    Attributes:
        backend: the fine-tuned encoder, float32, best weights in place; None for the baseline alone.
        calibrator: its temperature and thresholds; None with ``backend``.
        baseline: TF-IDF and logistic regression, fitted on all reports but those of ``test``; None where the
            encoder learned with differential privacy.
        baseline_calibrator: its temperature and thresholds; None with ``baseline``.
        decision: which of them answers; None with ``backend`` or ``baseline``.
        info: of the encoder; None with ``backend``.
        steps: every step taken.
        split_used: what each split served for, as the manifest keeps it.
        config: the settings with everything filled in.
        seconds: how long it took, baseline and calibration included.
        pace: of fine-tuning; None with ``backend``, or where too little was done to tell.
        foretold: what fine-tuning was expected to take; None where it was too short to be rehearsed.
        members: the steps of every further member; none where one encoder learned.
        out_of_fold: logits [n, k] of training and validation reports, each by the member that has not seen
            it; None where one encoder learned.
        told: what the encoder says of validation and calibration reports; None with ``backend``.
        scope: what lies within the scope of the system that answers; None where that was not asked for.
        notes: what else the manifest is to keep.
        cut: split -> reports of it that the encoder did not read whole.
    """

    backend: TorchBackend | Ensemble | None
    calibrator: Calibrator | None
    baseline: LinearBackend | None
    baseline_calibrator: Calibrator | None
    decision: Decision | None
    info: EncoderInfo | None
    steps: list[Step]
    split_used: dict[str, str]
    config: Config
    seconds: float
    pace: Pace | None = None
    foretold: Rehearsal | None = None
    members: Sequence[list[Step]] = ()
    out_of_fold: Logits | None = None
    told: Told | None = None
    scope: Scope | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)

    @property
    def token_weights(self) -> int | None:
        """Weights that each token is multiplied with; None with ``backend``."""
        return None if self.backend is None else self.backend.token_weights

    @property
    def window(self) -> int | None:
        """Tokens of the encoder's window; None with ``backend``."""
        return None if self.backend is None else self.backend.window
