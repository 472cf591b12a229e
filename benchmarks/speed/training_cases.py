"""What systems train on: made reports of a wanted length, or a corpus in its splits; and their cases."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from benchmarks.harness import Case, System
from benchmarks.speed.encoders import Shape
from benchmarks.speed.reports import LABELS, corpus_file, count, cut, made
from benchmarks.speed.training_watch import BACKWARD
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report, Split
from bert4text.data.read_corpus import read_corpus
from bert4text.data.write import write_corpus

LEARNED_FROM: tuple[Split, ...] = ("train", "validation", "calibration")
_SHARES = {"train": 1.0, "validation": 0.2, "calibration": 0.1}
"""Reports of each split that are made, of those to train on."""
STEP, FEWEST = 32, 64
"""A round of throughput has a multiple of so many reports, and so many at least."""


@dataclass(frozen=True)
class Lot:
    """What is trained on.

    Attributes:
        name: as it stands in the names of cases.
        lengths: tokens of each training report.
        corpus: makes it.
    """

    name: str
    lengths: Sequence[int]
    corpus: Callable[[], Corpus]


def made_lot(tokenizer: Tokenizer, reports: int, tokens: int, *, seed: int) -> Lot:
    """Made reports of one length."""

    def corpus() -> Corpus:
        splits = [split for split in LEARNED_FROM for _ in range(round(reports * _SHARES[split]))]
        lot = made(tokenizer, [tokens] * len(splits), seed=seed)
        rows = zip(splits, lot.texts, lot.labels, strict=True)
        found = [
            Report(id=str(place), text=text, labels=(str(label),), split=split, origin="synthetic")
            for place, (split, text, label) in enumerate(rows)
        ]
        return Corpus.from_reports(found, LabelSpace(task="multiclass", names=LABELS), language="pt-BR")

    return Lot(f"{reports:,} reports of {tokens} tokens", [tokens] * reports, corpus)


def corpus_lot(tokenizer: Tokenizer, path: Path, *, window: int, at_most: int | None) -> tuple[Lot, str]:
    """A corpus in its own splits, cut to one window, for rivals read no more; and its digest.

    The split ``test`` is left out: nothing here reads it.

    Raises:
        SystemExit: its reports have several labels, or none.
    """
    whole = read_corpus(corpus_file(path))
    if whole.label_space is None or whole.label_space.task == "multilabel":
        raise SystemExit("--data: rivals learn one label of each report; this corpus has several, or none")
    splits = [
        report.split if report.split in LEARNED_FROM and report.labels and report.text.strip() else None
        for report in whole
    ]
    part = whole.select(
        [
            split is not None and (at_most is None or splits[:place].count(split) < at_most)
            for place, split in enumerate(splits)
        ]
    )
    corpus = part.with_column("text", [cut(tokenizer, text, window) for text in part.texts])
    lengths = [count(tokenizer, report.text) for report in corpus if report.split == "train"]
    return Lot("corpus", lengths, lambda: corpus), whole.fingerprint


def training_case(lot: Lot, kind: str, systems: Sequence[System], shape: Shape, *, budget: int) -> Case:
    """A case of a lot.

    Args:
        lot: what is trained on.
        kind: ``throughput`` or ``quality``.
        systems: that train.
        shape: of their encoder.
        budget: tokens of a round of throughput.
    """
    reports, tokens = len(lot.lengths), sum(lot.lengths)
    gflop = shape.gflop(lot.lengths)
    facts: dict[str, Any] = {"kind": kind, "reports": reports, "tokens": tokens}
    facts["training_gflop"] = round(BACKWARD * gflop / reports, 3)
    given: dict[str, Any] = {"kind": kind, "gflop_per_token": gflop / tokens}
    if kind == "throughput":
        facts["learned"] = given["learned"] = learned(budget, tokens / reports)
    name = lot.name if kind == "throughput" else f"{lot.name}, to a macro-F1"
    return Case(name, tuple(systems), given, facts)


def learned(budget: int, tokens: float) -> int:
    """Reports of a round of throughput, whole steps for all systems."""
    return max(FEWEST, STEP * round(budget / tokens / STEP))


def write_lot(lot: Lot, folder: Path) -> None:
    """Write what workers read: the corpus for ours, plain lists for rivals."""
    corpus = lot.corpus()
    write_corpus(corpus, folder / "corpus.parquet", overwrite=False)
    names = list(corpus.label_space.names) if corpus.label_space else []
    told: dict[str, Any] = {"labels": names}
    for split in LEARNED_FROM[:2]:
        reports = [report for report in corpus if report.split == split and report.labels]
        targets = [names.index(report.labels[0]) for report in reports if report.labels]
        told[split] = {"texts": [report.text for report in reports], "targets": targets}
    (folder / "training.json").write_text(json.dumps(told), encoding="utf-8")
