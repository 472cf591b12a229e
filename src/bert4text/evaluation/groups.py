"""Groups: the values of an attribute as groups of reports; those of few patients are never named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bert4text.core.bands import banded
from bert4text.core.errors import ConfigError
from bert4text.core.fairness import Grouped
from bert4text.core.issue import Issue
from bert4text.evaluation.answers import Bools, Indices
from bert4text.evaluation.fairness_config import FairnessConfig

CROSSED = " × "
"""Between two attributes, and between their values."""

Values = list[str | None]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one attribute, or of two crossed.

    Attributes:
        told: what may be said of them.
        members: of each group that may be named, which reports are its own, ``bool[n]``.
    """

    told: Grouped
    members: tuple[Bools, ...]


def known(contract: FairnessConfig, attributes: Mapping[str, Sequence[str | None]]) -> None:
    """Refuse attributes that no report has.

    Raises:
        ConfigError: the reports have no such attribute.
    """
    missing = [name for name in contract.attributes if not any(attributes.get(name, ()))]
    if missing:
        raise ConfigError(
            "[evaluate.fairness] names the attributes {missing}, which no report has",
            hint="map a column to each with prepare.columns, or leave it out",
            code="unknown-attribute",
            missing=missing,
        )


def groups(
    contract: FairnessConfig, attributes: Mapping[str, Sequence[str | None]], *, index: Indices
) -> tuple[list[Groups], list[Issue]]:
    """The groups of each attribute of the contract, then of each two, and what is to be told of them.

    Args:
        contract: which attributes, their bands, and how many patients make a group.
        attributes: ``{attribute: value of each report}``; one that is missing is of unknown values.
        index: the patient (or else the report) of each report.
    """
    values: dict[str, Values] = {}
    issues: list[Issue] = []
    for name in contract.attributes:
        given = [value or None for value in attributes.get(name, [None] * len(index))]
        values[name] = given
        if name in contract.bands:
            values[name] = [banded(value, contract.bands[name]) for value in given]
            issues += _unbanded(name, given, values[name])
    crossed = combinations(contract.attributes, 2) if contract.intersections else ()
    for one, other in crossed:
        values[one + CROSSED + other] = [
            None if a is None or b is None else a + CROSSED + b
            for a, b in zip(values[one], values[other], strict=True)
        ]
    return [_grouped(name, held, contract, index) for name, held in values.items()], issues


def _unbanded(name: str, given: Values, found: Values) -> list[Issue]:
    lost = sum(value is not None and band is None for value, band in zip(given, found, strict=True))
    if not lost:
        return []
    return [
        Issue(
            check="fairness",
            severity="warning",
            code="not-a-number",
            message="{attribute} is no number in {count} reports: they are in none of its bands",
            values={"attribute": name, "count": lost},
            reports=lost,
        )
    ]


def _grouped(name: str, values: Values, contract: FairnessConfig, index: Indices) -> Groups:
    column = np.array([value or "" for value in values], dtype=object)
    kept: list[tuple[str, Bools]] = []
    small = 0
    for value in sorted(set(column) - {""}, key=lambda value: _order(value, name, contract)):
        member = np.asarray(column == value, dtype=np.bool_)
        if len(np.unique(index[member])) >= contract.minimum_n:
            kept.append((value, member))
        else:
            small += 1
    told = Grouped(
        name=name,
        groups=tuple(value for value, _ in kept),
        reports=int(sum(member.sum() for _, member in kept)),
        small=small,
        unknown=int((column == "").sum()),
    )
    return Groups(told, tuple(member for _, member in kept))


def _order(value: str, name: str, contract: FairnessConfig) -> tuple[tuple[int, str], ...]:
    """Bands by where they begin, everything else by name; of two attributes the first decides first."""
    order = []
    for part, attribute in zip(value.split(CROSSED), name.split(CROSSED), strict=False):
        edges = [f"{edge:g}" for edge in contract.bands.get(attribute, ())]
        begins = part.removeprefix("≥").split("–", maxsplit=1)[0]
        order.append((edges.index(begins) + 1 if begins in edges else 0, part))
    return tuple(order)
