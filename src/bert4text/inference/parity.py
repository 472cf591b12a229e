"""Does an export answer as the run it was made from: labels, scores, probabilities, in any batch?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from bert4text.core.config import Record
from bert4text.core.errors import GuardError
from bert4text.inference.config import ExportConfig
from bert4text.models.backends import FloatArray
from bert4text.models.calibration import Calibrator
from bert4text.models.onnx_backend import OnnxBackend
from bert4text.models.torch_backend import TorchBackend

FEWEST = 50
"""Reports of a label from which its F1 counts."""
ROUNDING = 1e-5
"""Largest difference of a probability between batches that rounding explains."""
BATCHES = (1, 8192)
"""Tokens of a batch: each report alone, and many of them padded to the longest."""


class Parity(Record):
    """How far an export answers as the run.

    Attributes:
        precision: of the export.
        reports: compared.
        agreement: share of them that get the same labels.
        macro_f1: of the run and of the export, over labels of 50 reports or more; None where there are none.
        probability: largest difference of a probability; ``mean_probability`` its mean.
        spread: largest difference of a probability of the export between reports alone and in large batches.
    """

    precision: str
    reports: int
    agreement: float
    macro_f1: tuple[float, float] | None
    probability: float
    mean_probability: float
    spread: float


def parity(
    run: TorchBackend,
    export: OnnxBackend,
    texts: Sequence[str],
    truth: npt.NDArray[np.bool_],
    *,
    calibrator: Calibrator,
) -> Parity:
    """Compare an export with its run.

    Args:
        run: what was exported.
        export: the same, exported.
        texts: n reports.
        truth: bool [n, k], the labels that hold.
        calibrator: of the run.
    """
    logits = run.forward(texts).logits
    before, after = (calibrator.probabilities(each) for each in (logits, export.forward(texts).logits))
    apart = [calibrator.probabilities(_in_batches(export, texts, tokens)) for tokens in BATCHES]
    given, got = (_labels(each, calibrator) for each in (before, after))
    often = np.flatnonzero(truth.sum(axis=0) >= FEWEST).tolist()
    scores = [
        float(f1_score(truth, labels, labels=often, average="macro", zero_division=0.0))
        for labels in (given, got)
    ]
    difference = np.abs(before - after)
    return Parity(
        precision=export.precision,
        reports=len(texts),
        agreement=round(float((given == got).all(axis=1).mean()), 6),
        macro_f1=(round(scores[0], 6), round(scores[1], 6)) if often else None,
        probability=_shown(difference.max(initial=0.0)),
        mean_probability=_shown(difference.mean()),
        spread=_shown(np.abs(apart[0] - apart[1]).max(initial=0.0)),
    )


def check_parity(found: Parity, config: ExportConfig) -> None:
    """Refuse an export that answers otherwise than its run.

    Raises:
        GuardError: ``parity``: it gives other labels, or a worse score, than allowed; ``batch-dependent``: an
            answer depends on the reports beside it.
    """
    lost = 0.0 if found.macro_f1 is None else found.macro_f1[0] - found.macro_f1[1]
    if found.agreement < config.agreement or lost > config.macro_f1:
        raise GuardError(
            "the export gives {agreement} of {reports} reports the label of the run (at least {wanted}) and "
            "loses {lost} of macro-F1 (at most {allowed})",
            hint="export with --precision float32, or allow more in [export]",
            code="parity",
            agreement=found.agreement,
            reports=found.reports,
            wanted=config.agreement,
            lost=round(lost, 4),
            allowed=config.macro_f1,
        )
    if found.spread > ROUNDING:
        raise GuardError(
            "an answer of the export depends on the reports beside it: a probability differs by {spread}",
            hint="export with --precision float32",
            code="batch-dependent",
            spread=found.spread,
        )


def _in_batches(export: OnnxBackend, texts: Sequence[str], tokens: int) -> FloatArray:
    usual, export.batch_tokens = export.batch_tokens, tokens
    try:
        return export.forward(texts).logits
    finally:
        export.batch_tokens = usual


def _labels(probabilities: npt.NDArray[np.float64], calibrator: Calibrator) -> npt.NDArray[np.bool_]:
    """The labels that are answered, bool [n, k]."""
    if calibrator.link == "sigmoid":
        return np.asarray(calibrator.holds(probabilities), dtype=np.bool_)
    return np.eye(probabilities.shape[1], dtype=np.bool_)[calibrator.decide(probabilities)]


def _shown(value: float) -> float:
    return float(f"{value:.3g}")
