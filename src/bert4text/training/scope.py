"""Fit the scope of a model: where the reports lie that it learned from, and how far away others may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.covariance import ledoit_wolf

from bert4text.core import seeds
from bert4text.core.language import detect_many, majority
from bert4text.models.backends import Backend, FloatArray, Output
from bert4text.models.scope import Scope
from bert4text.training.conformal import quantile
from bert4text.training.parts import Part, Parts

FEWEST = 5
"""Patients of a label below which its reports have no mean of their own: it would tell of them."""
COARSEST = 0.05
"""Rate above which a limit would stop too many reports by mistake to be one."""
MOST = 1000
"""Training reports whose embeddings are computed, drawn of more."""
SAME = 0.98
"""Share of the calibration reports whose language must be told alike for another one to be noticed."""


def fit_scope(
    parts: Parts, held: Output | None, encoder: Backend | None, *, rate: float, seed: int
) -> Scope | None:
    """The scope of a model; None where there are no calibration reports, or none is wanted.

    The limit is the distance within which reports of new patients like those of calibration stay but for
    ``rate`` of them (a conformal quantile, patient by patient).

    Args:
        parts: the splits.
        held: what was given for the calibration reports, by who has not learned from them.
        encoder: what answers; None where TF-IDF does.
        rate: share of reports like those of calibration that may be taken for something else; 0 wants none.
        seed: draws the training reports that are looked at.
    """
    calibration = parts.calibration
    if calibration is None or held is None or not rate:
        return None
    means = whitening = None
    if encoder is not None:
        order = seeds.rng(seed, "training.scope").permutation(len(parts.train.texts))[:MOST]
        some, first = parts.train.select(np.sort(order)), getattr(encoder, "members", [encoder])[0]
        embedding = first.forward(some.texts).embedding
        if embedding is not None:
            means, whitening = _spread(some, embedding)
    plain = Scope(None, rate, 0, None, means, whitening)
    return limited(plain, calibration, held, rate=rate)


def limited(scope: Scope, calibration: Part, output: Output, *, rate: float) -> Scope:
    """The scope with its limit and language from calibration reports.

    Where they are too few to promise the rate, the limit is the farthest of them, and what that promises is
    told: one in as many patients as there are, and one more.

    Args:
        scope: where the reports lie that were learned from.
        calibration: reports that were not learned from.
        output: what the backend gave for them.
        rate: share of reports like these that may be taken for something else.
    """
    patients = np.unique(np.asarray(calibration.groups, dtype=str), return_inverse=True)[1]
    count = int(patients.max()) + 1
    rate = max(rate, 1 / (count + 1))
    told = replace(scope, limit=None, rate=rate, patients=count, language=_language(calibration.texts))
    distances = told.distances(output)
    if distances is None or rate > COARSEST:
        return told
    return replace(told, limit=quantile(distances, patients, level=1 - rate))


def _spread(part: Part, embedding: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means of the labels, and what whitens the spread around them (Ledoit & Wolf, 2004)."""
    wide, groups = embedding.astype(np.float64), np.asarray(part.groups, dtype=str)
    kept = [label for label in part.truth.T if len(set(groups[label])) >= FEWEST]
    means = np.stack([wide[label].mean(axis=0) for label in kept] or [wide.mean(axis=0)])
    nearest = ((wide[:, None, :] - means[None]) ** 2).sum(axis=2).argmin(axis=1)
    covariance, _ = ledoit_wolf(wide - means[nearest], assume_centered=True)
    values, vectors = np.linalg.eigh(covariance)
    whitening = vectors / np.sqrt(np.maximum(values, 1e-12))
    return means.astype(np.float32), whitening.astype(np.float32)


def _language(texts: Sequence[str]) -> str | None:
    """The language of the reports, where it can be told of nearly all of those of which it is told at all."""
    language = majority(texts)
    told = [found for found in detect_many(texts) if found is not None]
    same = sum(found == language for found in told)
    return language if told and same >= SAME * len(told) else None
