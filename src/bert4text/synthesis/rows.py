"""Deal the rows of the Wisconsin table: shuffle first, name by content, never by place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bert4text.core.seeds import rng
from bert4text.synthesis.config import Language, SynthesizeConfig
from bert4text.synthesis.scales import Row30

ROW_KEY = "wdbc_row"
"""The attribute that names the row behind a report: 12 hex of its digest."""


@dataclass(frozen=True, eq=False)
class Source:
    """One row dealt to one report; it holds no label and no place in the file.

    Attributes:
        measurements: float64 [30].
        digest: hex SHA-256 of the measurements: the row's key.
        copy: 0 for the first report of a row, 1 for the second, and so on.
    """

    measurements: Row30
    digest: str
    copy: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A report before its label is joined.

    Attributes:
        text: the report.
        attributes: what was invented, and how it is written.
        flipped: whether the label that is joined is to be turned over.
    """

    text: str
    attributes: dict[str, str] = field(default_factory=dict)
    flipped: bool = False


class Generator(Protocol):
    """Writes one draft for each dealt row, in their order; it is not told their labels."""

    def __call__(
        self, sources: Sequence[Source], config: SynthesizeConfig, *, language: Language, seed: int
    ) -> Iterator[Draft]:
        """Write the drafts, one after the other."""


def row_digest(measurements: Row30) -> str:
    """Hex SHA-256 of a row's 30 numbers as little-endian float64: the row's key."""
    return hashlib.sha256(np.asarray(measurements, dtype="<f8").tobytes()).hexdigest()


def deal(table: Row30, *, n: int | None, seed: int) -> list[Source]:
    """Shuffle the rows, then deal them to ``n`` reports; past the last row, deal them again.

    Args:
        table: float64 [rows, 30].
        n: how many reports; None for one of each row.
        seed: the project's seed.
    """
    digests = [row_digest(row) for row in table]
    # Shuffled from an order that only the content fixes, so that the file's own order has no say.
    settled = sorted(range(len(table)), key=digests.__getitem__)
    order = [settled[int(i)] for i in rng(seed, "synthesize.order").permutation(len(table))]
    wanted = len(table) if n is None else n
    return [
        Source(table[order[k % len(order)]], digests[order[k % len(order)]], k // len(order))
        for k in range(wanted)
    ]


def report_id(seed: int, source: Source, *, prefix: str) -> str:
    """An id that hangs on nothing but the seed, the row's content and the copy."""
    name = f"{seed}:{source.digest}:{source.copy}"
    return f"{prefix}-{hashlib.sha256(name.encode()).hexdigest()[:10].upper()}"


def row_patient(seed: int, source: Source) -> str:
    """A key in the shape of a patient's pseudonym, one for each row, so that splits keep a row together."""
    return "p-" + hashlib.sha256(f"{seed}:{source.digest}".encode()).hexdigest()[:16]
