"""Decide which system answers - the encoder, TF-IDF, or both - by validation and calibration reports.

Both together answer instead of the encoder where that raises macro-F1 in most resamples of patients. What is
found so has to be better than TF-IDF in most of them too: else the encoder is not worth its cost here, and
TF-IDF answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Delivered
from bert4text.models.hybrid import pool
from bert4text.training.calibrate import Bools, choose_thresholds, evidence, fit_temperature, macro_f1
from bert4text.training.config import CalibrationConfig
from bert4text.training.parts import Parts

Logits = npt.NDArray[np.floating]

SHARE = 0.5
"""Weight of the encoder in the pool: equal weights need no fitting and are hard to beat with few reports."""

RESAMPLES = 400
LIKELY = 0.6
"""Share of the resamples in which the costlier system must be better."""


@dataclass(frozen=True)
class Told:
    """What a system says of reports that it did not learn from.

    Attributes:
        calibrator: its temperature and thresholds.
        validation: its logits of the validation reports, [n, k].
        calibration: those of the calibration reports, or None where no temperature is wanted.
    """

    calibrator: Calibrator
    validation: Logits
    calibration: Logits | None


@dataclass(frozen=True)
class Decision:
    """Which system answers.

    Attributes:
        delivered: its name.
        hybrid: the calibrator of both together, where they answer.
        macro_f1: of each system on validation and calibration reports, as it would decide.
        better: share of the resamples in which both together are better than the encoder alone
            (``hybrid``), and what has the encoder better than TF-IDF (``encoder``).
    """

    delivered: Delivered
    hybrid: Calibrator | None
    macro_f1: dict[str, float]
    better: dict[str, float]

    @property
    def evidence(self) -> dict[str, dict[str, float]]:
        """What it rests on, as the manifest keeps it."""
        figures = {"macro_f1": self.macro_f1, "better": self.better}
        return {name: {key: round(value, 4) for key, value in kept.items()} for name, kept in figures.items()}


def decide(
    model: Told, tfidf: Told, parts: Parts, *, config: CalibrationConfig | None = None, seed: int
) -> Decision:
    """Choose the system that answers.

    Args:
        model: what the encoder says.
        tfidf: what TF-IDF says.
        parts: the splits.
        config: whether both together may have thresholds, and who is to answer whatever comes out.
        seed: of the resamples.
    """
    config = config or CalibrationConfig.parse({}, section="train.calibration")
    both = _together(model, tfidf, parts, thresholds=config.thresholds, seed=seed)
    held = [part for part in (parts.validation, parts.calibration) if part is not None]
    truth = np.concatenate([part.truth for part in held])
    weights = resampled([group for part in held for group in part.groups], seed=seed)
    said = {"model": model, "tfidf": tfidf, "hybrid": both}
    given = {name: _decided(one) for name, one in said.items()}
    labels = evidence(truth)
    drawn = {name: macro_f1(truth, one, weights, labels=labels) for name, one in given.items()}
    pooled = float((drawn["hybrid"] > drawn["model"]).mean())
    first: Delivered = "hybrid" if pooled >= LIKELY else "model"
    neural = float((drawn[first] > drawn["tfidf"]).mean())
    found: Delivered = first if neural >= LIKELY else "tfidf"
    delivered = found if config.deliver == "auto" else config.deliver
    return Decision(
        delivered=delivered,
        hybrid=both.calibrator if delivered == "hybrid" else None,
        macro_f1={name: float(macro_f1(truth, one)[0]) for name, one in given.items()},
        better={"hybrid": pooled, "encoder": neural},
    )


def _together(model: Told, tfidf: Told, parts: Parts, *, thresholds: bool, seed: int) -> Told:
    def pooled(first: Logits, second: Logits) -> Logits:
        return pool((first, model.calibrator), (second, tfidf.calibrator), share=SHARE)

    calibrator, calibration = Calibrator.untouched(parts.label_space), None
    if parts.calibration and model.calibration is not None and tfidf.calibration is not None:
        calibration = pooled(model.calibration, tfidf.calibration)
        calibrator = fit_temperature(calibration, parts.calibration.truth, label_space=parts.label_space)
    validation = pooled(model.validation, tfidf.validation)
    if thresholds:
        part = parts.validation
        calibrator = choose_thresholds(calibrator, validation, part.truth, groups=part.groups, seed=seed)
    return Told(calibrator, validation, calibration)


def decided(calibrator: Calibrator, logits: Logits) -> Bools:
    """The labels that a system gives, bool [n, k], from its logits [n, k]."""
    probabilities = calibrator.probabilities(logits)
    if calibrator.link == "sigmoid":
        return calibrator.holds(probabilities)
    given = np.zeros(probabilities.shape, dtype=np.bool_)
    given[np.arange(len(given)), calibrator.decide(probabilities)] = True
    return given


def _decided(told: Told) -> Bools:
    held = [logits for logits in (told.validation, told.calibration) if logits is not None]
    return decided(told.calibrator, np.concatenate(held))


def resampled(groups: list[str], *, seed: int) -> npt.NDArray[np.float64]:
    """How often each report counts, [resamples, n]; the reports of a patient stay together."""
    patients, members = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    random = seeds.rng(seed, "training.decide")
    draws = random.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=RESAMPLES)
    return draws[:, members].astype(np.float64)
