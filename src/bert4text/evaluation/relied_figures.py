"""Figures of what can be relied on: how wrong the surest answers are, and what acting on a label is worth."""

from __future__ import annotations

from collections.abc import Mapping

from bert4text.core.evaluation import Evaluation
from bert4text.core.messages import Translator
from bert4text.core.reliance import Benefit
from bert4text.evaluation import relied_plots
from bert4text.evaluation.svg import Shown, distinct

MOST_LABELS = 6


def selection_figure(evaluation: Evaluation, *, translator: Translator) -> Shown | None:
    """The share of wrong answers by the share that is answered; None where several labels may hold."""
    _, found = translator, evaluation.reliance
    if found is None or found.selection is None:
        return None
    kept = found.selection
    half = min(range(len(kept.answered)), key=lambda place: abs(kept.answered[place] - 0.5))
    caption = _(
        "If only the surest answers are given and the rest is read by a person: of the surest half {half} "
        "are wrong, of all {all}.",
        half=_.percent(kept.risk[half], 1),
        all=_.percent(kept.risk[-1], 1),
    )
    return Shown(
        _("Leaving reports to a person"),
        relied_plots.selection_curve(kept.answered, kept.risk, translator=_),
        caption,
    )


def benefit_figure(
    evaluation: Evaluation, lead: str, *, names: Mapping[str, str], translator: Translator
) -> Shown | None:
    """Decision curves: of one label all systems, of several labels the one that answers."""
    _, found = translator, evaluation.reliance
    curves = () if found is None else found.benefit
    labels = list(dict.fromkeys(curve.label for curve in curves))
    if not labels:
        return None
    if len(labels) == 1:
        called = {"all": _("act on every report"), **names}
        lines = [(called.get(curve.system, curve.system), curve) for curve in curves]
        about = _("For the label {label}.", label=labels[0])
    else:
        short = distinct(evaluation.labels)
        shown = sorted(labels, key=lambda label: -_share(curves, label))[:MOST_LABELS]
        lines = [(short[c.label], c) for c in curves if c.system == lead and c.label in shown]
        about = _("Each label against all others, by {system}.", system=names[lead])
    caption = _(
        "{about} Whoever acts from a probability of 20% on holds one missed report for as bad as four acted "
        "on in vain; there, the higher line is worth more. 0 is acting on none: below it a model does harm.",
        about=about,
    )
    return Shown(_("Is acting on it worth it?"), relied_plots.benefit_curves(lines, translator=_), caption)


def _share(curves: tuple[Benefit, ...], label: str) -> float:
    """The share of reports with a label: what acting on all is worth where that costs next to nothing."""
    return max(
        (curve.y[0] for curve in curves if curve.label == label and curve.system == "all"), default=0.0
    )
