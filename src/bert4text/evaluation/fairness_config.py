"""Settings of ``[evaluate.fairness]``: the contract between groups of patients."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from bert4text.core.config import Config
from bert4text.core.digest import digest
from bert4text.core.fairness import Criterion

LEAST = 10
"""Patients that a group must have whatever is declared: the figures of a handful tell of persons."""


class FairnessConfig(Config):
    """The ``[evaluate.fairness]`` section: declared before training, held to by ``evaluate``."""

    attributes: list[str] = Field(
        default_factory=list,
        description="attributes of the reports whose groups are compared, for example sex; none is no "
        "contract, and then the one that the run was trained under holds",
    )
    criterion: list[Criterion] = Field(
        ["equal_opportunity"],
        min_length=1,
        description="what must be alike, one or several: equal_opportunity (found, of those who have the "
        "label), equalized_odds (that, and false alarms), demographic_parity (given the label), "
        "predictive_parity (right, of those given it), calibration_within_groups (probability against "
        "truth), accuracy_parity (answered right)",
    )
    tolerance: float = Field(
        0.05, gt=0, lt=1, description="largest difference between two groups that is still called alike"
    )
    minimum_n: int = Field(
        50,
        ge=LEAST,
        description="patients (reports, where patients are unknown) under which a group is not compared",
    )
    labels: list[str] | None = Field(
        None,
        description="labels that the contract is about; all if not given, of two labels the second",
    )
    grades: Literal["at-least", "each"] = Field(
        "at-least",
        description="of an ordinal question, whether a label stands for its grade and those above, or for "
        "itself",
    )
    bands: dict[str, list[float]] = Field(
        default_factory=dict,
        description="attribute that is a number -> where its bands begin, for example age = [18, 40, 60]",
    )
    intersections: bool = Field(
        default=True, description="also compare the groups of two attributes at once, for example sex and age"
    )
    strict: bool = Field(
        default=False,
        description="stop also where it is not shown that the contract holds, not only where it fails",
    )

    @field_validator("criterion", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        """One criterion may be given by its name."""
        return [given] if isinstance(given, str) else given

    @model_validator(mode="after")
    def _check(self) -> FairnessConfig:
        for listed in (self.attributes, self.criterion):
            if len(set(listed)) != len(listed):
                raise ValueError("each attribute and each criterion may be named once")
        if set(self.bands) - set(self.attributes):
            raise ValueError("bands may be declared only of attributes that are compared")
        for edges in self.bands.values():
            if not edges or any(low >= high for low, high in pairwise(edges)):
                raise ValueError("bands begin at rising numbers, for example [18, 40, 60]")
        return self

    @property
    def digest(self) -> str:
        """Of the contract: the same for the same settings, however they were given."""
        return f"sha256:{digest(self.model_dump(mode='json'))}"
