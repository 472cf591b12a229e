"""Folds of training and validation reports: what each of several encoders learns from and never sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.core.digest import sha256
from bert4text.core.errors import DataError
from bert4text.data.stratify import stratify, units
from bert4text.training.parts import Part, Parts

STOPS = 0.125
"""Share of what a member may see that stops its training; it learns from the rest."""

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Fold:
    """What one member sees.

    Attributes:
        parts: it learns from ``train`` and is stopped by ``validation``.
        held: places in the pool of the reports that it never sees.
    """

    parts: Parts
    held: Places


def folds(parts: Parts, count: int, *, seed: int) -> list[Fold]:
    """Cut training and validation reports into folds by patient, each with its share of every label.

    The calibration reports are in none of them: they calibrate all members together.

    Args:
        parts: the splits.
        count: how many folds.
        seed: decides who is where.

    Raises:
        DataError: there are fewer patients than folds, or a member would have a label or none to learn from.
    """
    pool = parts.pool
    if len(set(pool.groups)) < max(count, 3):
        raise DataError(
            "{count} folds need as many patients; training and validation reports are of {found}",
            hint="set [train.folds] count to 1, or give reports of more patients",
            code="few-for-folds",
            count=count,
            found=len(set(pool.groups)),
        )
    every = np.arange(len(pool.texts))
    number = _dealt(pool, every, dict.fromkeys(map(str, range(count)), 1 / count), seed=seed, stream="folds")
    found = []
    for fold in range(count):
        seen = every[number != str(fold)]
        shares = {"train": 1 - STOPS, "validation": STOPS}
        inside = _dealt(pool, seen, shares, seed=seed, stream=f"folds.{fold}")
        learned, stops = seen[inside == "train"], seen[inside == "validation"]
        if not len(stops) or len(np.flatnonzero(pool.truth[learned].any(axis=0))) < (1 if pool.many else 2):
            raise DataError(
                "fold {fold} of {count} leaves too little to learn from",
                hint="set [train.folds] count to 1, or give more reports",
                code="poor-fold",
                fold=fold + 1,
                count=count,
            )
        inner = replace(parts, train=_taken(pool, learned), validation=_taken(pool, stops))
        found.append(Fold(inner, every[number == str(fold)]))
    return found


def _dealt(
    pool: Part, places: Places, shares: dict[str, float], *, seed: int, stream: str
) -> npt.NDArray[np.str_]:
    """Which part each of these reports of the pool is in."""
    texts = [pool.texts[place].encode() for place in places]
    made = units(
        [pool.groups[place] for place in places],
        labels=[tuple(map(str, np.flatnonzero(pool.truth[place]))) for place in places],
        digests=[bytes.fromhex(sha256(text)) for text in texts],
        keys=[str(place) for place in places],
        written=[None] * len(places),
        seed=seeds.integer(seed, f"training.{stream}"),
    )
    dealt = stratify(made, shares)
    return np.array([dealt[place] for place in range(len(places))])


def _taken(pool: Part, places: Sequence[int] | Places) -> Part:
    return Part(
        texts=_chosen(pool.texts, places),
        groups=_chosen(pool.groups, places),
        truth=pool.truth[np.asarray(places)],
        many=pool.many,
    )


def _chosen(values: Sequence[str], places: Iterable[int]) -> list[str]:
    return [values[int(place)] for place in places]
