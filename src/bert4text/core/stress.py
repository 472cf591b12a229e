"""Stress: what changes of a report change the answer to it that should not."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.manifest import Manifest

Expectation = Literal["invariance", "direction", "minimum-functionality"]
"""The three kinds of tests of Ribeiro et al. (2020), "Beyond Accuracy: Behavioral Testing of NLP Models with
CheckList" (ACL)."""
Holding = Literal["holds", "breaks", "not-shown", "too-few", "skipped"]
"""What is shown: the interval lies at or below what is allowed, above it, on both sides; or nothing is.

A capability breaks where one of its perturbations does, whatever its other tests show."""


Practice = Literal["none", "part", "all"]
"""Whether a model has learned from reports that were changed so."""


class Rate(Record):
    """How often a model fails where a report is changed.

    Attributes:
        name: of the perturbation, or of the capability.
        capability: what the perturbation asks for; of a capability its own name.
        verdict: what is shown of it.
        at_most: the largest rate of failures with which it holds.
        tests: changed reports that were answered.
        failures: of them.
        rate: share of failures; None without a test.
        low, high: 95 % interval of it, by patient.
    """

    name: str
    capability: str
    verdict: Holding
    at_most: float
    tests: int = 0
    failures: int = 0
    rate: float | None = None
    low: float | None = None
    high: float | None = None


class Stressed(Rate):
    """What one perturbation does to the answers.

    Attributes:
        expectation: what should happen.
        applied: share of the reports that it can change.
        shifted: share of the tests where a probability moves by more than the tolerance.
        largest: the largest move of a probability.
        reason: why it was skipped, a code; None where it was not.
    """

    expectation: Expectation
    applied: float = 0.0
    shifted: float | None = None
    largest: float | None = None
    reason: str | None = None


class Failure(Record):
    """A changed report whose answer is not as it should be; nothing in it is text of the report.

    Attributes:
        perturbation: what changed it.
        id: of the report, an identifier; empty of a text that is of no report.
        row: row of the source, from 1; None of a text that is of no report.
        before: the answer to the report; None of a text that is of no report.
        after: the answer to the changed one; None where there is none.
        shift: the largest move of a probability, or the probability of an answer that should not be sure.
    """

    perturbation: str
    id: str = Field(repr=False)
    row: int | None
    before: str | None
    after: str | None
    shift: float


class Stress(Record):
    """Where a classifier breaks.

    Attributes:
        split: of which the reports are.
        use: what part of that split had in making the model; None where it had none.
        reports, patients: that were changed; patients are None where nobody knows them.
        synthetic: how many of the reports are.
        languages: how many reports are in each language.
        serious: labels that count as serious in tests of direction; empty where the scale of an ordinal
            question is taken, or nothing is known.
        tolerance: by how much a probability may move.
        common: attribute of the thresholds by group that were left out of account, since a changed text is
            of no patient: all were answered by the common ones. None where the model has no others.
        noise: by how much a probability moves where a report is asked twice, at most.
        noisy: share of the reports whose answer changes where they are asked twice.
        capabilities: in the order of the perturbations.
        perturbations: in the order of the registry.
        worst: failures, the largest moves of each perturbation first.
        gated: capabilities for which ``[stress] at_most`` is set.
        practiced: perturbations whose changes the model, or its teacher, has seen in copies of training
            reports.
        model: first 16 hex of the bundle's digest.
        corpus: its fingerprint.
        manifest: how it was made.
    """

    split: str
    use: str | None = None
    reports: int
    patients: int | None
    synthetic: int = 0
    languages: dict[str, int]
    serious: tuple[str, ...] = ()
    tolerance: float
    common: str | None = None
    noise: float = 0.0
    noisy: float = 0.0
    capabilities: tuple[Rate, ...]
    perturbations: tuple[Stressed, ...]
    worst: tuple[Failure, ...] = ()
    gated: tuple[str, ...] = ()
    practiced: tuple[str, ...] = ()
    model: str = ""
    corpus: str = ""
    manifest: Manifest = Field(default_factory=lambda: Manifest(kind="stress", verb="stress"))

    def practice(self, one: Rate) -> Practice:
        """How much of what a rate is of the model has practiced: a perturbation, or those of a capability."""
        tried = [each for each in self.perturbations if each.reason is None and each.capability == one.name]
        inside = [each.name in self.practiced for each in ([one] if isinstance(one, Stressed) else tried)]
        return "all" if inside and all(inside) else "part" if any(inside) else "none"

    @property
    def broken(self) -> tuple[str, ...]:
        """Capabilities with a gate that they do not pass: they break, or too little was measured to tell."""
        return tuple(
            one.name
            for one in self.capabilities
            if one.name in self.gated and one.verdict in {"breaks", "too-few", "skipped"}
        )
