"""Models whose answers are explained: quickly learned from published reports, and kept where one says."""

from __future__ import annotations

import csv
import random
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.declared import POLICY
from bert4text.data.normalize import normalize
from bert4text.models.classifier import Classifier
from bert4text.project import Project

SEED = 7


@dataclass(frozen=True)
class Learned:
    """What a model learns from.

    Attributes:
        name: of the set's folder.
        file: in the folder.
        encoder: by name.
        reports: that it learns from, drawn by the seed.
        explained: reports whose answers are explained.
    """

    name: str
    file: str
    encoder: str
    reports: int
    explained: int


MODELS = {
    one.name: one
    for one in (
        Learned("mammo_birads_es_pt", "clean_pt_translated.csv", "minilm", 500, 40),
        Learned("hatebr_pt", "clean.csv", "e5-small-pt", 2000, 120),
    )
}


def rows_of(asked: Learned, data: Path) -> list[dict[str, str]]:
    """The rows of a set, in an order drawn by the seed."""
    with (data / asked.name / asked.file).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    random.Random(SEED).shuffle(rows)
    return rows


def held_out(asked: Learned, data: Path) -> list[dict[str, str]]:
    """The rows that no model learned from, texts as it reads them."""
    rows = [row for row in rows_of(asked, data) if row["split"] != "train"]
    return [{**row, "text": normalize(row["text"])} for row in rows]


def model(asked: Learned, data: Path, *, kept: Path) -> Classifier:
    """The encoder of a set, learned at the effort quick unless it is kept already.

    Args:
        asked: what it learns from.
        data: the folder of the sets.
        kept: where models are kept; no text lies there.
    """
    place = kept / f"{asked.name}-{asked.encoder}"
    if not place.exists():
        rows = rows_of(asked, data)
        train = [row for row in rows if row["split"] == "train"][: asked.reports]
        table = kept / f"{asked.name}.csv"
        kept.mkdir(parents=True, exist_ok=True)
        try:
            with table.open("w", encoding="utf-8", newline="") as stream:
                names = ["id", "text", "label", "split"]
                written = csv.DictWriter(stream, names, extrasaction="ignore")
                written.writeheader()
                written.writerows(train + [row for row in rows if row["split"] != "train"])
            _train(table, asked, place)
        finally:
            table.unlink(missing_ok=True)
    return Classifier.load(place)


def _train(table: Path, asked: Learned, place: Path) -> None:
    given: dict[str, Any] = {
        "policy": POLICY,
        "prepare": {"split": {"values": {"dev": "validation"}}},
        "train": {"encoder": asked.encoder, "effort": "quick", "calibration": {"deliver": "model"}},
        "audit": {"fail_on": "never"},
    }
    project = Project(given=given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bert4text.train(bert4text.prepare(table, project=project), project=project, out=place)
