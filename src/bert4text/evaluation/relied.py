"""Relied: what can be relied on, in words and tables: prediction sets, the guard, what errors cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bert4text.core.evaluation import Evaluation
from bert4text.core.messages import N_, Translator
from bert4text.core.reliance import Coverage, Reliance, Share
from bert4text.evaluation.point_said import point
from bert4text.evaluation.sentences import Said, share_said

PROMISES = {"overall": N_("of all reports"), "each-label": N_("of the reports of each label")}


def shown(evaluation: Evaluation, *, translator: Translator) -> dict[str, Any] | None:
    """What a page shows: sentences, tables of the promises and of what errors cost; or None."""
    found = evaluation.reliance
    if found is None:
        return None
    return {
        "said": said(found, translator=translator),
        "coverage": coverage_table(found, translator=translator),
        "by_label": label_table(found, translator=translator),
        "burden": burden_table(found, translator=translator),
    }


def said(found: Reliance, *, translator: Translator) -> list[Said]:
    """What can be relied on, the promise of prediction sets first."""
    parts = (_promise(found, translator), point(found, translator), _guard(found, translator))
    return [one for one in (*parts, _abstained(found, translator)) if one is not None]


def coverage_table(found: Reliance, *, translator: Translator) -> dict[str, Any]:
    """How each promise over all reports was kept, and how large the sets are."""
    _ = translator
    rows = [
        [
            _.percent(one.level),
            _(PROMISES[one.promise]),
            _interval(one.covered, _),
            _.number(one.labels),
            "–" if one.single is None else _.percent(one.single.value),
        ]
        for one in found.coverage
        if one.label is None
    ]
    head = [
        _("promised"),
        _("kept of"),
        _("true label in the set, with 95% interval"),
        _("labels in a set"),
        _("sets of one label"),
    ]
    return {"head": head, "rows": rows}


def label_table(found: Reliance, *, translator: Translator) -> dict[str, Any]:
    """How the promises were kept of each label, at the level that is used if nothing is asked for."""
    _ = translator
    rows = [
        [
            one.label,
            _(PROMISES[one.promise]),
            _.integer(one.covered.n),
            _interval(one.covered, _),
            _("yes") if one.excluded else _("no: too few calibration reports, it is in every set"),
        ]
        for one in found.coverage
        if one.label is not None and one.level == found.level
    ]
    head = [
        _("label"),
        _("promise of {level}", level=_.percent(found.level)) if found.level else "",
        _("reports"),
        _("true label in the set, with 95% interval"),
        _("can be excluded"),
    ]
    return {"head": head, "rows": rows}


def burden_table(found: Reliance, *, translator: Translator) -> dict[str, Any]:
    """Missed reports, extra readings and those left to a person in a thousand, by label."""
    _ = translator
    some = any(one.left.value for one in found.burden)
    rows = [
        [one.label, *(_thousand(share, _) for share in (one.missed, one.extra, *([one.left] * some)))]
        for one in found.burden
    ]
    head = [
        _("label"),
        _("missed in 1,000 reports, with 95% interval"),
        _("given wrongly in 1,000 reports, with 95% interval"),
        *([_("left to a person in 1,000 reports, with 95% interval")] * some),
    ]
    return {"head": head, "rows": rows}


def _promise(found: Reliance, _: Translator) -> Said | None:
    if found.level is None:
        return None
    of_all = found.covered()
    measured = [of_all] if found.promise == "overall" and of_all else _labels(found)
    broken = [one for one in measured if one.covered.high is not None and one.covered.high < one.level]
    worst = min(measured, key=lambda one: 1.0 if one.covered.value is None else one.covered.value)
    values = {"level": _.percent(found.level), "share": _interval(worst.covered, _)}
    if worst.label is None:
        kept = _(
            "Prediction sets hold the true label of {share} of the reports; {level} was promised.", **values
        )
    else:
        kept = _(
            "Prediction sets hold the true label of {share} of the reports of {label}, the least kept label; "
            "{level} was promised of each.",
            label=worst.label,
            **values,
        )
    tone = "bad" if broken else "good"
    if worst.label is None and (hidden := _hidden(found)) is not None:
        tone = tone if broken else "warn"
        told = _(
            "A promise over all reports is none for each label: of the reports of {label} it is {share}.",
            label=hidden.label,
            share=_interval(hidden.covered, _),
        )
        kept = f"{kept} {told}"
    if of_all is None or of_all.single is None or of_all.single.value is None:
        return Said(kept, "", tone)
    several = 1.0 - of_all.single.value
    reports = several * found.reports_per_day
    figures = _(
        "{single} of the sets have one label. If a person reads the others, that is about {reports} of {day} "
        "reports a day: {minutes} minutes at {each} a report.",
        single=_.percent(of_all.single.value),
        day=_.integer(found.reports_per_day),
        reports=_.integer(round(reports)),
        minutes=_.integer(round(reports * found.minutes)),
        each=_.number(found.minutes, 1),
    )
    return Said(kept, figures, tone)


def _hidden(found: Reliance) -> Coverage | None:
    """The label whose reports a promise over all serves worst, where that is shown to be below it."""
    below = [
        one
        for one in _labels(found)
        if one.label and one.covered.high is not None and one.covered.high < one.level
    ]
    return min(below, key=lambda one: one.covered.value or 0.0, default=None)


def _labels(found: Reliance) -> list[Coverage]:
    kept = [
        one
        for one in found.coverage
        if one.label and (one.level, one.promise) == (found.level, found.promise) and one.covered.n
    ]
    of_all = found.covered()
    return kept or ([of_all] if of_all else [])


def _guard(found: Reliance, _: Translator) -> Said | None:
    if found.guarded is None or found.guarded.value is None:
        return None
    share = _interval(found.guarded, _)
    if found.promised is None:
        return Said(
            _(
                "The guard has no limit for reports unlike those of calibration: they were too few to "
                "promise how many it stops by mistake. It stops other languages alone, where these can be "
                "told."
            ),
            "",
            "warn",
        )
    broken = found.guarded.low is not None and found.guarded.low > found.promised
    return Said(
        _(
            "The guard leaves {share} of these reports to a person as unlike those of calibration; at most "
            "{promised} was promised.",
            share=share,
            promised=_.percent(found.promised, 1),
        ),
        "",
        "bad" if broken else "good",
    )


def _abstained(found: Reliance, _: Translator) -> Said | None:
    if found.abstained is None or found.risk is None or found.risk.value is None:
        return None
    return Said(
        _(
            "It leaves {share} of the reports to a person because it is not sure enough; of the answers it "
            "gives, {risk} are wrong. All other figures are measured as if every report were answered.",
            share=_interval(found.abstained, _),
            risk=_interval(found.risk, _),
        ),
        "",
        "",
    )


def _interval(share: Share, _: Translator) -> str:
    if share.value is None:
        return "–"
    if share.low is None or share.high is None:
        return share_said(share.value, translator=_)
    return _(
        "{value} ({low} to {high})",
        value=share_said(share.value, translator=_),
        low=share_said(share.low, translator=_),
        high=share_said(share.high, translator=_),
    )


def _thousand(share: Share, _: Translator) -> str:
    if share.value is None or share.low is None or share.high is None:
        return "–"
    value, low, high = (_.integer(round(1000 * one)) for one in (share.value, share.low, share.high))
    return _("{value} ({low} to {high})", value=value, low=low, high=high)


def words(found: Reliance, *, translator: Translator) -> Iterable[str]:
    """What a screen says of it, one sentence after the other."""
    for one in said(found, translator=translator):
        yield f"{one.verdict} {one.figures}".strip()
