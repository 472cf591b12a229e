"""Answers that are kept: what was decided, report by report, so that figures can be worked out again.

A file holds no text, no id and no true label: those are read from the data again, in the same order. What was
answered of other reports, or of other labels, is refused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality.lots import Lot
from bert4text.core.output import writing_file

Bools = npt.NDArray[np.bool_]


class OtherReports(Exception):
    """Kept answers belong to other reports than the data has now."""


@dataclass(frozen=True)
class Answers:
    """What one system answered to one lot.

    Attributes:
        lot: digest of what was asked.
        started: day and hour.
        facts: what it told beside: seconds, what it delivered.
        decided: name of an answer -> for each report the place of its label, or those of its labels.
    """

    lot: str
    started: str
    facts: dict[str, Any] = field(default_factory=dict)
    decided: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def of_arrays(cls, arrays: Path, lot: Lot, *, started: str) -> Answers:
        """Read what a system at work has left."""
        with np.load(arrays) as found:
            decided = {
                name.partition(".")[2]: _places(found[name])
                for name in found.files
                if name.startswith("decided.")
            }
            facts = json.loads(found["facts"].tobytes())
        return cls(digest(lot), started, facts, decided)

    @classmethod
    def open(cls, path: Path, lot: Lot) -> Answers:
        """Read answers to the lot.

        Raises:
            OtherReports: they answer another.
        """
        found = json.loads(path.read_text(encoding="utf-8"))
        found.pop("format")
        if found["lot"] != digest(lot):
            raise OtherReports(path.name)
        return cls(**found)

    def save(self, path: Path) -> None:
        """Write them, whole or not at all."""
        with writing_file(path, overwrite=True) as partial:
            lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in self._told().items()]
            partial.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")

    def held(self, name: str, labels: int) -> Bools:
        """Which labels an answer gives each report, bool [n, k]."""
        rows = self.decided[name]
        found = np.zeros((len(rows), labels), dtype=np.bool_)
        for row, places in zip(found, rows, strict=True):
            row[places] = True
        return found

    def _told(self) -> dict[str, Any]:
        facts = {"format": "answers/1", "lot": self.lot, "started": self.started, "facts": self.facts}
        return {**facts, "decided": self.decided}


def digest(lot: Lot) -> str:
    """Of what a system is asked: how many reports it learns from, and the labels of those it answers."""
    asked = [list(lot.names), len(lot.train), [sorted(labels) for _, labels in lot.test]]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _places(given: npt.NDArray[np.int64]) -> list[Any]:
    if given.ndim == 1:
        return [int(place) for place in given]
    return [np.flatnonzero(row).tolist() for row in given]
