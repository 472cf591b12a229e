"""Does an export answer as the run it was made from: labels, scores, probabilities, in any company?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from bert4text.core.config import Record
from bert4text.core.errors import GuardError
from bert4text.inference.config import ExportConfig
from bert4text.models.backends import FloatArray
from bert4text.models.calibration import Calibrator
from bert4text.models.stream_backend import StreamBackend

FEWEST = 50
"""Reports of a label from which its F1 counts."""
ROUNDING = 1e-5
"""Largest difference of a probability between batches that rounding explains."""
CROWD = 8192
"""Tokens of a large batch."""
WORSE = 1.01
"""Loss of the export by that of the run from which its probabilities are calibrated anew."""
SHOWN = 3
"""Layers that are named where an export is refused."""

TINY = 1e-12
"""Least probability whose logarithm counts."""

Bools = npt.NDArray[np.bool_]


class Parity(Record):
    """How far an export answers as the run.

    Attributes:
        precision: of the export.
        reduce_range: whether its weights in 8 bits keep 7, so that any processor computes it.
        products: products with weights; 0 in an export in float32.
        kept: those of them that stay in float32.
        reports: compared.
        agreement: share of them that get the same labels.
        macro_f1: of the run and of the export, over labels of 50 reports or more; None where there are none.
        loss: mean negative log-likelihood of the labels, of the run and of the export.
        recalibrated: whether the export has a temperature of its own.
        probability: largest difference of a probability; ``mean_probability`` its mean.
        spread: largest difference of a probability of the export between reports alone and in large batches.
    """

    precision: str
    reduce_range: bool = False
    products: int = 0
    kept: int = 0
    reports: int
    agreement: float
    macro_f1: tuple[float, float] | None
    loss: tuple[float, float]
    recalibrated: bool = False
    probability: float
    mean_probability: float
    spread: float


@dataclass(frozen=True)
class Compared:
    """Logits float32 [n, k] of n reports.

    Attributes:
        run: of the run.
        export: of its export.
        alone: of its export, each report by itself.
        crowd: of its export, in large batches.
        truth: bool [n, k], the labels that hold.
    """

    run: FloatArray
    export: FloatArray
    alone: FloatArray
    crowd: FloatArray
    truth: Bools


def compared(run: FloatArray, export: StreamBackend, texts: Sequence[str], truth: Bools) -> Compared:
    """Let an export answer reports whose logits from the run are known."""
    usual = export.forward(texts).logits
    alone, crowd = (_in_batches(export, texts, tokens) for tokens in (1, CROWD))
    return Compared(run, usual, alone, crowd, truth)


def parity(
    found: Compared, *, precision: str, calibrator: Calibrator, own: Calibrator | None = None
) -> Parity:
    """Compare answers.

    Args:
        found: the logits.
        precision: of the export.
        calibrator: of the run.
        own: of the export; that of the run if not given.
    """
    after = own or calibrator
    given, got = calibrator.probabilities(found.run), after.probabilities(found.export)
    labels = (_labels(given, calibrator), _labels(got, after))
    often = np.flatnonzero(found.truth.sum(axis=0) >= FEWEST).tolist()
    scores = [
        float(f1_score(found.truth, each, labels=often, average="macro", zero_division=0.0))
        for each in labels
    ]
    apart = np.abs(after.probabilities(found.alone) - after.probabilities(found.crowd))
    return Parity(
        precision=precision,
        reports=len(given),
        agreement=round(float((labels[0] == labels[1]).all(axis=1).mean()), 6),
        macro_f1=(round(scores[0], 6), round(scores[1], 6)) if often else None,
        loss=(_loss(given, found.truth, calibrator), _loss(got, found.truth, after)),
        recalibrated=own is not None,
        probability=_shown(np.abs(given - got).max(initial=0.0)),
        mean_probability=_shown(np.abs(given - got).mean()),
        spread=_shown(apart.max(initial=0.0)),
    )


def holds(found: Parity, config: ExportConfig) -> bool:
    """Whether the export gives the labels of the run, as far as was asked."""
    return found.agreement >= config.agreement and _lost(found) <= config.macro_f1


def needs_calibration(found: Parity) -> bool:
    """Whether the probabilities of the export are less true than those of the run."""
    return found.loss[1] > WORSE * found.loss[0]


def check_parity(found: Parity, config: ExportConfig, *, layers: Sequence[str] = ()) -> None:
    """Refuse an export that answers otherwise than its run.

    Args:
        found: how it answers.
        config: what is allowed.
        layers: of an export in 8 bits, those that lose most first.

    Raises:
        GuardError: ``parity``: it gives other labels, or a worse score, than allowed; ``batch-dependent``: an
            answer depends on the reports beside it.
    """
    if not holds(found, config):
        told = (
            "the export gives {agreement} of {reports} reports the label of the run (at least {wanted}) and "
            "loses {lost} of macro-F1 (at most {allowed})"
        )
        if layers:
            told = (
                "the export gives {agreement} of {reports} reports the label of the run (at least {wanted}) "
                "and loses {lost} of macro-F1 (at most {allowed}); these layers lose most: {layers}"
            )
        raise GuardError(
            told,
            hint="export with --precision float32, or allow more in [export]",
            code="parity",
            agreement=found.agreement,
            reports=found.reports,
            wanted=config.agreement,
            lost=round(_lost(found), 4),
            allowed=config.macro_f1,
            **({"layers": list(layers[:SHOWN])} if layers else {}),
        )
    if found.spread > ROUNDING:
        raise GuardError(
            "an answer of the export depends on the reports beside it: a probability differs by {spread}",
            hint="export with --precision float32",
            code="batch-dependent",
            spread=found.spread,
        )


def _lost(found: Parity) -> float:
    return 0.0 if found.macro_f1 is None else found.macro_f1[0] - found.macro_f1[1]


def _in_batches(export: StreamBackend, texts: Sequence[str], tokens: int) -> FloatArray:
    usual, export.batch_tokens = export.batch_tokens, tokens
    try:
        return export.forward(texts).logits
    finally:
        export.batch_tokens = usual


def _labels(probabilities: npt.NDArray[np.float64], calibrator: Calibrator) -> Bools:
    """The labels that are answered, bool [n, k]."""
    if calibrator.link == "sigmoid":
        return np.asarray(calibrator.holds(probabilities), dtype=np.bool_)
    return np.eye(probabilities.shape[1], dtype=np.bool_)[calibrator.decide(probabilities)]


def _loss(probabilities: npt.NDArray[np.float64], truth: Bools, calibrator: Calibrator) -> float:
    """Mean negative log-likelihood of a report, or of a label of it where several may hold."""
    held, others = (np.log(np.clip(each, TINY, 1.0)) for each in (probabilities, 1.0 - probabilities))
    if calibrator.link == "softmax":
        return _shown(float(-held[truth].mean()))
    return _shown(float(-np.where(truth, held, others).mean()))


def _shown(value: float) -> float:
    return float(f"{value:.3g}")
