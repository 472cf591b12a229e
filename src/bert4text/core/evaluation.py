"""Evaluation: how good, for whom, how sure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.fairness import Fairness
from bert4text.core.issue import Issue
from bert4text.core.manifest import Manifest
from bert4text.core.reliance import Reliance

Verdict = Literal["better", "not-shown-better", "worse", "too-few"]


class System(Record):
    """One of the systems compared: ``model``, ``tfidf``, ``majority`` or a named other.

    Attributes:
        name: what it is called in every figure.
        digest: of its bundle.
        delivered: whether it is the one that answers new reports.
    """

    name: str
    digest: str | None = None
    delivered: bool = False


class Metric(Record):
    """One figure with its interval.

    Attributes:
        system: whose figure.
        name: the metric, for example ``macro_f1``.
        label: the class, or None over all.
        group: the subgroup, or None for everybody.
        value: the figure; None when it cannot be computed.
        low, high: 95 % interval; None when it cannot be computed.
        n: reports it was computed on.
        interval: how the interval was made, for example ``bootstrap-patient``.
    """

    system: str
    name: str
    label: str | None = None
    group: str | None = None
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    interval: str | None = None


def find_metric(
    metrics: Iterable[Metric], name: str, *, system: str, label: str | None = None
) -> Metric | None:
    """The figure of that name over everybody, or None."""
    for metric in metrics:
        if (metric.name, metric.system, metric.label, metric.group) == (name, system, label, None):
            return metric
    return None


class Comparison(Record):
    """The paired difference ``a - b`` of a metric on the same reports, with its interval and verdict.

    Attributes:
        label: whose figure is compared; None over all.
        only_a, only_b: reports that only one of the two answered right; for accuracy alone.
        p_value: McNemar's, two-sided; for accuracy alone.
    """

    a: str
    b: str
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    n: int
    verdict: Verdict
    label: str | None = None
    only_a: int | None = None
    only_b: int | None = None
    p_value: float | None = None


class Changed(Record):
    """A report that two runs answer differently; it is named by its row.

    Attributes:
        row: of the source, from 1.
        truth: the labels it has.
        a, b: what each run answers.
    """

    row: int
    truth: tuple[str, ...]
    a: tuple[str, ...]
    b: tuple[str, ...]


class Curve(Record):
    """A curve of a system: ``kind`` is ``roc`` or ``precision-recall``; x and y are equally long."""

    system: str
    kind: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    area: float | None = None


class ReliabilityBin(Record):
    """Reports whose probability fell into one bin: mean probability, observed share with interval, n."""

    system: str
    label: str | None = None
    mean: float
    observed: float
    low: float
    high: float
    n: int


class Confusion(Record):
    """Counts: ``rows[i][j]`` reports of true label i were called label j."""

    system: str
    labels: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]


class Management(Record):
    """The same answers by what they lead to: all labels of a group have one management.

    Attributes:
        groups: the labels of each group.
        left_out: labels in no group; reports that truly have one of them are not measured here.
        reports: how many are.
        outside: of them, those that a system gave a label in no group: system -> how many.
        costs: group answered -> true group -> what that costs; None where no costs were declared.
        metrics: figures of the groups; ``label`` is the name of a group. ``mean_cost`` is that of a report,
            ``cost_per_1000`` that of a thousand.
        comparisons: differences between systems in macro F1 and, with costs, in mean cost.
        confusion: counts by group; a row lacks the answers in no group.
    """

    groups: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...] = ()
    reports: int
    outside: dict[str, int] = Field(default_factory=dict)
    costs: dict[str, dict[str, float]] | None = None
    metrics: tuple[Metric, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    confusion: tuple[Confusion, ...] = ()

    def metric(self, name: str, *, system: str = "model", group: str | None = None) -> Metric | None:
        """The figure of that name over all groups or of one, or None."""
        return find_metric(self.metrics, name, system=system, label=group)


class Membership(Record):
    """Whether it can be told from the answers which reports a model learned from.

    Attributes:
        members: reports compared that it learned from.
        others: reports compared that it has not seen.
        references: models that difficulty was taken from; 0 leaves out that attack.
        metrics: ``attack_auc`` and ``attack_tpr`` (at 1 % false alarms); ``system`` is the attack, or
            ``control``.
        epsilon, delta: of the model's training; None where it was not private.
        most_named: what they allow ``attack_tpr`` at most, ``exp(epsilon) * 0.01 + delta`` (Kairouz et al.,
            2015, "The Composition Theorem for Differential Privacy").
    """

    members: int
    others: int
    references: int
    metrics: tuple[Metric, ...]
    epsilon: float | None = None
    delta: float | None = None
    most_named: float | None = None

    def metric(self, name: str, *, attack: str = "loss") -> Metric | None:
        """The figure of that name of one attack, or None."""
        return find_metric(self.metrics, name, system=attack)


class Explained(Record):
    """How much the answers of a model hang on what their explanations name first.

    Attributes:
        method: how the explanations were made.
        reports: whose answers were explained.
        faithful: share of them that hang on what is named first more than on words drawn at random.
        metrics: ``comprehensiveness`` and ``sufficiency``, means over the reports; ``system`` is
            ``explanation``, ``random`` or their ``difference``.
    """

    method: str
    reports: int
    faithful: float
    metrics: tuple[Metric, ...]

    def metric(self, name: str, *, whose: str = "explanation") -> Metric | None:
        """The figure of that name, or None."""
        return find_metric(self.metrics, name, system=whose)


class Evaluation(Record):
    """What ``evaluate`` finds; ``metrics.json`` is this record.

    Attributes:
        corpus: the corpus fingerprint, ``sha256:...``.
        split: the split measured on.
        seen: looks at this split of this corpus so far, this one included.
        reports, patients: how many; patients is None when unknown.
        synthetic: reports that are synthetic.
        indeterminate: the label that means that a report allows no answer, or None.
        management: the same answers by groups of labels; None where no groups were declared.
        membership: whether reports that were learned from can be told; None where that was not asked.
        fairness: whether the declared contract between groups holds; None where none was declared.
        explanations: how faithful explanations of the answers are; None where that was not asked.
        reliability_by_label: of the system that answers, each label against all others.
        by_label: differences from another run, label by label.
        changed: reports that it answers differently.
        reliance: how far the answers can be relied on, and which are left to a person.
    """

    format: Literal["evaluation/1"] = "evaluation/1"
    corpus: str
    split: str
    seen: int | None = None
    reports: int
    patients: int | None = None
    synthetic: int = 0
    labels: tuple[str, ...]
    indeterminate: str | None = None
    systems: tuple[System, ...]
    metrics: tuple[Metric, ...]
    comparisons: tuple[Comparison, ...] = ()
    by_label: tuple[Comparison, ...] = ()
    changed: tuple[Changed, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    curves: tuple[Curve, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    reliability_by_label: tuple[ReliabilityBin, ...] = ()
    issues: tuple[Issue, ...] = ()
    management: Management | None = None
    membership: Membership | None = None
    fairness: Fairness | None = None
    explanations: Explained | None = None
    reliance: Reliance | None = None
    manifest: Manifest | None = None
    steps: tuple[dict[str, float], ...] = Field(
        default=(), description="the learning curve, from steps.jsonl"
    )

    def metric(self, name: str, *, system: str = "model", label: str | None = None) -> Metric | None:
        """The figure of that name over everybody, or None."""
        return find_metric(self.metrics, name, system=system, label=label)

    def comparison(self, a: str, b: str, *, metric: str = "macro_f1") -> Comparison | None:
        """The difference ``a - b`` of a metric, or None."""
        for comparison in self.comparisons:
            if (comparison.a, comparison.b, comparison.metric) == (a, b, metric):
                return comparison
        return None
