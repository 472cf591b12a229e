"""Folds: whole patients are held out in turn; some of the others stop the training of each turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.digest import sha256
from bert4text.core.errors import EmptyCorpusError
from bert4text.core.labels import LabelSpace
from bert4text.data.stratify import stratify, units
from bert4text.training.parts import Indices, Part, Parts

STOPS = 0.125
"""Share of the reports not held out that stops the training instead of being learned from."""


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
    if patients < max(count, 3):
        raise EmptyCorpusError(
            "{count} folds need as many patients; there are {found}",
            hint="ask for fewer folds, or give reports of more patients",
            code="few-for-folds",
            count=count,
            found=patients,
        )
    every = np.arange(len(pool.texts))
    numbers = {str(number): 1 / count for number in range(count)}
    dealt = _dealt(pool, every, numbers, seed=seeds.integer(seed, "training.folds"))
    found = []
    for number in range(count):
        held, others = every[dealt == str(number)], every[dealt != str(number)]
        shares = {"train": 1 - STOPS, "validation": STOPS}
        inside = _dealt(pool, others, shares, seed=seeds.integer(seed, f"training.folds.{number}"))
        learned, stops = others[inside == "train"], others[inside == "validation"]
        _check(pool, held, learned, stops)
        parts = Parts(label_space, pool.select(learned), pool.original.select(stops), None)
        found.append(Fold(number, held, pool.original.select(held), parts))
    return found


def _dealt(pool: Part, rows: Indices, shares: Mapping[str, float], *, seed: int) -> npt.NDArray[np.str_]:
    """Which part each of these reports is in."""
    given = pool.select(rows)
    made = units(
        given.groups,
        labels=[tuple(map(str, np.flatnonzero(row))) for row in given.truth],
        digests=[bytes.fromhex(sha256(text.encode("utf-8", "surrogatepass"))) for text in given.texts],
        keys=given.groups,
        written=[None] * len(rows),
        seed=seed,
    )
    found = stratify(made, shares)
    return np.array([found[place] for place in range(len(rows))])


def _check(pool: Part, held: Indices, learned: Indices, stops: Indices) -> None:
    labels = int(pool.truth[learned].any(axis=0).sum())
    if not len(held) or not len(stops) or labels < (1 if pool.many else 2):
        raise EmptyCorpusError(
            "a fold has {count} of the labels to learn; the labelled patients are too few to be dealt",
            hint="ask for fewer folds, or give reports of more patients",
            code="poor-fold",
            count=labels,
        )
