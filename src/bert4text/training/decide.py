"""Decide which system answers - the encoder, TF-IDF, or both - by validation and calibration reports.

Who answers is decided by likelihood: every report tells something of it, where macro-F1 hangs on the few of
the rare labels. Both together answer instead of the encoder where they are likelier in most resamples of
patients. What is found so has to be likelier than TF-IDF in most of them too, and its macro-F1 not lower
beyond doubt: else the encoder is not worth its cost here, and TF-IDF answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.calibration import Calibrator, Kind
from bert4text.models.classifier import Delivered
from bert4text.models.hybrid import pool
from bert4text.training.calibrate import (
    Bools,
    Floats,
    choose_thresholds,
    evidence,
    losses,
    macro_f1,
)
from bert4text.training.calibration_config import CalibrationConfig, FittedConfig
from bert4text.training.calibrators import fit_calibrator, fit_sets_of
from bert4text.training.expected import expected_thresholds
from bert4text.training.parts import Parts
from bert4text.training.point import Proven, answered, fit_point

Logits = npt.NDArray[np.floating]

SHARES = (0.5, 0.3, 0.7)
"""Weights of the encoder in the pool that are tried; a finer choice would be noise."""

RESAMPLES = 400
LIKELY = 0.6
"""Share of the resamples in which the costlier system must be likelier."""
CLEARLY = 0.995
"""Share of the cheaper one's loss that it must stay below: less is rounding."""
SURE = 0.95
"""Share of the resamples in which it must not have the lower macro-F1."""


@dataclass(frozen=True)
class Told:
    """What a system says of reports that it did not learn from.

    Attributes:
        calibrator: its temperature and thresholds.
        validation: its logits of the validation reports, [n, k].
        calibration: those of the calibration reports, or None where no temperature is wanted.
        proven: of its operating point; None where none was asked for.
    """

    calibrator: Calibrator
    validation: Logits
    calibration: Logits | None
    proven: Proven | None = None


@dataclass(frozen=True)
class Decision:
    """Which system answers.

    Attributes:
        delivered: its name.
        hybrid: what both together say, where they answer; not at its operating point yet.
        share: weight of the encoder where they do.
        macro_f1: of each system on validation and calibration reports, as it would decide.
        loss: mean negative log-likelihood of these reports by each system.
        better: share of the resamples in which both together are likelier than the encoder alone
            (``hybrid``), and what has the encoder likelier than TF-IDF (``encoder``).
    """

    delivered: Delivered
    hybrid: Told | None
    share: float
    macro_f1: dict[str, float]
    loss: dict[str, float]
    better: dict[str, float]

    @property
    def evidence(self) -> dict[str, dict[str, float]]:
        """What it rests on, as the manifest keeps it."""
        figures = {"macro_f1": self.macro_f1, "loss": self.loss, "better": self.better}
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
    pools = {
        share: _together(model, tfidf, parts, share=share, kind=config.fitted, seed=seed) for share in SHARES
    }
    share = min(pools, key=lambda one: float(_losses(pools[one], parts).mean()))
    both = with_thresholds(pools[share], parts, seed=seed) if config.thresholds else pools[share]
    held = [part for part in (parts.validation, parts.calibration) if part is not None]
    truth = np.concatenate([part.truth for part in held])
    weights = resampled([group for part in held for group in part.groups], seed=seed)
    said = {"model": model, "tfidf": tfidf, "hybrid": both}
    lost = {name: _losses(one, parts) for name, one in said.items()}
    given = {name: _decided(one) for name, one in said.items()}
    drawn = {name: macro_f1(truth, one, weights, labels=evidence(truth)) for name, one in given.items()}

    def likelier(first: str, second: str) -> float:
        return float((weights @ (CLEARLY * lost[second] - lost[first]) > 0).mean())

    pooled = likelier("hybrid", "model")
    first: Delivered = "hybrid" if pooled >= LIKELY else "model"
    neural = likelier(first, "tfidf")
    worse = bool((drawn[first] < drawn["tfidf"]).mean() >= SURE)
    found: Delivered = first if neural >= LIKELY and not worse else "tfidf"
    delivered = found if config.deliver == "auto" else config.deliver
    return Decision(
        delivered=delivered,
        hybrid=both if delivered == "hybrid" else None,
        share=share,
        macro_f1={name: float(macro_f1(truth, one)[0]) for name, one in given.items()},
        loss={name: float(values.mean()) for name, values in lost.items()},
        better={"hybrid": pooled, "encoder": neural},
    )


def with_thresholds(told: Told, parts: Parts, *, seed: int) -> Told:
    """A system with thresholds: of one answer by what it expects, of several labels by validation.

    Args:
        told: the system, its temperature fitted.
        parts: the splits.
        seed: of folds and resamples.
    """
    if told.calibrator.link == "softmax":
        if told.calibrator.kind == "none":  # too sure or too unsure, by nobody knows how much
            return told
        return replace(told, calibrator=expected_thresholds(told.calibrator, _all(told)))
    part = parts.validation
    found = choose_thresholds(told.calibrator, told.validation, part.truth, groups=part.groups, seed=seed)
    return replace(told, calibrator=found)


def finished(told: Told, parts: Parts, config: FittedConfig, *, seed: int) -> Told:
    """A system at its operating point, with its prediction sets: what follows once all are compared."""
    return with_sets(with_point(told, parts, config), parts, config, seed=seed)


def with_point(told: Told, parts: Parts, config: FittedConfig) -> Told:
    """A system at the operating point that was asked for, proven on calibration reports; else as it is."""
    part = parts.calibration
    if part is None or told.calibration is None or not config.point.given:
        return told
    proven = fit_point(
        told.calibrator,
        told.calibrator.probabilities(told.calibration),
        part.truth,
        groups=part.groups,
        point=config.point,
        label_space=parts.label_space,
    )
    return replace(told, calibrator=proven.calibrator, proven=proven)


def with_sets(told: Told, parts: Parts, config: FittedConfig, *, seed: int) -> Told:
    """A system with prediction sets, from the calibration reports.

    Args:
        told: the system, calibrated.
        parts: the splits.
        config: which promises, and by which score.
        seed: of the folds.
    """
    part = parts.calibration
    if part is None or told.calibration is None or told.calibrator.kind == "none":
        return told
    sets = fit_sets_of(
        told.calibrator,
        told.calibration,
        part.truth,
        texts=part.texts,
        groups=part.groups,
        levels=config.levels,
        score=config.score,
        label_space=parts.label_space,
        seed=seed,
    )
    return replace(told, calibrator=told.calibrator.model_copy(update={"sets": sets}))


def _together(model: Told, tfidf: Told, parts: Parts, *, share: float, kind: Kind | None, seed: int) -> Told:
    def pooled(first: Logits, second: Logits) -> Logits:
        return pool((first, model.calibrator), (second, tfidf.calibrator), share=share)

    calibrator, calibration = Calibrator.untouched(parts.label_space), None
    if parts.calibration and model.calibration is not None and tfidf.calibration is not None:
        calibration = pooled(model.calibration, tfidf.calibration)
        calibrator = fit_calibrator(
            calibration,
            parts.calibration.truth,
            label_space=parts.label_space,
            groups=parts.calibration.groups,
            kind=kind,
            seed=seed,
        )
    return Told(calibrator, pooled(model.validation, tfidf.validation), calibration)


def _all(told: Told) -> Logits:
    """Its logits of validation, then calibration reports."""
    held = [logits for logits in (told.validation, told.calibration) if logits is not None]
    return np.concatenate(held)


def _losses(told: Told, parts: Parts) -> Floats:
    """The negative log-likelihood of each validation, then each calibration report, [n]."""
    truth = parts.validation.truth
    if told.calibration is not None and parts.calibration is not None:
        truth = np.concatenate([truth, parts.calibration.truth])
    return losses(told.calibrator.scaled(_all(told)), truth, label_space=parts.label_space)


def decided(calibrator: Calibrator, logits: Logits) -> Bools:
    """The labels that a system gives, bool [n, k], from its logits [n, k]."""
    return answered(calibrator, calibrator.probabilities(logits))


def _decided(told: Told) -> Bools:
    return decided(told.calibrator, _all(told))


def resampled(groups: list[str], *, seed: int) -> npt.NDArray[np.float64]:
    """How often each report counts, [resamples, n]; the reports of a patient stay together."""
    patients, members = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    random = seeds.rng(seed, "training.decide")
    draws = random.multinomial(len(patients), np.full(len(patients), 1 / len(patients)), size=RESAMPLES)
    return draws[:, members].astype(np.float64)
