"""Management: the same answers by groups of labels that lead to the same next step, and what errors cost.

A report is in the group of its true label; an answer in that of the label that was given, after thresholds.
Reports whose true label is in no group are left out. An answer in no group is wrong, and costs as much as the
costliest answer to such a report: a system must not gain by leaving the groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bert4text.core.evaluation import Management, Metric
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import N_
from bert4text.core.progress import Progress, silent
from bert4text.evaluation.answers import Answers, Bools, Floats
from bert4text.evaluation.compare import LEADING, differences
from bert4text.evaluation.curves import confusions
from bert4text.evaluation.draws import Setting, draw, figures_of
from bert4text.evaluation.findings import CHECK
from bert4text.evaluation.grouping import Grouping, declared
from bert4text.evaluation.metrics import ACCURACY, MACRO_F1, MEAN_COST, PRECISION, RECALL


@dataclass(frozen=True, slots=True)
class Managed:
    """What was found by group, and what a reader must know of it."""

    management: Management | None
    issues: list[Issue]


def managed(said: Mapping[str, Answers], setting: Setting, progress: Progress = silent) -> Managed:
    """Measure every system by the declared groups: each figure with its interval, patients drawn anew.

    Args:
        said: the answers of each system.
        setting: the question, its reports, and the settings that hold groups and costs.
        progress: where the resamples are counted.

    Returns:
        No figures where no groups are declared, or no report has a label of a group.

    Raises:
        ConfigError: the groups or costs do not fit the question.
    """
    grouping = declared(setting.config.management, setting.label_space)
    if grouping is None:
        return Managed(None, [])
    member = grouping.member
    truth = next(iter(said.values())).truth
    rows = np.flatnonzero((truth @ member).any(axis=1)).astype(np.int64)
    issues = _about_left_out(truth, grouping, setting)
    if not len(rows):
        return Managed(None, issues)
    inside = setting.among(rows, label_space=LabelSpace(task="multiclass", names=grouping.names))
    parts = {system: by_group(one.select(rows), grouping) for system, one in said.items()}
    judged = [MACRO_F1] if grouping.costs is None else [MACRO_F1, MEAN_COST]
    measures = [ACCURACY, PRECISION, RECALL, *judged]
    drawn = draw(parts, measures, sampling=inside.sampling("evaluate.management"), progress=progress)
    outside = {system: int((~part.decided.any(axis=1)).sum()) for system, part in parts.items()}
    found = Management(
        groups=grouping.groups,
        left_out=grouping.left_out,
        reports=len(rows),
        outside=outside,
        costs=grouping.named_costs,
        metrics=tuple(
            figure
            for system, part in parts.items()
            for measure in measures
            for metric in figures_of(system, part, measure, drawn, setting=inside)
            for figure in _with_thousand(metric)
        ),
        comparisons=tuple(differences(drawn, judged, inside)),
        confusion=tuple(confusions(parts, grouping.names)),
    )
    return Managed(found, [*issues, *_about_outside(outside)])


def by_group(answers: Answers, grouping: Grouping) -> Answers:
    """The answers over groups ``[n, g]``, with what each costs; an answer in no group has none of them."""
    member = grouping.member.astype(np.float64)
    truth, decided = (answers.truth @ member) > 0, (answers.decided @ member) > 0
    probabilities = np.clip(answers.probabilities @ member, 0.0, 1.0)
    return Answers("multiclass", truth, decided, probabilities, cost=_costs(truth, decided, grouping.costs))


def _costs(truth: Bools, decided: Bools, costs: Floats | None) -> Floats | None:
    """What each answer costs ``[n]``; one in no group as much as the costliest to such a report."""
    if costs is None:
        return None
    table = np.vstack([costs, costs.max(axis=0)])
    given = np.where(decided.any(axis=1), decided.argmax(axis=1), len(costs))
    found: Floats = table[given, truth.argmax(axis=1)]
    return found


def _with_thousand(metric: Metric) -> list[Metric]:
    """A figure; the mean cost also for a thousand reports."""
    if metric.name != MEAN_COST.name:
        return [metric]
    bounds = {
        name: None if value is None else 1000 * value
        for name, value in (("value", metric.value), ("low", metric.low), ("high", metric.high))
    }
    return [metric, metric.model_copy(update={"name": "cost_per_1000", **bounds})]


def _about_left_out(truth: Bools, grouping: Grouping, setting: Setting) -> list[Issue]:
    if not grouping.left_out:
        return []
    places = [setting.label_space.index(name) for name in grouping.left_out]
    count = int(truth[:, places].any(axis=1).sum())
    return [
        Issue(
            check=CHECK,
            severity="info",
            code="labels-in-no-group",
            message="labels in no group: {labels}; their reports ({count}) are left out of what is measured "
            "by group",
            values={"labels": list(grouping.left_out), "count": count},
            reports=count,
        )
    ]


def _about_outside(outside: Mapping[str, int]) -> list[Issue]:
    message = N_(
        "{system} gave {count} reports a label that is in no group: by group they count as wrong, at the "
        "highest cost that such reports can have"
    )
    return [
        Issue(
            check=CHECK,
            severity="warning",
            code="answers-in-no-group",
            message=message,
            values={"system": system, "count": count},
            reports=count,
        )
        for system, count in outside.items()
        if count and system in LEADING
    ]
