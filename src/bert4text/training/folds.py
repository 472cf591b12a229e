"""Folds: whole patients are held out in turn; some of the others stop the training of each turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.data.stratify import Unit, stratify, units
from bert4text.training.parts import Indices, Part, Parts

STOPS = 0.15
"""Share of the reports not held out that stops the training instead of being learned from."""

FEWEST = 30
"""Patients below which nothing is tuned: a bootstrap of so few clusters finds too many differences
(Cameron, Gelbach & Miller, 2008, "Bootstrap-based improvements for inference with clustered errors")."""


@dataclass(frozen=True)
class Fold:
    """One turn.

    Attributes:
        number: from 0.
        rows: positions of the reports held out, ascending.
        held: those reports.
        parts: of the other patients: ``train`` is learned from, ``validation`` stops the training.
    """

    number: int
    rows: Indices
    held: Part
    parts: Parts


def folds(pool: Part, label_space: LabelSpace, *, count: int, seed: int) -> list[Fold]:
    """Deal whole patients into folds that have their share of every label, as nearly as patients allow.

    Args:
        pool: labelled reports.
        label_space: the question.
        count: how many folds.
        seed: another one deals the patients otherwise.

    Raises:
        EmptyCorpusError: there are too few patients, or too few with a second label.
    """
    patients = len(set(pool.groups))
    if patients < FEWEST:
        raise EmptyCorpusError(
            "there are {found} patients in train and validation; at least {wanted} are needed to tune",
            hint="train with the defaults: so few patients cannot tell settings apart",
            code="too-few-patients",
            found=patients,
            wanted=FEWEST,
        )
    left = _units(pool, label_space, seed=seed)
    every, found = list(left), []
    for number in range(count):
        apart, left = _part(left, share=1 / (count - number))
        held_out = set(apart)
        stop, learn = _part([unit for unit in every if unit not in held_out], share=STOPS)
        held, learned, stops = (_rows(dealt) for dealt in (apart, learn, stop))
        _check(pool, held, learned, stops)
        parts = Parts(label_space, pool.select(learned), pool.select(stops), None)
        found.append(Fold(number, held, pool.select(held), parts))
    return found


def _units(pool: Part, label_space: LabelSpace, *, seed: int) -> list[Unit]:
    names = label_space.names
    return units(
        pool.groups,
        labels=[tuple(names[label] for label in np.flatnonzero(row)) for row in pool.truth],
        digests=[sha256(text.encode("utf-8", "surrogatepass")).digest() for text in pool.texts],
        keys=pool.groups,
        written=[None] * len(pool.texts),
        seed=seed,
    )


def _part(given: Sequence[Unit], *, share: float) -> tuple[list[Unit], list[Unit]]:
    """A share of the units, and the others."""
    dealt = stratify(given, {"test": share, "train": 1 - share}) if share < 1 else {}
    apart = [dealt.get(unit.members[0], "test") == "test" for unit in given]
    pairs = list(zip(given, apart, strict=True))
    return [unit for unit, chosen in pairs if chosen], [unit for unit, chosen in pairs if not chosen]


def _rows(dealt: Sequence[Unit]) -> Indices:
    return np.array(sorted(row for unit in dealt for row in unit.members), dtype=np.int64)


def _check(pool: Part, held: Indices, learned: Indices, stops: Indices) -> None:
    labels = int(pool.truth[learned].any(axis=0).sum())
    if not len(held) or not len(stops) or labels < (1 if pool.many else 2):
        raise EmptyCorpusError(
            "a fold has {count} of the labels to learn; the labelled patients are too few to be dealt",
            hint="set [tune] folds lower, or train with the defaults",
            code="too-few-patients",
            count=labels,
        )
