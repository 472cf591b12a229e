"""Thresholds by group: which of them answer a report is decided by one attribute of its patient.

What is decided so hangs on a protected attribute, and not on the report alone: whoever reads this record sees
on which one. How the thresholds are found, and what has to be accepted first: ``training.grouped``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from bert4text.core.bands import banded
from bert4text.core.config import Record


class GroupPoints(Record):
    """The thresholds of some groups of patients, beside the common ones.

    Attributes:
        attribute: the attribute of a report that says which group it is of.
        bands: where the bands begin of an attribute that is a number; empty where its values are the groups.
        thresholds: group -> threshold of each label. A group that is not here has the common thresholds.
    """

    attribute: str = Field(min_length=1)
    bands: tuple[float, ...] = ()
    thresholds: dict[str, tuple[float, ...]] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not all(0 < value <= 1 for row in self.thresholds.values() for value in row):
            raise ValueError("thresholds lie above 0 and at most at 1")
        if len(self.sizes) > 1:
            raise ValueError("each group has a threshold for each label")
        return self

    @property
    def sizes(self) -> set[int]:
        """For how many labels the groups have thresholds."""
        return {len(row) for row in self.thresholds.values()}

    def group(self, attributes: Mapping[str, str]) -> str | None:
        """The group of a report of these attributes; None where it is answered by the common thresholds."""
        found = group_of(attributes.get(self.attribute), self.bands)
        return found if found in self.thresholds else None


def group_of(value: str | None, bands: tuple[float, ...] = ()) -> str | None:
    """The group that a value of an attribute stands for: the value itself, or its band; None without one."""
    tidy = (value or "").strip()
    if not tidy:
        return None
    return banded(tidy, bands) if bands else tidy
