"""TF-IDF beside the encoder: cross-fitted to see how good it is, then fitted on all reports but test's.

An encoder takes too long to learn twice and has to do without the reports that stop and calibrate it. TF-IDF
takes seconds, so that what it says of those reports can come from models that have not seen them, and how
smooth it should be can be tried on the training reports.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.backends import FloatArray
from bert4text.models.linear_backend import LinearBackend
from bert4text.training.calibrate import fit_temperature, negative_log_likelihood
from bert4text.training.parts import Part, Parts

FOLDS = 5

STRENGTHS = (10.0, 3.0, 1.0)
"""Inverse strengths of the logistic regression that are tried, the default first."""

CLEARLY = 0.99
"""Share of the default's loss below which another strength is taken: less is noise."""

MOST, FEWEST = 2000, 50
"""Training reports that strengths are tried on, drawn by the seed of more; below the second none is tried."""


def fit_baseline(
    parts: Parts, *, seed: int, pooled: bool = False
) -> tuple[LinearBackend, tuple[FloatArray, FloatArray | None]]:
    """TF-IDF fitted on all parts, and what it says of validation and calibration reports it has not seen.

    Args:
        parts: the splits.
        seed: of folds and solver.
        pooled: whether it is asked of the training reports too.

    Returns:
        The backend; logits [n, k] of the validation reports (pooled: of training reports, then these) and
        [m, k] of the calibration reports (None where there are none), each from a fit on the other four
        fifths of the patients.
    """
    some = [part for part in (parts.train, parts.validation, parts.calibration) if part is not None]
    groups = np.array([group for part in some for group in part.groups], dtype=str)
    patients, members = np.unique(groups, return_inverse=True)
    fold = seeds.rng(seed, "training.baseline").permutation(len(patients))[members] % FOLDS
    strength = _strength(parts, seed=seed)
    learned = len(parts.train.texts)
    first = 0 if pooled else learned
    logits = np.zeros((len(groups), len(parts.label_space)), dtype=np.float32)
    for number in range(FOLDS):
        asked = np.flatnonzero((fold == number) & (np.arange(len(groups)) >= first))
        if len(asked):
            inside = _fit(some, parts, fold != number, strength=strength, seed=seed)
            texts = [text for part in some for text in part.texts]
            logits[asked] = inside.forward([texts[place] for place in asked]).logits
    until = learned + len(parts.validation.texts)
    calibration = None if parts.calibration is None else logits[until:]
    whole = _fit(some, parts, np.ones(len(groups), dtype=np.bool_), strength=strength, seed=seed)
    return whole, (logits[first:until], calibration)


def _strength(parts: Parts, *, seed: int) -> float:
    """The inverse strength by which training reports are most likely to models that have not seen them.

    A temperature is fitted to each first, as it will be to the one that is taken.
    """
    part, random = parts.train, seeds.rng(seed, "training.baseline.strength")
    if len(part.texts) > MOST:
        part = part.select(np.sort(random.choice(len(part.texts), size=MOST, replace=False)))
    patients, members = np.unique(np.array(part.groups, dtype=str), return_inverse=True)
    if min(len(patients), len(part.texts)) < FEWEST:
        return STRENGTHS[0]
    fold = random.permutation(len(patients))[members] % FOLDS
    found = {strength: _loss(part, parts, fold, strength=strength, seed=seed) for strength in STRENGTHS}
    best = min(found, key=lambda strength: found[strength])
    return best if found[best] < CLEARLY * found[STRENGTHS[0]] else STRENGTHS[0]


def _loss(part: Part, parts: Parts, fold: npt.NDArray[np.int64], *, strength: float, seed: int) -> float:
    logits = np.zeros(part.truth.shape, dtype=np.float32)
    for number in range(FOLDS):
        inside = _fit([part], parts, fold != number, strength=strength, seed=seed)
        outside = np.flatnonzero(fold == number)
        logits[outside] = inside.forward([part.texts[place] for place in outside]).logits
    space = parts.label_space
    temperature = fit_temperature(logits, part.truth, label_space=space).temperature
    return negative_log_likelihood(logits / temperature, part.truth, label_space=space)


def _fit(
    some: list[Part], parts: Parts, kept: npt.NDArray[np.bool_], *, strength: float, seed: int
) -> LinearBackend:
    places = np.flatnonzero(kept)
    texts, groups = ([value for part in some for value in values(part)] for values in (_texts, _groups))
    if not len(places):  # all reports are of one patient
        places = np.arange(len(texts))
    return LinearBackend.fit(
        [texts[place] for place in places],
        np.concatenate([part.targets for part in some])[places],
        len(parts.label_space),
        groups=[groups[place] for place in places],
        seed=seed,
        regularization=strength,
    )


def _texts(part: Part) -> list[str]:
    return part.texts


def _groups(part: Part) -> list[str]:
    return part.groups
