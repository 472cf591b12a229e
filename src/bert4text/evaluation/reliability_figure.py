"""The reliability diagram of the scorecard, and the sentences under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bert4text.core.evaluation import Evaluation, ReliabilityBin
from bert4text.core.messages import Translator
from bert4text.evaluation import plots, relied_plots
from bert4text.evaluation.svg import Shown, distinct, shortened

MOST = 6
"""Labels of which a diagram is drawn."""


def reliability_figure(
    evaluation: Evaluation, lead: str, *, names: Mapping[str, str], translator: Translator
) -> Shown | None:
    """The diagram of the lead system, TF-IDF beside it; None without bins of the lead system."""
    _ = translator
    wanted = list(dict.fromkeys([lead, "tfidf"]))
    bins = {s: [b for b in evaluation.reliability if b.system == s] for s in wanted}
    bins = {system: found for system, found in bins.items() if found}
    if lead not in bins:
        return None
    several = sum(b.n for b in bins[lead]) > evaluation.reports
    caption = _(
        "Marks on the dotted line mean that a probability can be taken at its word: of the reports given "
        "80%, 80% came true. Bars are 95% intervals; below, how many reports a mark stands for. {says}",
        says=_gap_said(bins[lead], names[lead], translator=_),
    )
    if several:
        caption = f"{caption} {_('Each label of each report is counted as one answer.')}"
    svg = plots.reliability_diagram(
        bins,
        names=names,
        axis=_axis(bins[lead][0].label, several=several, translator=_),
        counted=_("answers") if several else _("reports"),
        translator=_,
    )
    return Shown(_("Can the probabilities be believed?"), svg, caption)


def label_figure(evaluation: Evaluation, *, translator: Translator) -> Shown | None:
    """A small diagram of each label against all others, the most frequent ones; None of two labels."""
    _ = translator
    found: dict[str, list[ReliabilityBin]] = {}
    for one in evaluation.reliability_by_label:
        found.setdefault(str(one.label), []).append(one)
    if not found:
        return None
    short = distinct(evaluation.labels)
    often = sorted(found, key=lambda label: -sum(one.n * one.observed for one in found[label]))[:MOST]
    shown = {short[label]: found[label] for label in evaluation.labels if label in often}
    caption = _(
        "The same of each label against all others: of the reports to which a label was given with some "
        "probability, the share that has it, with 95% intervals. Below the dotted line it is given too "
        "surely."
    )
    if len(often) < len(found):
        only = _("Drawn are the {shown} most frequent of {all} labels.", shown=len(often), all=len(found))
        caption = f"{caption} {only}"
    svg = relied_plots.reliability_grid(shown, translator=_)
    return Shown(_("Can they be believed, label by label?"), svg, caption, wide=True)


def _gap_said(bins: Sequence[ReliabilityBin], name: str, *, translator: Translator) -> str:
    """How far the probabilities are off on average."""
    _ = translator
    gap = sum(b.n * (b.mean - b.observed) for b in bins) / sum(b.n for b in bins)
    if abs(gap) < 0.01:
        return _("On average {name}'s probabilities are right to within 1%.", name=name)
    if gap > 0:
        return _("On average {name}'s probabilities are {gap} too high.", name=name, gap=_.percent(gap))
    return _("On average {name}'s probabilities are {gap} too low.", name=name, gap=_.percent(-gap))


def _axis(label: str | None, *, several: bool, translator: Translator) -> str:
    """Whose probability is checked (``tally.confidence``)."""
    _ = translator
    if label is not None:
        return _("probability of {label}", label=shortened(label, 40))
    return _("probability of each label") if several else _("probability of the most probable label")
