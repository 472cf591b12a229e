"""Evaluate: the truth and several systems' answers in, an Evaluation out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError, DataError
from bert4text.core.evaluation import Comparison, Evaluation, Metric, ReliabilityBin, System
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress, silent
from bert4text.evaluation import findings
from bert4text.evaluation.answers import Answers, answers, truth_matrix
from bert4text.evaluation.compare import (
    changed,
    differences,
    differences_by_label,
    leading,
    with_discordant,
)
from bert4text.evaluation.config import EvaluateConfig
from bert4text.evaluation.curves import confusions, curves, learning_steps
from bert4text.evaluation.determinate import determinate
from bert4text.evaluation.draws import Setting, draw, figures_of
from bert4text.evaluation.intervals import group_index
from bert4text.evaluation.management import managed
from bert4text.evaluation.metrics import Measure, suitable
from bert4text.evaluation.reliability import bins_by_label, reliability_bins
from bert4text.evaluation.subgroups import subgroups


def evaluate(
    truth: Sequence[Sequence[str]],
    probabilities: Mapping[str, npt.NDArray[np.float64]],
    *,
    label_space: LabelSpace,
    groups: Sequence[str],
    decisions: Mapping[str, npt.NDArray[np.int64]] | None = None,
    patients: int | None = None,
    attributes: Mapping[str, Sequence[str | None]] | None = None,
    config: EvaluateConfig | None = None,
    seed: int = 7,
    corpus: str = "",
    split: str = "test",
    seen: int | None = None,
    synthetic: int = 0,
    systems: Sequence[System] = (),
    steps: Sequence[Mapping[str, Any]] = (),
    other: str | None = None,
    rows: Sequence[int] | None = None,
    progress: Progress = silent,
) -> Evaluation:
    """Measure every system on the same n reports, each figure with its interval, and compare them.

    Args:
        truth: the labels of each report.
        probabilities: ``{system: float[n, k]}``, calibrated, in the order of the label space; ``model``,
            ``tfidf`` and ``majority`` are compared, any other is compared with the one it is about.
        label_space: the question.
        groups: what belongs together, one for each report: the patient, or else the report itself.
        decisions: ``{system: int[n]}`` label indices after thresholds (``[n, k]`` of 0 and 1 for
            multilabel); a system without them decides for the most probable label.
        patients: how many patients, or None when unknown; names the intervals.
        attributes: ``{attribute: value of each report}``, for ``config.subgroups``.
        config: what to measure.
        seed: the project's seed.
        corpus: fingerprint of the corpus.
        split: the part of it that was measured.
        seen: looks at this part so far, this one included.
        synthetic: how many of the reports are synthetic.
        systems: names, digests and which one is delivered; by default the names of ``probabilities``.
        steps: the learning curve, one mapping for each step, as in ``steps.jsonl``.
        other: the system that is another run, compared label by label.
        rows: of the reports in their source; counted from 1 if not given.
        progress: where the resamples are counted.

    Raises:
        EmptyCorpusError: there are no reports.
        LabelError: a label is not in the space, or a report does not have exactly one.
        DataError: arrays do not fit the truth or are not probabilities.
        ConfigError: a subgroup's attribute is not there, no metric to compare on suits the question, or the
            groups of labels do not fit it.
    """
    settings = config or EvaluateConfig.parse({}, section="evaluate")
    matrix = truth_matrix(truth, label_space)
    if len(groups) != len(matrix) or not probabilities:
        raise DataError(
            "{groups} groups and {systems} systems were given for {reports} reports",
            hint="give one group for each report, and at least one system",
            code="bad-shape",
            groups=len(groups),
            systems=len(probabilities),
            reports=len(matrix),
        )
    index, count = group_index(groups)
    given = decisions or {}
    said = {
        name: answers(matrix, values, label_space=label_space, decisions=given.get(name))
        for name, values in probabilities.items()
    }
    compared = tuple(systems) or tuple(System(name=name) for name in said)
    setting = Setting(label_space, index, count, patients is not None, settings, seed, lead=leading(compared))
    measures = suitable(label_space, settings.metrics)
    by_group = managed(said, setting, progress)
    metrics, comparisons, by_label = _measured(said, measures, setting, progress, other=other)
    metrics += determinate(said, setting)
    metrics += subgroups(said, measures, setting, attributes or {})
    names, numbered = label_space.names, rows or range(1, len(matrix) + 1)
    return Evaluation(
        corpus=corpus,
        split=split,
        seen=seen,
        reports=len(matrix),
        patients=patients,
        synthetic=synthetic,
        labels=names,
        indeterminate=label_space.indeterminate,
        systems=compared,
        metrics=tuple(metrics),
        comparisons=tuple(comparisons),
        by_label=tuple(by_label),
        changed=() if other is None else tuple(changed(said[setting.lead], said[other], names, numbered)),
        confusion=tuple(confusions(said, names)),
        curves=tuple(curves(said, metrics, label_space)),
        reliability=tuple(_reliability(said, setting)),
        reliability_by_label=tuple(
            bins_by_label(
                said[setting.lead], system=setting.lead, labels=names, index=index, bins=settings.bins
            )
        ),
        issues=(*_issues(said, metrics, setting, synthetic), *by_group.issues),
        management=by_group.management,
        steps=tuple(learning_steps(steps)),
    )


def _measured(
    said: Mapping[str, Answers],
    measures: Sequence[Measure],
    setting: Setting,
    progress: Progress,
    *,
    other: str | None,
) -> tuple[list[Metric], list[Comparison], list[Comparison]]:
    compared = _compared(setting)
    wanted = list(measures) + [measure for measure in compared if measure not in measures]
    drawn = draw(said, wanted, sampling=setting.sampling(), progress=progress)
    metrics = [
        metric
        for name in said
        for measure in measures
        for metric in figures_of(name, said[name], measure, drawn, setting=setting)
    ]
    found = with_discordant(differences(drawn, compared, setting), dict(said), index=setting.index)
    truth = said[setting.lead].truth
    by_label = [] if other is None else differences_by_label(drawn, other, truth, setting)
    return metrics, found, by_label


def _compared(setting: Setting) -> list[Measure]:
    """The metrics that systems are compared on; the first gives the verdict."""
    task, names = setting.label_space.task, setting.config.compare_on
    found = [
        measure for measure in suitable(setting.label_space, names) if measure.suits(task, over_all=True)
    ]
    if not found:
        raise ConfigError(
            "[evaluate] compare_on names {metrics}, and none of them is one figure for a {task} question",
            hint="name macro_f1, accuracy or auroc",
            code="nothing-to-compare",
            metrics=list(names),
            task=task,
        )
    return found


def _reliability(said: Mapping[str, Answers], setting: Setting) -> Iterable[ReliabilityBin]:
    for name, one in said.items():
        if name != "majority":
            yield from reliability_bins(
                one,
                system=name,
                labels=setting.label_space.names,
                index=setting.index,
                bins=setting.config.bins,
            )


def _issues(
    said: Mapping[str, Answers], metrics: Sequence[Metric], setting: Setting, synthetic: int
) -> Iterable[Issue]:
    config, names = setting.config, setting.label_space.names
    truth = next(iter(said.values())).truth
    yield from findings.about_reports(
        len(truth),
        patients=setting.groups,
        known=setting.patients,
        minimum=config.minimum_patients,
        synthetic=synthetic,
    )
    yield from findings.about_classes(truth, names, minimum=config.minimum_class)
    yield from findings.about_systems(said, names)
    yield from findings.about_undefined(metrics, system=setting.lead)
