"""Report: one clinical text."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from bert4text.core.config import Record

Split = Literal["train", "validation", "calibration", "test"]
Origin = Literal["real", "synthetic", "synthetic-reviewed"]

SIDE = "side"
"""The attribute that says which side of a report is meant, where the question is asked of each."""

SPLITS: tuple[Split, ...] = ("train", "validation", "calibration", "test")


class Report(Record):
    """One clinical text. Its ``repr`` shows neither the text nor the id.

    Attributes:
        id: the user's own id; an identifier, kept out of logs, errors and pages.
        text: the text.
        labels: its labels; None when unlabelled, empty when none of them holds.
        patient: pseudonym of the patient.
        episode, site: as given.
        written_at: when it was written, UTC.
        split: the part of the corpus it belongs to.
        origin: real, synthetic, or synthetic and reviewed by a physician.
        generator: what made a synthetic report.
        source_row: row of the source, from 1.
        attributes: subgroups and everything else the mapping names.
    """

    id: str
    text: str = Field(repr=False)
    labels: tuple[str, ...] | None = None
    patient: str | None = Field(default=None, repr=False)
    episode: str | None = Field(default=None, repr=False)
    site: str | None = None
    written_at: datetime | None = None
    split: Split | None = None
    origin: Origin = "real"
    generator: str | None = None
    source_row: int | None = None
    attributes: dict[str, str] = Field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"Report(row={self.source_row}, characters={len(self.text)}, labels={self.labels})"

    __str__ = __repr__
