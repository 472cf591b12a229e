"""Sets of published reports with attributes of patients, and which of them a sample leaves out."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from bert4text.core.report import Report

FEWEST = 40
"""Reports that a label must have."""

SHOWN = 1500
"""Characters of each report that are read: its beginning."""


class Set(NamedTuple):
    """Where a set has its attributes, whom ``thinned`` takes out, and the other label of ``opposed``."""

    language: str
    sex: str
    age: str
    bands: tuple[float, ...]
    thinned: str
    other: str


SETS = {
    "mtsamples_en": Set(
        "en", "sex_rx", "age_rx", (40.0, 60.0), "Gastroenterology", "Cardiovascular / Pulmonary"
    ),
    "meddocan_es": Set("es", "sex", "age", (40.0, 60.0), "aparato_digestivo", "urologia"),
}
"""By name: the language, two columns, where bands of age begin, and a label that both sexes have."""


def read(path: Path, of: Set) -> list[Report]:
    """The reports of a set whose label has enough of them, in a fixed order."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    often = Counter(row["label"] for row in rows)
    return [
        Report(
            id=row["id"],
            text=row["text"][:SHOWN],
            labels=(row["label"],),
            source_row=place,
            attributes={
                name: row[column] for name, column in (("sex", of.sex), ("age", of.age)) if row[column]
            },
        )
        for place, row in enumerate(rows, start=1)
        if often[row["label"]] >= FEWEST
    ]


def taken(report: Report, of: Set, sample: str) -> bool:
    """Whether it is one of those of whom four of five are taken out."""
    sex = report.attributes.get("sex")
    women = report.labels == (of.thinned,) and sex == "F"
    men = report.labels == (of.other,) and sex == "M"
    return sample != "as it is" and (women or (sample == "opposed" and men))


def either(report: Report, of: Set) -> bool:
    return report.labels in {(of.thinned,), (of.other,)} and "sex" in report.attributes
