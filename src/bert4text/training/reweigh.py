"""Reweighing: reports weigh so that labels are as frequent in every group, as far as weights can do it.

A report of group g with label y weighs P(g) P(y) / P(g, y): what its cell would hold if group and label had
nothing to do with each other, over what it holds (Kamiran & Calders, 2012, "Data preprocessing techniques for
classification without discrimination"). It mends what a model may learn from an uneven sample. It does not
mend labels that are wrong for a group, nor words that are read less well, and it may cost accuracy: what it
did is measured, by ``[evaluate.fairness]``, before and after.

Where several labels may hold, each of them is a question of its own, with a loss of its own: so each has a
weight of its own in each report, as if it were asked alone. Every label is then independent of the group; of
labels that come together nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError

Weights = npt.NDArray[np.float64]
Group = tuple[str, ...] | None

FEWEST = 20
"""Reports under which a group is left as it is: the frequencies of a handful are noise."""

LARGEST = 10.0
"""No report weighs more than so many, or less than one so manieth: a lone one must not steer every step."""


@dataclass(frozen=True)
class Reweighed:
    """The weights of reports, and what is told of them.

    Attributes:
        weights: of each report, [n], or of each label in each report, [n, k]; 1 on average, and 1 where the
            group is not known or too small.
        attributes: by which groups are told.
        groups: how many take part.
        unknown: reports that take no part.
    """

    weights: Weights
    attributes: tuple[str, ...]
    groups: int
    unknown: int

    def told(self) -> dict[str, object]:
        """As a manifest keeps it; no group is named."""
        return {
            "attributes": list(self.attributes),
            "groups": self.groups,
            "unknown": self.unknown,
            "smallest": round(float(self.weights.min()), 4),
            "largest": round(float(self.weights.max()), 4),
        }


def groups_of(corpus: Corpus, attributes: Sequence[str]) -> list[Group]:
    """The group of each report: its values of all the attributes, or None where one is missing."""
    found: list[Group] = []
    for report in corpus:
        values = tuple(report.attributes.get(name) or "" for name in attributes)
        found.append(values if all(values) else None)
    return found


def reweighed(
    groups: Sequence[Group], labels: npt.NDArray[np.int64], *, attributes: Sequence[str]
) -> Reweighed:
    """The weight of each report.

    Args:
        groups: of each report.
        labels: int64 [n], of each report; 0 and 1 [n, k] where several may hold.
        attributes: by which the groups are told.

    Raises:
        ConfigError: fewer than two groups have enough reports.
    """
    sizes = {group: groups.count(group) for group in set(groups) if group is not None}
    kept = sorted(group for group, size in sizes.items() if size >= FEWEST)
    if len(kept) < 2:
        raise ConfigError(
            "[train.loss] reweigh names {attributes}: {groups} groups have {fewest} labelled reports, and "
            "two are needed",
            hint="map a column of few values to each with prepare.columns, or take reweigh out",
            code="nothing-to-reweigh",
            attributes=list(attributes),
            groups=len(kept),
            fewest=FEWEST,
        )
    place = {group: number for number, group in enumerate(kept)}
    member = np.array([-1 if group is None else place.get(group, -1) for group in groups])
    if labels.ndim == 1:
        weights = _weights(member, labels)
    else:
        weights = np.stack([_weights(member, column) for column in labels.T], axis=1)
    return Reweighed(weights, tuple(attributes), len(kept), int((member < 0).sum()))


def _weights(member: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> Weights:
    """The weight of each report by its group and one label; 1 where it is in no group."""
    inside = member >= 0
    groups, k = int(member.max()) + 1, int(labels.max()) + 1
    cells = np.bincount(member[inside] * k + labels[inside], minlength=groups * k).reshape(-1, k)
    expected = cells.sum(axis=1, keepdims=True) * cells.sum(axis=0) / cells.sum()
    table = np.clip(expected / np.maximum(cells, 1), 1 / LARGEST, LARGEST)
    weights = np.ones(len(labels))
    weights[inside] = table[member[inside], labels[inside]]
    weights[inside] *= inside.sum() / weights[inside].sum()
    return weights
