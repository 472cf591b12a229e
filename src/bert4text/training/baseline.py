"""TF-IDF beside the encoder: cross-fitted to see how good it is, then fitted on all reports but test's.

An encoder takes too long to learn twice and has to do without the reports that stop and calibrate it. TF-IDF
takes seconds, so that what it says of those reports can come from models that have not seen them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.backends import FloatArray
from bert4text.models.linear_backend import LinearBackend
from bert4text.training.parts import Part, Parts

FOLDS = 5


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
    learned = len(parts.train.texts)
    first = 0 if pooled else learned
    logits = np.zeros((len(groups), len(parts.label_space)), dtype=np.float32)
    for number in range(FOLDS):
        asked = np.flatnonzero((fold == number) & (np.arange(len(groups)) >= first))
        if len(asked):
            inside = _fit(some, parts, fold != number, seed=seed)
            texts = [text for part in some for text in part.texts]
            logits[asked] = inside.forward([texts[place] for place in asked]).logits
    until = learned + len(parts.validation.texts)
    calibration = None if parts.calibration is None else logits[until:]
    whole = _fit(some, parts, np.ones(len(groups), dtype=np.bool_), seed=seed)
    return whole, (logits[first:until], calibration)


def _fit(some: list[Part], parts: Parts, kept: npt.NDArray[np.bool_], *, seed: int) -> LinearBackend:
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
    )


def _texts(part: Part) -> list[str]:
    return part.texts


def _groups(part: Part) -> list[str]:
    return part.groups
