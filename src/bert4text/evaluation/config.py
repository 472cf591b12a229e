"""Settings of ``evaluate``: what is measured, on which split, and how sure."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bert4text.core.config import Config
from bert4text.core.report import Split
from bert4text.evaluation.fairness_config import FairnessConfig

RESAMPLES: dict[str, int] = {"quick": 200, "standard": 1000, "thorough": 5000}
"""Bootstrap resamples that each effort stands for."""

MetricName = Literal[
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "weighted_f1",
    "f1",
    "precision",
    "weighted_precision",
    "recall",
    "weighted_recall",
    "sensitivity",
    "specificity",
    "mcc",
    "auroc",
    "average_precision",
    "brier",
    "ece",
    "quadratic_kappa",
]

COMPARED: tuple[MetricName, ...] = ("macro_f1", "accuracy", "balanced_accuracy", "auroc")
"""Metrics whose paired difference is judged; the first one gives the verdict."""


class ManagementConfig(Config):
    """Labels that lead to the same management, and what a wrong one costs."""

    groups: dict[str, list[str]] = Field(
        default_factory=dict,
        description="group -> the labels that lead to the same management, for example "
        'routine = ["1", "2"] and biopsy = ["4", "5"]',
    )
    costs: dict[str, dict[str, float]] = Field(
        default_factory=dict,
        description="group answered -> true group -> cost of that answer, for example routine.biopsy = 100; "
        "a right answer costs 0 if not given",
    )


class MembershipConfig(Config):
    """The ``[evaluate.membership]`` section: whether reports that were learned from can be told."""

    on: bool = Field(
        default=False,
        description="attack the model: can it be told from its answers which reports it learned from? It "
        "costs as much "
        "as measuring again",
    )
    references: int = Field(
        4,
        ge=0,
        le=20,
        description="TF-IDF models, each without a part of the patients, that tell how difficult a report "
        "is; 0 leaves "
        "out the attack that asks them, 1 is raised to 2",
    )
    most: int = Field(
        1000, ge=20, description="reports that were learned from that are compared at most, drawn by the seed"
    )


class ExplanationsConfig(Config):
    """The ``[evaluate.explanations]`` section: how faithful explanations of the answers are."""

    reports: int = Field(
        0, ge=0, description="reports whose answers are explained, drawn by the seed; 0 explains none"
    )
    method: str = Field(
        "occlusion", description="how: occlusion, gradients, linear or rollout, as of `explain`"
    )


class ReviewConfig(Config):
    """The ``[evaluate.review]`` section: the reading by a person that is planned for."""

    reports_per_day: int = Field(100, ge=1, description="reports that come in a day")
    minutes: float = Field(2.0, gt=0, description="minutes in which a person reads one")


class EvaluateConfig(Config):
    """The ``[evaluate]`` section."""

    split: Split = Field("test", description="the part of the corpus to measure on")
    effort: Literal["quick", "standard", "thorough"] = Field(
        "standard", description="sets the resamples (200, 1000 or 5000) where they are not given"
    )
    metrics: list[MetricName] | None = Field(
        None, description="metrics to compute; all that suit the question if not given"
    )
    compare_on: list[MetricName] = Field(
        list(COMPARED),
        min_length=1,
        description="metrics compared between systems; the first gives the verdict",
    )
    resamples: int | None = Field(
        None, ge=100, le=100_000, description="bootstrap resamples; set by the effort if not given"
    )
    minimum_patients: int = Field(
        30,
        ge=2,
        description="patients (reports, where patients are unknown) under which no verdict is given",
    )
    minimum_class: int = Field(
        10, ge=1, description="reports of a class under which its figures come with a warning"
    )
    bins: int = Field(10, ge=2, le=100, description="equal-width bins of probability, for calibration")
    subgroups: list[str] = Field(
        default_factory=list, description="attributes whose values are also measured apart, for example sex"
    )
    minimum_subgroup: int = Field(50, ge=2, description="reports under which a subgroup is not measured")
    management: ManagementConfig = Field(
        default_factory=lambda: ManagementConfig.parse({}, section="evaluate.management"),
        description="groups of labels that are also measured as one, and costs",
    )
    membership: MembershipConfig = Field(
        default_factory=lambda: MembershipConfig.parse({}, section="evaluate.membership"),
        description="an attack that tries to tell which reports were learned from",
    )
    fairness: FairnessConfig = Field(
        default_factory=lambda: FairnessConfig.parse({}, section="evaluate.fairness"),
        description="a contract between groups of patients, declared before training",
    )
    explanations: ExplanationsConfig = Field(
        default_factory=lambda: ExplanationsConfig.parse({}, section="evaluate.explanations"),
        description="how faithful explanations of the answers are",
    )
    review: ReviewConfig = Field(
        default_factory=lambda: ReviewConfig.parse({}, section="evaluate.review"),
        description="the reading that is left to a person: reports a day, and minutes for each",
    )

    @model_validator(mode="after")
    def _fill_in(self) -> Self:
        """Let the effort fill what was not given; what it fills does not count as given."""
        if self.resamples is None:
            object.__setattr__(self, "resamples", RESAMPLES[self.effort])
            self.__pydantic_fields_set__.discard("resamples")
        return self

    @property
    def draws(self) -> int:
        """The number of resamples, resolved."""
        return self.resamples or RESAMPLES[self.effort]
