"""Subgroups: the same figures for each value of an attribute that enough reports have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bert4text.core.errors import ConfigError
from bert4text.core.evaluation import Metric
from bert4text.evaluation.answers import Answers, Indices
from bert4text.evaluation.draws import Setting, draw, figures_of
from bert4text.evaluation.metrics import Measure


def subgroups(
    said: Mapping[str, Answers],
    measures: Sequence[Measure],
    setting: Setting,
    attributes: Mapping[str, Sequence[str | None]],
) -> list[Metric]:
    """The figures over all of each value of each attribute in ``config.subgroups``.

    A value of fewer than ``config.minimum_subgroup`` reports is not measured; a subgroup is named
    ``attribute=value``.

    Raises:
        ConfigError: the reports have no such attribute.
    """
    found: list[Metric] = []
    for attribute in setting.config.subgroups:
        if attribute not in attributes or len(attributes[attribute]) != len(setting.index):
            raise ConfigError(
                "[evaluate] subgroups names {attribute!r}; the reports have {known}",
                hint="map a column to it with prepare.columns, or leave it out",
                code="unknown-attribute",
                attribute=attribute,
                known=sorted(attributes),
            )
        values = np.array([value or "" for value in attributes[attribute]], dtype=object)
        for value in sorted(set(values) - {""}):
            rows = np.flatnonzero(values == value).astype(np.int64)
            if len(rows) < setting.config.minimum_subgroup:
                continue
            found += _subgroup(said, measures, setting, rows=rows, name=f"{attribute}={value}")
    return found


def _subgroup(
    said: Mapping[str, Answers],
    measures: Sequence[Measure],
    setting: Setting,
    *,
    rows: Indices,
    name: str,
) -> list[Metric]:
    inside = setting.among(rows)
    parts = {system: one.select(rows) for system, one in said.items() if system != "majority"}
    drawn = draw(parts, measures, sampling=inside.sampling(f"evaluate.{name}"), by_class=False)
    return [
        metric
        for system, part in parts.items()
        for measure in measures
        for metric in figures_of(system, part, measure, drawn, setting=inside, group=name)
    ]
