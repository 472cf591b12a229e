"""Attacked: what a membership inference audit found, in words and as a table."""

from __future__ import annotations

from typing import Any

from bert4text.core.evaluation import Evaluation, Membership
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.membership import CONTROL, told_by
from bert4text.evaluation.sentences import Said, interval_said

ATTACKS: dict[str, str] = {
    "loss": N_("by how sure the answer is"),
    "calibrated": N_("by how much surer it is than models that have not seen the report"),
    CONTROL: N_("control: models that have seen neither side; 0.5 unless the sides differ by themselves"),
}


def attack_said(membership: Membership, *, translator: Translator) -> Said:
    """The verdict in a sentence, and what it rests on."""
    _ = translator
    told = told_by(membership.metrics)
    verdict = (
        _(
            "Who has a report can tell from the answers, better than by guessing, whether the model "
            "learned from it."
        )
        if told
        else _("It is not shown that the answers tell which reports the model learned from.")
    )
    figures = _(
        "{members} reports that it learned from were compared with {others} that it has not seen. Area "
        "under the curve: "
        "0.5 is guessing, 1 is certainty. A better attack than these may tell more.",
        members=_.integer(membership.members),
        others=_.integer(membership.others),
    )
    return Said(tone="bad" if told else "", verdict=verdict, figures=figures)


def attack_table(membership: Membership, *, translator: Translator) -> dict[str, Any]:
    """One row for each attack: its name, the area, and the members named at one false alarm in a hundred."""
    _ = translator
    rows = []
    for name in dict.fromkeys(one.system for one in membership.metrics):
        auc, tpr = (membership.metric(metric, attack=name) for metric in ("attack_auc", "attack_tpr"))
        rows.append(
            [
                _(ATTACKS.get(name, name)),
                interval_said(auc, translator=_),
                interval_said(tpr, translator=_, digits=3),
            ]
        )
    head = [_("attack"), _("area under the curve"), _("members named at 1% false alarms")]
    return {"head": head, "rows": rows}


def shown(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any] | None:
    """What a page shows: the verdict, a table, and the budget of a private training; or None."""
    membership = evaluation.membership
    if membership is None:
        return None
    return {
        "said": attack_said(membership, translator=translator),
        "table": attack_table(membership, translator=translator),
        "private": budget_said(membership, translator=translator),
    }


def budget_said(membership: Membership, *, translator: Translator) -> str | None:
    """What differential privacy allows any attack on one patient, where the model was trained with it."""
    _ = translator
    if membership.epsilon is None or membership.delta is None:
        return None
    return _(
        "Trained with differential privacy: epsilon {epsilon}, delta {delta}. Whatever the attack, at 1% "
        "false alarms it "
        "names at most {most} of the patients.",
        epsilon=_.number(membership.epsilon, 2),
        delta=f"{membership.delta:.0e}",
        most=_.percent(membership.most_named),
    )
