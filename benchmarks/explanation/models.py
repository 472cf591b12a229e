"""Models whose answers are explained: quickly learned from published reports, and kept where one says."""

from __future__ import annotations

import csv
import random
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.declared import POLICY
from bert4text.data.normalize import normalize
from bert4text.models.classifier import Classifier
from bert4text.project import Project

SEED = 7
BESIDE = 500
"""Reports beside those that a model learns from, at most: where it stops, how its answers are calibrated."""
LEAST = 5
"""Reports of a label below which a model is not asked to learn it."""


@dataclass(frozen=True)
class Learned:
    """What a model learns from.

    Attributes:
        name: of the set's folder.
        file: in the folder.
        encoder: by name.
        reports: that it learns from, drawn by the seed.
        explained: reports whose answers are explained.
        measured: of these, the first so many, whose explanations are measured and made by occlusion too.
        longest: reports of more words are left out, which keeps the time of one core in bounds.
    """

    name: str
    file: str
    encoder: str
    reports: int
    explained: int
    measured: int
    longest: int | None = None


MODELS = {
    one.name: one
    for one in (
        Learned("mammo_birads_es_pt", "clean_pt_translated.csv", "minilm", 500, 40, 14),
        Learned("hatebr_pt", "clean.csv", "e5-small-pt", 2000, 120, 40),
        Learned("told_br_pt", "clean.csv", "e5-small-pt", 600, 30, 30),
        Learned("nubes_es", "clean.csv", "minilm", 600, 30, 30),
        Learned("codiesp_es_partial", "clean.csv", "minilm", 600, 30, 30),
        Learned("mts_dialog_en", "clean.csv", "minilm", 400, 20, 20, longest=100),
        Learned("medical_abstracts_en", "clean.csv", "minilm", 300, 20, 20, longest=120),
        Learned("mtsamples_en", "clean.csv", "minilm", 300, 20, 20, longest=200),
    )
}


def rows_of(asked: Learned, data: Path) -> list[dict[str, str]]:
    """The rows of a set, in an order drawn by the seed."""
    with (data / asked.name / asked.file).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if asked.longest is not None:
        rows = [row for row in rows if len(row["text"].split()) <= asked.longest]
    random.Random(SEED).shuffle(rows)
    return rows


def held_out(asked: Learned, data: Path) -> list[dict[str, str]]:
    """The rows that the model did not learn from, texts as it reads them."""
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
        learned = _learned(rows_of(asked, data), asked.reports)
        table = kept / f"{asked.name}.csv"
        kept.mkdir(parents=True, exist_ok=True)
        try:
            with table.open("w", encoding="utf-8", newline="") as stream:
                names = ["id", "text", "label", "split"]
                written = csv.DictWriter(stream, names, extrasaction="ignore")
                written.writeheader()
                written.writerows(learned)
            _train(table, asked, place)
        finally:
            table.unlink(missing_ok=True)
    return Classifier.load(place)


def _learned(rows: list[dict[str, str]], count: int) -> list[dict[str, str]]:
    """What a model is given: some reports to learn from and some beside, of labels that it can learn."""
    train = [row for row in rows if row["split"] == "train"][:count]
    seen = Counter(row["label"] for row in train)
    beside = [row for row in rows if row["split"] in ("dev", "test")][:BESIDE]
    return [row for row in train + beside if seen[row["label"]] >= LEAST]


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
