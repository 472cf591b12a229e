"""Reports to measure quality on: named sets of real reports, cut to a budget and dealt into folds.

The sets lie beside the project, in the folder of ``--data``; what is said of a set is where its columns are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold, train_test_split
from tokenizers import Tokenizer

from benchmarks.speed.reports import cut
from bert4text.core.labels import Task
from bert4text.core.seeds import integer, rng
from bert4text.models.embedded import embedded_folder
from bert4text.models.tokenizer import open_tokenizer

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ReportSet:
    """Where a set lies, and how much of it is read.

    Attributes:
        name: of its folder.
        file: in the folder.
        language: of the reports.
        task: of the question; the labels of multilabel reports are joined by ``between``.
        tokens: that a report is cut to, for every system.
        folds: that train and dev are dealt into; none is train and dev against test.
        train, test: reports at most.
        merged: label -> the label it is counted as.
        off_scale: labels that are no grade, where the others are grades in the order of their names.
        between: what joins labels, for multilabel.
        seeds: that systems are given, one after the other.
    """

    name: str
    file: str
    language: str
    task: Task = "multiclass"
    tokens: int = 192
    folds: int | None = None
    train: int = 1200
    test: int = 1000
    merged: tuple[tuple[str, str], ...] = ()
    off_scale: tuple[str, ...] | None = None
    between: str | None = None
    seeds: tuple[int, ...] = (1,)


SETS = {
    one.name: one
    for one in (
        ReportSet(
            "mammo_birads_es_pt",
            "clean_pt_translated.csv",
            "pt-BR",
            folds=5,
            merged=(("BIRADS_6", "BIRADS_5"),),
            off_scale=("BIRADS_0",),
        ),
        ReportSet("told_br_pt", "clean.csv", "pt-BR", task="binary", seeds=(1, 2, 3)),
        ReportSet("mts_dialog_en", "clean.csv", "en", seeds=(1, 2, 3)),
        ReportSet("hallmarks_en", "clean.csv", "en", task="multilabel", between="|"),
        ReportSet("cantemist_es", "clean_specialty.csv", "es", tokens=512),
        ReportSet("medical_abstracts_en", "clean.csv", "en"),
        ReportSet("codiesp_es_partial", "clean.csv", "es"),
        ReportSet("mtsamples_en", "clean.csv", "en"),
        ReportSet("nubes_es", "clean.csv", "es"),
    )
}
"""The sets by name; classes 5 and 6 of BI-RADS cannot be told apart from findings and are one here."""

NOTHING = "none"
"""What stands for no label, for multilabel."""


@dataclass(frozen=True)
class Lot:
    """What a system learns from and what it answers.

    Attributes:
        source: the set.
        fold: its number, or 0.
        names: the labels in order.
        train, test: texts with their labels.
    """

    source: ReportSet
    fold: int
    names: tuple[str, ...]
    train: list[tuple[str, tuple[str, ...]]]
    test: list[tuple[str, tuple[str, ...]]]

    def asked(self, *, seed: int) -> dict[str, Any]:
        """What a system is told, as JSON takes it."""
        return {
            "task": self.source.task,
            "language": self.source.language,
            "names": list(self.names),
            "off_scale": self.source.off_scale,
            "train": self.train,
            "test": self.test,
            "seed": seed,
        }


def lots(
    source: ReportSet, data: Path, *, seed: int, reports: int | None = None, draw: int = 1
) -> Iterator[Lot]:
    """A set as lots: one for each fold.

    Args:
        source: the set.
        data: the folder of all sets.
        seed: of folds and of what is left out.
        reports: to learn from at most, instead of the set's own budget.
        draw: which draw of those that are learned from; the others stay the same.
    """
    use = "train" if draw == 1 else f"train.draw{draw}"
    rows = list(_rows(source, data))
    names = tuple(sorted({label for _, labels, _ in rows for label in labels}))
    tokenizer = open_tokenizer(embedded_folder("e5-small-pt") / "tokenizer.json")
    parts = np.array([part for _, _, part in rows])
    for fold, (inside, outside) in enumerate(_dealt(source, rows, parts, seed=seed)):
        kept = _fewer(rows, inside, reports or source.train, seed=seed, use=f"{use}.{fold}")
        held = outside if source.folds else _fewer(rows, outside, source.test, seed=seed, use="test")
        yield Lot(
            source,
            fold,
            names,
            [_cut(rows[place], tokenizer, source.tokens) for place in kept],
            [_cut(rows[place], tokenizer, source.tokens) for place in held],
        )


def truth(dealt: Sequence[Lot]) -> npt.NDArray[np.bool_]:
    """Which labels the reports to answer have, bool [n, k], lot after lot."""
    names = dealt[0].names
    held = [labels for lot in dealt for _, labels in lot.test]
    return np.array([[name in labels for name in names] for labels in held], dtype=np.bool_)


Row = tuple[str, tuple[str, ...], str]


def _rows(source: ReportSet, data: Path) -> Iterator[Row]:
    """Text, labels and part of every report."""
    merged = dict(source.merged)
    with (data / source.name / source.file).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found = [row["label"]] if source.between is None else row["label"].split(source.between)
            labels = tuple(merged.get(label, label) for label in found if label and label != NOTHING)
            if row["text"].strip():
                yield row["text"], labels, row["split"]


def _dealt(
    source: ReportSet, rows: Sequence[Row], parts: npt.NDArray[np.str_], *, seed: int
) -> Iterator[tuple[Places, Places]]:
    if source.folds is None:
        held = "test" if (parts == "test").any() else "dev"
        learned = parts == "train" if held == "dev" else np.isin(parts, ("train", "dev"))
        yield np.flatnonzero(learned), np.flatnonzero(parts == held)
        return
    pool = np.flatnonzero(np.isin(parts, ("train", "dev")))
    split = StratifiedKFold(source.folds, shuffle=True, random_state=integer(seed, "quality.folds") % 2**32)
    for inside, outside in split.split(pool, _strata(rows, pool)):
        yield pool[inside], pool[outside]


def _strata(rows: Sequence[Row], places: Places) -> list[str]:
    return ["|".join(rows[place][1]) for place in places]


def _fewer(rows: Sequence[Row], places: Places, most: int, *, seed: int, use: str) -> Places:
    """At most so many, by label where each has several."""
    if len(places) <= most:
        return places
    strata = _strata(rows, places)
    alone = {label for label in set(strata) if strata.count(label) < 2}
    drawn = integer(seed, f"quality.{use}") % 2**32
    if alone:
        return np.sort(rng(seed, f"quality.{use}").permutation(places)[:most])
    kept, _ = train_test_split(places, train_size=most, stratify=strata, random_state=drawn)
    return np.sort(kept)


def _cut(row: Row, tokenizer: Tokenizer, tokens: int) -> tuple[str, tuple[str, ...]]:
    return cut(tokenizer, row[0], tokens), row[1]
