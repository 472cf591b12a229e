"""Figures of what can be relied on, as SVG: reliability by label, risk by coverage, decision curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bert4text.core.evaluation import ReliabilityBin
from bert4text.core.messages import Translator
from bert4text.core.reliance import Benefit
from bert4text.evaluation.plots import WIDTH, canvas, unit_square
from bert4text.evaluation.svg import ACCENT, DASHES, PALETTE, SOFT, place_of, wrapped


def reliability_grid(bins: Mapping[str, Sequence[ReliabilityBin]], *, translator: Translator) -> str:
    """A small reliability diagram of each label, three in a row."""
    _, rows = translator, -(-len(bins) // 3)
    title = _("reliability, label by label")
    with canvas("reliability-labels", title, height=2.6 * rows, width=2 * WIDTH) as drawn:
        frames = drawn.figure.subplots(rows, 3, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, (label, found) in zip(frames, bins.items(), strict=False):
            axes.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (2, 2)))
            errors = [[one.observed - one.low for one in found], [one.high - one.observed for one in found]]
            axes.errorbar(
                [one.mean for one in found],
                [one.observed for one in found],
                yerr=errors,
                color=ACCENT,
                marker="o",
                markersize=4,
                linewidth=1.0,
                elinewidth=0.8,
            )
            axes.set_title(label, fontsize=9.5)
            unit_square(axes, _)
        for axes in frames[len(bins) :]:
            axes.set_axis_off()
        drawn.figure.supxlabel(_("probability of the label"), fontsize=9.5)
        drawn.figure.supylabel(_("share that has it"), fontsize=9.5)
    return drawn.svg


def selection_curve(answered: Sequence[float], risk: Sequence[float], *, translator: Translator) -> str:
    """The share of wrong answers against the share of reports that are answered, the surest first."""
    _ = translator
    with canvas("selection", _("risk of the answers that are given"), height=3.2) as drawn:
        axes = drawn.figure.add_subplot()
        axes.plot(answered, risk, color=ACCENT)
        axes.set_xlabel(wrapped(_("share of reports that are answered, the surest first")))
        axes.set_ylabel(wrapped(_("share of wrong answers"), 44))
        axes.set(xlim=(0, 1.02), ylim=(0, max(0.05, 1.1 * max(risk))))
        axes.xaxis.set_major_formatter(lambda value, _place: translator.percent(value))
        axes.yaxis.set_major_formatter(lambda value, _place: translator.percent(value))
    return drawn.svg


def benefit_curves(lines: Sequence[tuple[str, Benefit]], *, translator: Translator) -> str:
    """Net benefit against the probability from which one acts; a name of each curve."""
    _ = translator
    with canvas("benefit", _("decision curve"), height=3.4 + 0.2 * len(lines)) as drawn:
        axes = drawn.figure.add_subplot()
        one_label = len({curve.label for _name, curve in lines}) == 1
        for order, (name, curve) in enumerate(lines):
            place = place_of(curve.system, order) if one_label else order
            axes.plot(
                curve.x,
                curve.y,
                color=SOFT if curve.system == "all" else PALETTE[place % len(PALETTE)],
                linestyle=(0, (2, 2)) if curve.system == "all" else DASHES[place % len(DASHES)],
                label=name,
            )
        axes.axhline(0.0, color=SOFT, linewidth=0.9, label=_("act on none"))
        top = max(max(curve.y) for _name, curve in lines)
        axes.set(xlim=(0, 1.0), ylim=(-0.25 * top - 0.01, 1.15 * top + 0.01))
        axes.set_xlabel(wrapped(_("probability from which one acts")))
        axes.set_ylabel(wrapped(_("net benefit a report (higher is better)"), 44))
        axes.xaxis.set_major_formatter(lambda value, _place: translator.percent(value))
        axes.yaxis.set_major_formatter(lambda value, _place: translator.number(value, 2))
        drawn.figure.legend(loc="outside lower center", ncols=1)
    return drawn.svg
