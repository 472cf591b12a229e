"""TF-IDF beside the encoder: cross-fitted to see how good it is, then fitted on all reports but test's.

An encoder takes too long to learn twice and has to do without the reports that stop and calibrate it. TF-IDF
takes seconds, so that what it says of those reports can come from models that have not seen them, and how
smooth it should be can be tried on the training reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.backends import FloatArray, Output
from bert4text.models.linear_backend import BALANCED, LinearBackend, Regression
from bert4text.training.calibrate import fit_temperature, negative_log_likelihood
from bert4text.training.parts import Part, Parts

FOLDS = 5
FOLDS_TO_TRY = 3

TRIED = (BALANCED, Regression(3.0), Regression(balance=0.5))
"""Regressions that are tried, the default first."""

CLEARLY = 0.99
"""Share of the default's loss below which another is taken: less is noise."""

MOST, FEWEST = 2000, 50
"""Training reports that they are tried on, drawn by the seed of more; below the second none is tried."""


def fit_baseline(
    parts: Parts, *, seed: int, pooled: bool = False
) -> tuple[LinearBackend, tuple[FloatArray, Output | None]]:
    """TF-IDF fitted on all parts, and what it says of validation and calibration reports it has not seen.

    Args:
        parts: the splits.
        seed: of folds and solver.
        pooled: whether it is asked of the training reports too.

    Returns:
        The backend; logits [n, k] of the validation reports (pooled: of training reports, then these) and
        what is said of the calibration reports (None where there are none), each from a fit on the other
        four fifths of the patients.
    """
    some = [part for part in (parts.train, parts.validation, parts.calibration) if part is not None]
    groups = np.array([group for part in some for group in part.groups], dtype=str)
    patients, members = np.unique(groups, return_inverse=True)
    fold = seeds.rng(seed, "training.baseline").permutation(len(patients))[members] % FOLDS
    regressions = [_chosen(parts, seed=seed)]
    learned = len(parts.train.texts)
    first = 0 if pooled else learned
    logits = np.zeros((len(groups), len(parts.label_space)), dtype=np.float32)
    unknown = np.zeros(len(groups), dtype=np.float32)
    for number in range(FOLDS):
        asked = np.flatnonzero((fold == number) & (np.arange(len(groups)) >= first))
        if len(asked):
            (inside,) = _fit(some, parts, fold != number, regressions, seed=seed)
            texts = [text for part in some for text in part.texts]
            said = inside.forward([texts[place] for place in asked])
            logits[asked], unknown[asked] = said.logits, said.unknown
    until = learned + len(parts.validation.texts)
    calibration = None
    if parts.calibration is not None:
        uncounted = np.zeros(len(groups) - until, dtype=np.int32)
        calibration = Output(logits[until:], None, uncounted, uncounted, unknown=unknown[until:])
    (whole,) = _fit(some, parts, np.ones(len(groups), dtype=np.bool_), regressions, seed=seed)
    return whole, (logits[first:until], calibration)


def _chosen(parts: Parts, *, seed: int) -> Regression:
    """The regression by which training reports are most likely to models that have not seen them.

    A temperature is fitted to each first, as it will be to the one that is taken.
    """
    part, random = parts.train, seeds.rng(seed, "training.baseline.strength")
    if len(part.texts) > MOST:
        part = part.select(np.sort(random.choice(len(part.texts), size=MOST, replace=False)))
    patients, members = np.unique(np.array(part.groups, dtype=str), return_inverse=True)
    if min(len(patients), len(part.texts)) < FEWEST:
        return BALANCED
    fold = random.permutation(len(patients))[members] % FOLDS_TO_TRY
    logits = np.zeros((len(TRIED), *part.truth.shape), dtype=np.float32)
    for number in range(FOLDS_TO_TRY):
        outside = np.flatnonzero(fold == number)
        texts = [part.texts[place] for place in outside]
        for said, inside in zip(logits, _fit([part], parts, fold != number, TRIED, seed=seed), strict=True):
            said[outside] = inside.forward(texts).logits
    lost = [_loss(said, part, parts) for said in logits]
    best = int(np.argmin(lost))
    return TRIED[best] if lost[best] < CLEARLY * lost[0] else BALANCED


def _loss(logits: FloatArray, part: Part, parts: Parts) -> float:
    space = parts.label_space
    temperature = fit_temperature(logits, part.truth, label_space=space).temperature
    return negative_log_likelihood(logits / temperature, part.truth, label_space=space)


def _fit(
    some: list[Part],
    parts: Parts,
    kept: npt.NDArray[np.bool_],
    regressions: Sequence[Regression],
    *,
    seed: int,
) -> list[LinearBackend]:
    every = reduce(Part.joined, some)
    inside = every.select(np.flatnonzero(kept)) if kept.any() else every  # all reports are of one patient
    learned = inside.learned
    return LinearBackend.fit_each(
        learned.texts,
        learned.targets,
        len(parts.label_space),
        groups=learned.groups,
        seed=seed,
        regressions=regressions,
        weights=learned.weights,
    )
