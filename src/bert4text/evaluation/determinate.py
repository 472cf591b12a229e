"""Determinate: the figures beside an indeterminate label, which means that a report allows no answer.

Reports whose true label is determinate are measured by themselves. One of them that is called indeterminate
is not answered, and counts as wrong whatever its label is: an answer that is not given must not pass for the
negative one (intention to diagnose: Schuetz, Schlattmann and Dewey, BMJ 2012, 345:e6717).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bert4text.core.evaluation import Evaluation, Metric
from bert4text.core.labels import LabelSpace
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.answers import Answers, Bools
from bert4text.evaluation.draws import Setting, draw, figures_of
from bert4text.evaluation.intervals import effective_size, wilson
from bert4text.evaluation.metrics import MACRO_F1, RECALL
from bert4text.evaluation.sentences import share_said

MACRO = "determinate_macro_f1"
SENSITIVITY, SPECIFICITY = "determinate_sensitivity", "determinate_specificity"
LOST, OVERCLAIMED = "lost", "overclaimed"

SAID = {
    LOST: N_(
        "Lost: {count} of {reports} reports that allow an answer were called “{label}” ({share}; 95% "
        "interval {low} to {high})."
    ),
    OVERCLAIMED: N_(
        "Over-claimed: {count} of {reports} reports of “{label}” were given an answer ({share}; 95% "
        "interval {low} to {high})."
    ),
}


def determinate(said: Mapping[str, Answers], setting: Setting) -> list[Metric]:
    """The figures of each system; none where the question has no indeterminate label.

    ``lost`` is the share of determinate reports that were called indeterminate, ``overclaimed`` that of
    indeterminate ones that were given another label. Over determinate reports: ``determinate_macro_f1``
    and, for two determinate labels, ``determinate_sensitivity`` (reports of the second that were called so)
    and ``determinate_specificity`` (reports of the first that were called so).
    """
    space = setting.label_space
    if space.indeterminate is None:
        return []
    place = space.index(space.indeterminate)
    found: list[Metric] = []
    for system, one in said.items():
        unclear, called = one.truth[:, place], one.decided[:, place]
        found.append(_share(system, LOST, called & ~unclear, ~unclear, setting))
        found.append(_share(system, OVERCLAIMED, ~called & unclear, unclear, setting))
    return [*found, *_answered(said, place, setting)]


def _share(system: str, name: str, hit: Bools, among: Bools, setting: Setting) -> Metric:
    total = int(among.sum())
    bounds = wilson(float(hit.sum()), total, effective=effective_size(hit, among, setting.index))
    return Metric(
        system=system,
        name=name,
        value=float(hit.sum()) / total if total else None,
        low=bounds and bounds[0],
        high=bounds and bounds[1],
        n=total,
        interval=bounds and f"wilson-{'patient' if setting.patients else 'report'}",
    )


def _answered(said: Mapping[str, Answers], place: int, setting: Setting) -> Iterable[Metric]:
    """Figures over the reports whose true label is determinate, and over these labels alone."""
    rows = np.flatnonzero(~next(iter(said.values())).truth[:, place]).astype(np.int64)
    if not len(rows):
        return
    names = setting.label_space.determinate
    inside = setting.among(rows, label_space=LabelSpace(task="multiclass", names=names))
    parts = {system: _without(one.select(rows), place) for system, one in said.items()}
    drawn = draw(parts, [MACRO_F1, RECALL], sampling=inside.sampling("evaluate.determinate"))
    called = {names[1]: SENSITIVITY, names[0]: SPECIFICITY} if len(names) == 2 else {}
    for system, part in parts.items():
        for metric in figures_of(system, part, MACRO_F1, drawn, setting=inside):
            yield metric.model_copy(update={"name": MACRO})
        for metric in figures_of(system, part, RECALL, drawn, setting=inside):
            if metric.label in called:
                yield metric.model_copy(update={"name": called[metric.label], "label": None})


def _without(answers: Answers, place: int) -> Answers:
    """The answers without one label: where it was given, no label is."""
    kept = [label for label in range(answers.labels) if label != place]
    return Answers(
        "multiclass", answers.truth[:, kept], answers.decided[:, kept], answers.probabilities[:, kept]
    )


def determinate_said(evaluation: Evaluation, *, system: str, translator: Translator) -> list[str]:
    """What became of reports that allow an answer and of those that do not, in words; maybe nothing."""
    _, said = translator, []
    for name, template in SAID.items():
        share = evaluation.metric(name, system=system)
        if share is not None and share.value is not None:
            said.append(
                _(
                    template,
                    count=_.integer(round(share.value * share.n)),
                    reports=_.integer(share.n),
                    label=evaluation.indeterminate,
                    share=share_said(share.value, translator=_),
                    low=share_said(share.low, translator=_),
                    high=share_said(share.high, translator=_),
                )
            )
    return said
