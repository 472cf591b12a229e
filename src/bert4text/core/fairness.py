"""Fairness: whether a declared contract between groups of patients holds, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Record

Criterion = Literal[
    "equal_opportunity",
    "equalized_odds",
    "demographic_parity",
    "predictive_parity",
    "calibration_within_groups",
    "accuracy_parity",
]

FairVerdict = Literal["holds", "not-shown", "fails", "too-few"]

DeclaredWhen = Literal["before-training", "changed", "after-training"]


class Grouped(Record):
    """How the reports fall into the groups of one attribute, or of two crossed.

    Attributes:
        name: the attribute; two are ``sex × age``.
        groups: values that enough patients have, in order; a value of fewer is never named.
        reports: of those groups together.
        small: how many values fewer patients have.
        unknown: reports without a value.
    """

    name: str
    groups: tuple[str, ...]
    reports: int
    small: int = 0
    unknown: int = 0


class GroupFigure(Record):
    """One figure of one group with its 95 % interval; only where enough patients are in its denominator.

    Attributes:
        attribute, group: whose figure.
        measure: what it is, for example ``true_positive_rate``.
        label: the label it is about; ``≥ 4`` is a grade of 4 or above; None is the whole answer.
        value, low, high: the figure and its interval.
        n: patients in the denominator (reports, where patients are unknown).
        reports: reports in it.
        interval: how the interval was made.
    """

    attribute: str
    group: str
    measure: str
    label: str | None = None
    value: float
    low: float
    high: float
    n: int
    reports: int
    interval: str


class Gap(Record):
    """The gap that decides one part of a contract: one measure of one label, between groups of an attribute.

    Attributes:
        criterion, measure, attribute, label: what is compared.
        verdict: ``fails`` where some pair of groups surely differs by more than the tolerance, ``holds``
            where no pair can, ``too-few`` where fewer than two groups have enough patients, else
            ``not-shown``.
        high_group, low_group: the pair shown: the one that surely differs most, else the one that differs
            most; ``low_group`` is None where a group is held against the truth (calibration).
        value: the figure of the one less that of the other; None where nothing could be compared.
        low, high: 95 % interval of this difference alone.
        at_least: how much the two differ at least, with 95 % certainty over all gaps of the contract.
        groups: how many had enough patients.
        pairs: how many pairs were compared.
        failing: how many of them fail.
    """

    criterion: Criterion
    measure: str
    attribute: str
    label: str | None = None
    verdict: FairVerdict
    high_group: str | None = None
    low_group: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    groups: int
    pairs: int = 0
    failing: int = 0


class Fairness(Record):
    """A contract and whether it holds.

    Attributes:
        verdict: over all gaps: ``fails`` if one does, ``holds`` if all do, ``too-few`` if none could be
            measured, else ``not-shown``.
        system: whose answers were measured.
        contract: what was declared, in full.
        digest: of the contract.
        declared: whether it is the one that was declared before the model learned.
        declared_at: when the model was made, where it was declared before that.
        unit: ``patient`` or ``report``: what counts, and what is drawn anew.
        critical: how many standard errors a gap must lie beyond the tolerance, over all gaps together.
        attributes: how the reports fall into groups.
        figures: of each group.
        gaps: one for each part of the contract, in the order of the contract.
    """

    verdict: FairVerdict
    system: str
    contract: dict[str, Any]
    digest: str = ""
    declared: DeclaredWhen = "after-training"
    declared_at: str | None = None
    unit: Literal["patient", "report"]
    critical: float | None = None
    attributes: tuple[Grouped, ...]
    figures: tuple[GroupFigure, ...] = ()
    gaps: tuple[Gap, ...] = Field(default=())

    def gap(self, measure: str, *, attribute: str, label: str | None = None) -> Gap | None:
        """The gap of one measure, attribute and label, or None."""
        for gap in self.gaps:
            if (gap.measure, gap.attribute, gap.label) == (measure, attribute, label):
                return gap
        return None

    def figure(
        self, measure: str, *, attribute: str, group: str, label: str | None = None
    ) -> GroupFigure | None:
        """The figure of one group, or None."""
        for one in self.figures:
            if (one.measure, one.attribute, one.group, one.label) == (measure, attribute, group, label):
                return one
        return None


def overall(gaps: Iterable[Gap]) -> FairVerdict:
    """The verdict over all gaps: the worst decides, and what could not be measured is never held."""
    verdicts = {gap.verdict for gap in gaps}
    if "fails" in verdicts:
        return "fails"
    if verdicts <= {"too-few"}:
        return "too-few"
    return "holds" if verdicts == {"holds"} else "not-shown"
