"""Fairness: a declared contract, measured on the answers of the system that answers new reports.

Which figures are compared stands in ``evaluation.criteria``, how groups are made in ``evaluation.groups``,
how a gap is judged in ``evaluation.gaps``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from bert4text.core.fairness import Fairness, GroupFigure, overall
from bert4text.core.issue import Issue
from bert4text.core.seeds import rng
from bert4text.evaluation.answers import Answers
from bert4text.evaluation.criteria import OF_THE_ANSWER, RATES, events, whole
from bert4text.evaluation.draws import Setting
from bert4text.evaluation.gaps import Cell, Part, cell, critical, judged
from bert4text.evaluation.groups import Groups, groups


def fairness(
    said: Answers, setting: Setting, attributes: Mapping[str, Sequence[str | None]]
) -> tuple[Fairness | None, list[Issue]]:
    """Whether ``config.fairness`` holds of one system's answers; None where nothing is declared.

    Args:
        said: the answers of the system.
        setting: the question, the patients and the contract.
        attributes: ``{attribute: value of each report}``; a missing one is of unknown values.

    Raises:
        ConfigError: the contract names a label that the question does not have.
    """
    contract = setting.config.fairness
    if not contract.attributes:
        return None, []
    grouped, issues = groups(contract, attributes, index=setting.index)
    parts = list(_parts(said, grouped, setting))
    deviate = critical(
        parts,
        units=setting.groups,
        draws=setting.config.draws,
        random=rng(setting.seed, "evaluate.fairness"),
    )
    gaps = tuple(judged(part, tolerance=contract.tolerance, deviate=deviate) for part in parts)
    unit: Literal["patient", "report"] = "patient" if setting.patients else "report"
    shown = {id(one): (part, one) for part in parts for one in part.cells}
    found = Fairness(
        verdict=overall(gaps),
        system=setting.lead,
        contract=contract.model_dump(mode="json"),
        digest=contract.digest,
        unit=unit,
        critical=deviate if any(gap.pairs for gap in gaps) else None,
        attributes=tuple(one.told for one in grouped),
        figures=tuple(_figure(part, one, unit=unit) for part, one in shown.values()),
        gaps=gaps,
    )
    return found, issues


def _parts(said: Answers, grouped: Sequence[Groups], setting: Setting) -> Iterator[Part]:
    """Every measure, label and attribute of the contract; a measure of two criteria once, under the first."""
    contract = setting.config.fairness
    by_label, of_all = events(contract, setting.label_space, said), [whole(said)]
    done: set[str] = set()
    for criterion in contract.criterion:
        for rate in RATES[criterion]:
            if rate.name in done:
                continue
            done.add(rate.name)
            for one in grouped:
                for event in of_all if criterion in OF_THE_ANSWER else by_label:
                    cells = (
                        cell(name, member, rate=rate, event=event, index=setting.index, units=setting.groups)
                        for name, member in zip(one.told.groups, one.members, strict=True)
                    )
                    enough = tuple(found for found in cells if found.n >= contract.minimum_n)
                    yield Part(criterion, one.told.name, rate, event, enough)


def _figure(part: Part, one: Cell, *, unit: str) -> GroupFigure:
    low, high = one.bounds()
    return GroupFigure(
        attribute=part.attribute,
        group=one.group,
        measure=part.rate.name,
        label=part.event.name,
        value=one.value,
        low=low,
        high=high,
        n=one.n,
        reports=one.reports,
        interval=f"{'wilson' if part.rate.share else 'normal'}-{unit}",
    )
