"""Grouping: the declared groups of labels and costs, checked against the question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bert4text.core.config import suggestion
from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.evaluation.answers import Bools, Floats
from bert4text.evaluation.config import ManagementConfig


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which labels lead to the same management.

    Attributes:
        groups: the labels of each of the g groups, as declared.
        member: ``bool[k, g]``, whether a label is in a group.
        left_out: labels in no group.
        costs: ``float64[g, g]``, the cost of answering the row's group where the column's is true; or None.
    """

    groups: dict[str, tuple[str, ...]]
    member: Bools
    left_out: tuple[str, ...]
    costs: Floats | None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the groups."""
        return tuple(self.groups)

    @property
    def named_costs(self) -> dict[str, dict[str, float]] | None:
        """The costs by name: group answered -> true group -> cost."""
        if self.costs is None:
            return None
        return {
            name: dict(zip(self.names, row, strict=True))
            for name, row in zip(self.names, self.costs.tolist(), strict=True)
        }


def declared(config: ManagementConfig, label_space: LabelSpace) -> Grouping | None:
    """The declared groups, or None where there are none.

    Raises:
        ConfigError: the question allows several labels; fewer than two groups, or an empty one; a label that
            the question does not have, or that stands in two groups; a cost of no group, one below 0, or one
            that is missing.
    """
    if not config.groups:
        if config.costs:
            raise ConfigError(
                "[evaluate.management] has costs and no groups",
                hint="declare the groups that the costs are of in [evaluate.management.groups]",
                code="cost-of-no-group",
            )
        return None
    if label_space.task == "multilabel":
        raise ConfigError(
            "[evaluate.management] groups are of questions with one answer, and this one allows several",
            hint="take the section out",
            code="groups-of-several",
        )
    homes = _homes(config, label_space)
    groups = {
        group: tuple(label for label in label_space.names if homes.get(label) == group)
        for group in config.groups
    }
    member = np.array([[label in held for held in groups.values()] for label in label_space.names])
    left_out = tuple(label for label in label_space.names if label not in homes)
    return Grouping(groups, member, left_out, _costs(config, tuple(groups)))


def _homes(config: ManagementConfig, label_space: LabelSpace) -> dict[str, str]:
    """Label -> its group."""
    empty = [name for name, labels in config.groups.items() if not labels]
    if empty or len(config.groups) < 2:
        raise ConfigError(
            "[evaluate.management] needs two groups or more, each with a label; it has {groups}, "
            "and {count} without any",
            hint='for example, routine = ["1", "2"] and biopsy = ["4", "5"]',
            code="few-groups",
            groups=list(config.groups),
            count=len(empty),
        )
    homes: dict[str, str] = {}
    for group, labels in config.groups.items():
        for label in dict.fromkeys(labels):
            if label not in label_space.names:
                near = suggestion(label, list(label_space.names))
                raise ConfigError(
                    "[evaluate.management] the group {group!r} names the label {label!r}; the labels are "
                    "{known}",
                    hint="did you mean {near!r}?" if near else "name labels as the corpus does",
                    code="group-of-unknown-label",
                    group=group,
                    label=label,
                    known=list(label_space.names),
                    near=near,
                )
            if label in homes:
                raise ConfigError(
                    "[evaluate.management] the label {label!r} is in two groups, {first!r} and {second!r}",
                    hint="a report has one management: leave the label in one group",
                    code="label-in-two-groups",
                    label=label,
                    first=homes[label],
                    second=group,
                )
            homes[label] = group
    return homes


def _costs(config: ManagementConfig, names: tuple[str, ...]) -> Floats | None:
    """``[g, g]``; what is not declared of a right answer is 0."""
    if not config.costs:
        return None
    named = {*config.costs, *(true for row in config.costs.values() for true in row)}
    strange = sorted(named - set(names))
    if strange:
        raise ConfigError(
            "[evaluate.management] has costs of {strange}; the groups are {groups}",
            hint="name groups as [evaluate.management.groups] does",
            code="cost-of-no-group",
            strange=strange,
            groups=list(names),
        )
    table = np.zeros((len(names), len(names)))
    for row, answered in enumerate(names):
        for column, true in enumerate(names):
            cost = config.costs.get(answered, {}).get(true, 0.0 if answered == true else None)
            if cost is None:
                raise ConfigError(
                    "[evaluate.management] has no cost of answering {answered!r} where {true!r} is true",
                    hint="set costs.{answered}.{true}; every wrong answer needs one, and it may be 0",
                    code="cost-missing",
                    answered=answered,
                    true=true,
                )
            if not (np.isfinite(cost) and cost >= 0):
                raise ConfigError(
                    "[evaluate.management] the cost of answering {answered!r} where {true!r} is true is "
                    "{cost}",
                    hint="costs are numbers from 0 upwards, in any unit, the same for all",
                    code="bad-cost",
                    answered=answered,
                    true=true,
                    cost=cost,
                )
            table[row, column] = cost
    return table
