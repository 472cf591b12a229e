"""A fairness contract in words and tables: the verdict, what it rests on, and what could not be told."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from bert4text.core.fairness import DeclaredWhen, Fairness, FairVerdict, Gap
from bert4text.core.messages import N_, Translator
from bert4text.evaluation.sentences import Said, signed
from bert4text.evaluation.wording import CRITERIA, MEASURES

VERDICTS: dict[FairVerdict, str] = {
    "holds": N_("The fairness contract holds: no gap between groups is larger than {tolerance}."),
    "not-shown": N_("It is not shown that the fairness contract holds, nor that it fails."),
    "fails": N_("The fairness contract does not hold. Gaps between groups above {tolerance}: {count}."),
    "too-few": N_(
        "There are not enough reports to say whether the fairness contract holds: no two groups have "
        "{least} of those that count."
    ),
}

TONES: dict[FairVerdict, str] = {"holds": "good", "not-shown": "warn", "fails": "bad", "too-few": "warn"}

RANKS: dict[FairVerdict, int] = {"fails": 0, "not-shown": 1, "holds": 2}

GAP_VERDICTS: dict[FairVerdict, str] = {
    "holds": N_("holds"),
    "not-shown": N_("not shown"),
    "fails": N_("fails"),
}

DECLARED: dict[DeclaredWhen, str] = {
    "before-training": N_("declared before training ({date})"),
    "changed": N_("not the one declared before training ({date})"),
    "after-training": N_("declared after training"),
}


def said(fairness: Fairness, *, translator: Translator) -> Said:
    """The verdict in a sentence, how the gaps were judged, and the gravest of them."""
    _, contract, counts = translator, fairness.contract, Counter(gap.verdict for gap in fairness.gaps)
    verdict = _(
        VERDICTS[fairness.verdict],
        tolerance=_.number(contract["tolerance"]),
        least=_.integer(contract["minimum_n"]),
        count=_.integer(counts["fails"]),
    )
    measured = in_order(fairness)
    if not measured:
        return Said(verdict, "", TONES[fairness.verdict])
    judged = _(
        "Gaps that fail: {fails}; that hold: {holds}; not shown either way: {unclear}; not measured, since "
        "fewer than two groups have enough reports: {few}.",
        fails=_.integer(counts["fails"]),
        holds=_.integer(counts["holds"]),
        unclear=_.integer(counts["not-shown"]),
        few=_.integer(counts["too-few"]),
    )
    return Said(verdict, f"{judged} {gap_said(measured[0], translator=_)}", TONES[fairness.verdict])


def in_order(fairness: Fairness) -> list[Gap]:
    """The gaps that could be measured, the gravest first."""
    return sorted(
        (gap for gap in fairness.gaps if gap.value is not None),
        key=lambda gap: (RANKS[gap.verdict], -(gap.at_least or 0.0), -abs(gap.value or 0.0)),
    )


def gap_said(gap: Gap, *, translator: Translator) -> str:
    """The gravest gap in a sentence."""
    _ = translator
    return _(
        "The gravest: {between}, {what}, {value} (95% interval from {low} to {high}); at least {least} when "
        "all gaps are judged together.",
        what=what_said(gap, translator=_),
        between=between_said(gap, translator=_),
        value=signed(gap.value or 0.0, translator=_),
        low=signed(gap.low or 0.0, translator=_),
        high=signed(gap.high or 0.0, translator=_),
        least=_.number(gap.at_least),
    )


def what_said(gap: Gap, *, translator: Translator) -> str:
    """What a gap is of: the label and the measure."""
    measure = translator(MEASURES[gap.measure])
    return measure if gap.label is None else f"{gap.label}, {measure}"


def between_said(gap: Gap, *, translator: Translator) -> str:
    """Which groups it lies between."""
    if gap.high_group is None:
        return gap.attribute
    if gap.low_group is None:
        return gap.high_group
    return translator("{high} − {low}", high=gap.high_group, low=gap.low_group)


def contract_said(fairness: Fairness, *, translator: Translator) -> str:
    """The contract in one sentence, and when it was declared."""
    _, contract = translator, fairness.contract
    when = "" if fairness.declared_at is None else _.date(datetime.fromisoformat(fairness.declared_at))
    least = (
        _("groups of {least} patients or more", least=_.integer(contract["minimum_n"]))
        if fairness.unit == "patient"
        else _("groups of {least} reports or more", least=_.integer(contract["minimum_n"]))
    )
    return _(
        "Contract: {criteria}; {attributes}; tolerance {tolerance}; {least}; {declared}.",
        criteria=", ".join(_(CRITERIA[name]) for name in contract["criterion"]),
        attributes=", ".join(contract["attributes"]),
        tolerance=_.number(contract["tolerance"]),
        least=least,
        declared=_(DECLARED[fairness.declared], date=when),
    )


def left_out(fairness: Fairness, *, translator: Translator) -> list[str]:
    """What of each attribute was not compared, in sentences; values that few patients have are not named."""
    _ = translator
    told: list[str] = []
    for one in fairness.attributes:
        if one.small:
            told.append(
                _(
                    "{attribute}: values that too few have are not compared, nor named: {count}.",
                    attribute=one.name,
                    count=_.integer(one.small),
                )
            )
        if one.unknown:
            told.append(
                _(
                    "{attribute}: not known of {count} reports, which are in no group.",
                    attribute=one.name,
                    count=_.integer(one.unknown),
                )
            )
    return told


def gap_table(fairness: Fairness, *, translator: Translator) -> dict[str, Any]:
    """The gaps that could be measured, the gravest first: a head and rows."""
    _ = translator
    return {
        "head": [
            _("attribute"),
            _("label and measure"),
            _("gap"),
            _("difference, with 95% interval"),
            _("at least"),
            _("verdict"),
        ],
        "rows": [_row(gap, translator=_) for gap in in_order(fairness)],
    }


def _row(gap: Gap, *, translator: Translator) -> list[str]:
    _ = translator
    figures = _(
        "{value} ({low} to {high})",
        value=signed(gap.value or 0.0, translator=_),
        low=signed(gap.low or 0.0, translator=_),
        high=signed(gap.high or 0.0, translator=_),
    )
    what, between = what_said(gap, translator=_), between_said(gap, translator=_)
    return [gap.attribute, what, between, figures, _.number(gap.at_least), _(GAP_VERDICTS[gap.verdict])]


def figure_table(fairness: Fairness, *, translator: Translator) -> dict[str, Any]:
    """The figures of each group: a head and rows."""
    _ = translator
    return {
        "head": [
            _("attribute"),
            _("group"),
            _("label and measure"),
            _("value, with 95% interval"),
            _("patients") if fairness.unit == "patient" else _("reports"),
        ],
        "rows": [
            [
                one.attribute,
                one.group,
                _(MEASURES[one.measure]) if one.label is None else f"{one.label}, {_(MEASURES[one.measure])}",
                _(
                    "{value} ({low} to {high})",
                    value=_.number(one.value),
                    low=_.number(one.low),
                    high=_.number(one.high),
                ),
                _.integer(one.n),
            ]
            for one in fairness.figures
        ],
    }
