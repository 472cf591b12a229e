"""Subgroups: the same figures for each value of an attribute that enough reports have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bert4text.core.errors import ConfigError
from bert4text.core.evaluation import Metric
from bert4text.evaluation.answers import Answers, Indices
from bert4text.evaluation.draws import Sampling, Setting, draw, figures_of
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
    numbers = np.unique(setting.index[rows], return_inverse=True)[1].astype(np.int64)
    inside = Setting(
        setting.label_space,
        numbers,
        int(numbers.max()) + 1,
        setting.patients,
        setting.config,
        setting.seed,
    )
    parts = {system: one.select(rows) for system, one in said.items() if system != "majority"}
    sampling = Sampling(
        numbers, setting.config.draws, setting.seed, name=f"evaluate.{name}", bins=setting.config.bins
    )
    drawn = draw(parts, measures, sampling=sampling, by_class=False)
    return [
        metric
        for system, part in parts.items()
        for measure in measures
        for metric in figures_of(system, part, measure, drawn, setting=inside, group=name)
    ]
