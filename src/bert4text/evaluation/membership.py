"""Membership inference: can it be told from a model's answers which reports it learned from?

Two attacks by who has a report, its label and the model's probabilities. ``loss``: a report that is answered
with a small loss was learned from (Yeom et al., 2018, "Privacy Risk in Machine Learning: Analyzing the
Connection to Overfitting"). ``calibrated``: some reports are easy for every model, so the loss of a
reference model that has not seen the report is taken off first (Watson et al., 2022, "On the Importance of
Difficulty Calibration in Membership Inference Attacks"). Beside the area under the ROC curve stands how many
members are named at one false alarm in a
hundred: an attack that is sure of a few persons harms these (Carlini et al., 2022, "Membership Inference
Attacks From First Principles").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bert4text.core import seeds
from bert4text.core.evaluation import Metric
from bert4text.core.issue import Issue
from bert4text.evaluation.answers import Bools, Floats
from bert4text.evaluation.intervals import (
    accelerated,
    expanded,
    group_index,
    leave_one_out,
    resamples,
    wilson,
)
from bert4text.evaluation.ranking import Ranking, ranking

FALSE_ALARMS = 0.01
"""Share of the reports not learned from that may be named."""

TINY = 1e-12

CONTROL = "control"
"""No attack: what the reference models alone would say of the two sides, which they have not seen either
of."""


def report_losses(probabilities: Floats, truth: Bools, *, many: bool) -> Floats:
    """The negative log-likelihood of each report, [n]; where several labels may hold, their mean.

    Args:
        probabilities: [n, k].
        truth: bool [n, k], which labels hold.
        many: whether several may.
    """
    kept = np.clip(probabilities.astype(np.float64), TINY, 1.0)
    if not many:
        found: Floats = -np.log((kept * truth).sum(axis=1))
        return found
    others = np.clip(1.0 - probabilities, TINY, 1.0)
    mean: Floats = -np.where(truth, np.log(kept), np.log(others)).mean(axis=1)
    return mean


def attack_figures(
    scores: Mapping[str, Floats],
    members: Bools,
    *,
    groups: Sequence[str],
    patients: bool,
    count: int,
    seed: int,
) -> tuple[Metric, ...]:
    """How well each attack tells members from others, with 95 % intervals by resampling patients.

    Args:
        scores: of each attack, float64 [n]; the higher, the more a report is taken for a member.
        members: bool [n], which reports were learned from.
        groups: the patient of each report, or the report itself.
        patients: whether patients are known.
        count: resamples.
        seed: the one seed.

    Returns:
        ``attack_auc`` and ``attack_tpr`` of each attack; ``system`` is its name.
    """
    index, number = group_index(groups)
    unit = "patient" if patients else "report"
    fewest = min(len(np.unique(index[members])), len(np.unique(index[~members])))
    found: list[Metric] = []
    for name, score in scores.items():
        ranked = ranking(score, members)
        value = _both(ranked, np.ones((1, len(members))))[0]
        random = seeds.rng(seed, f"evaluation.membership.{name}")
        drawn = np.concatenate(
            [_both(ranked, weights) for weights in resamples(index, count=count, random=random)]
        )
        left = [_both(ranked, weights) for weights in leave_one_out(index)]
        left_out = np.concatenate(left)[:, 0] if left else np.empty(0)
        bounds = (
            accelerated(float(value[0]), drawn[:, 0], left_out),
            expanded(float(value[1]), drawn[:, 1], groups=number),
        )
        for place, metric in enumerate(("attack_auc", "attack_tpr")):
            how, (low, high) = "bootstrap", bounds[place] or (None, None)
            if bounds[place] is None:  # all are told, or none: no resample differs, and a share says how sure
                shares = wilson(float(value[place]) * fewest, fewest)
                how, (low, high) = "wilson", shares or (None, None)
            found.append(
                Metric(
                    system=name,
                    name=metric,
                    value=float(value[place]),
                    low=low,
                    high=high,
                    n=len(members),
                    interval=None if low is None else f"{how}-{unit}",
                )
            )
    return tuple(found)


def told_by(metrics: Sequence[Metric]) -> list[Metric]:
    """Areas of attacks that tell members better than by guessing, within their intervals."""
    areas = [one for one in metrics if one.name == "attack_auc" and one.system != CONTROL]
    return [one for one in areas if one.low is not None and one.low > 0.5]


def about_members(metrics: Sequence[Metric], *, others: int, epsilon: float | None = None) -> list[Issue]:
    """What a reader must know: members can be told, or there are too few others to see false alarms.

    Args:
        metrics: what the attacks found.
        others: reports compared that were not learned from.
        epsilon: of the training, where it was private; a smaller one is proposed then.
    """
    found = []
    told = told_by(metrics)
    if told:
        worst = max(told, key=lambda one: one.value or 0.0)
        found.append(
            Issue(
                check="membership",
                severity="warning",
                code="members-told",
                message="who has a report can tell from the answers better than by guessing whether the "
                "model learned "
                "from it (area under the curve {auc}): treat the model as confidential as the reports",
                values={"auc": round(worst.value or 0.0, 2)},
                remedy={"train.private.epsilon": 8 if epsilon is None else round(epsilon / 2, 2)},
            )
        )
    control = next((one for one in metrics if (one.system, one.name) == (CONTROL, "attack_auc")), None)
    bounds = None if control is None else (control.low, control.high)
    if bounds is not None and None not in bounds and not (bounds[0] or 0) <= 0.5 <= (bounds[1] or 1):
        found.append(
            Issue(
                check="membership",
                severity="warning",
                code="sides-differ",
                message="models that have seen neither side tell them apart too (area under the curve "
                "{auc}): reports "
                "learned from and others differ by themselves, and the attacks cannot be read",
                values={"auc": round(0.0 if control is None else control.value or 0.0, 2)},
            )
        )
    if others * FALSE_ALARMS < 1:
        found.append(
            Issue(
                check="membership",
                severity="info",
                code="few-others",
                message="{others} reports were not learned from: one false alarm in a hundred cannot be "
                "seen, and none "
                "was allowed",
                values={"others": others},
                reports=others,
            )
        )
    return found


def _both(ranked: Ranking, weights: Floats) -> Floats:
    """Area under the ROC curve, and the share of members named within the false alarms allowed, [B, 2]."""
    true, false = ranked.counts(weights)
    members, others = true[:, -1], false[:, -1]
    auc, _ = ranked.areas(weights)
    allowed = false <= FALSE_ALARMS * others[:, None] + 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(allowed, true, 0.0).max(axis=1) / members
    missing = (members == 0) | (others == 0)
    found: Floats = np.stack([auc, np.where(missing, np.nan, rate)], axis=1)
    return found
