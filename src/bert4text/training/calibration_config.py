"""Settings of what is fitted after learning: how logits become probabilities, and probabilities answers."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from bert4text.core.config import Config
from bert4text.core.prediction import Score
from bert4text.evaluation.fairness_config import LEAST

Share = Annotated[float, Field(gt=0, lt=1)]
Cost = Annotated[float, Field(ge=0, allow_inf_nan=False)]

LEVELS = (0.8, 0.9, 0.95, 0.99)
"""Promises that prediction sets are worked out for."""


class PointConfig(Config):
    """The ``[train.calibration.point]`` section: the operating point, where the plain one is not wanted."""

    sensitivity: dict[str, Share] = Field(
        default_factory=dict,
        description="label -> share of its patients that must be found, for example malignant = 0.95; its "
        "threshold is lowered until the calibration reports prove it",
    )
    confidence: Share = Field(
        0.95, description="how sure it must be that sensitivity and risk are kept by reports of new patients"
    )
    costs: dict[str, dict[str, Cost]] = Field(
        default_factory=dict,
        description="label answered -> true label -> cost of that answer, for example "
        "benign.malignant = 100; the answer is the one that is expected to cost least; what is not given "
        "costs 1, and a right answer nothing",
    )
    risk: Share | None = Field(
        None,
        description="largest share of patients with a wrong one among the answers that are given; reports "
        "that the model is not sure enough of are left to a person",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.sensitivity) + bool(self.costs) > 1 or (self.sensitivity and self.risk is not None):
            raise ValueError(
                "sensitivity goes with neither costs nor risk: costs decide on another label, and a risk "
                "leaves reports to a person that were proven to be found"
            )
        if any(row.get(said, 0.0) for said, row in self.costs.items()):
            raise ValueError("a right answer costs nothing")
        return self

    @property
    def given(self) -> bool:
        """Whether any of it is wanted."""
        return bool(self.sensitivity or self.costs or self.risk is not None)


class FittedConfig(Config):
    """What is fitted on calibration reports, whether after learning or later."""

    kind: Literal["auto", "temperature", "vector", "isotonic"] = Field(
        "auto",
        description="how logits become probabilities: divided by one temperature, by two numbers of each "
        "label (vector) or along a line of each (isotonic); auto takes a temperature unless another is "
        "likelier beyond noise on reports it was not fitted on",
    )
    score: Score = Field(
        "lac",
        description="how badly a label suits a report, for prediction sets: by its own probability (lac), "
        "or by that of all likelier labels too (aps, raps)",
    )
    levels: list[Share] = Field(
        list(LEVELS),
        min_length=1,
        description="promises that prediction sets are worked out for: the share of reports whose true "
        "label is in the set",
    )
    thresholds: bool = Field(
        default=True,
        description="choose a threshold for each label: of one answer by what probabilities expect, "
        "of several by what helps on validation beyond noise",
    )
    point: PointConfig = Field(
        default_factory=lambda: PointConfig.model_validate({}),
        description="an operating point: a share of a label that must be found, costs, or a risk to keep "
        "under",
    )
    false_alarms: float = Field(
        0.01,
        ge=0,
        le=0.05,
        description="share of reports like those of calibration that the guard may take for something else; "
        "0 leaves out what is measured for it",
    )

    @property
    def fitted(self) -> Literal["temperature", "vector", "isotonic"] | None:
        """The kind that is fitted; None chooses."""
        return None if self.kind == "auto" else self.kind


class CalibrationConfig(FittedConfig):
    """The ``[train.calibration]`` section: what is fitted and decided after learning."""

    temperature: bool = Field(
        default=True,
        description="fit on the calibration split how logits become probabilities, so that these can be "
        "believed; else that split is left unread",
    )
    deliver: Literal["auto", "model", "tfidf", "hybrid"] = Field(
        "auto",
        description="which system answers: as reports held out decide, or always the encoder, TF-IDF or both",
    )

    @model_validator(mode="after")
    def _calibrated(self) -> Self:
        if self.point.given and not self.temperature:
            raise ValueError(
                "an operating point is proven on calibration reports: temperature must not be false"
            )
        return self


class GroupsConfig(Config):
    """The ``[calibrate.groups]`` section: thresholds by group, where somebody accepts them."""

    attribute: str | None = Field(
        None,
        description="attribute of the patient by which the thresholds of point.sensitivity differ, for "
        "example sex: the answer then hangs on it; none is the same thresholds for all",
    )
    bands: list[float] = Field(
        default_factory=list,
        description="where the bands begin of an attribute that is a number, for example [18, 40, 60]",
    )
    minimum_n: int = Field(
        50,
        ge=LEAST,
        description="calibration patients with the label that a group must have for a threshold of its own; "
        "with fewer it keeps the common one",
    )
    accept: list[Literal["group-thresholds"]] = Field(
        default_factory=list,
        description="group-thresholds: it is accepted that the answer to a patient hangs on the attribute",
    )
    by: str | None = Field(
        None, description="who accepts it, by name; kept in the manifest, the model card and the trail"
    )
    ground: str | None = Field(
        None,
        description="the ground in law for answering two patients with the same report differently, in your "
        "words; kept with the name",
    )

    @field_validator("attribute", "by", "ground", mode="before")
    @classmethod
    def _said(cls, given: Any) -> Any:
        """A blank, or a gap of a template, says nothing."""
        return None if isinstance(given, str) and given.strip() in {"", "...", "…"} else given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(low >= high for low, high in pairwise(self.bands)):
            raise ValueError("bands begin at rising numbers, for example [18, 40, 60]")
        if self.attribute is None and self.bands:
            raise ValueError("bands are of an attribute, and none is named")
        return self


class CalibrateConfig(FittedConfig):
    """The ``[calibrate]`` section: a finished model calibrated anew."""

    groups: GroupsConfig = Field(
        default_factory=lambda: GroupsConfig.model_validate({}),
        description="thresholds by group of patients, which nobody has unless somebody accepts them",
    )

    split: Literal["train", "validation", "calibration"] = Field(
        "calibration", description="the part of the corpus to calibrate on; what it measures on is test"
    )
