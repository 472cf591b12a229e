"""A fairness contract on a page: its gaps as marks beside the tolerance, between words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bert4text.core.evaluation import Evaluation
from bert4text.core.fairness import FairVerdict, Gap
from bert4text.core.messages import Translator
from bert4text.evaluation import fairness_said as words
from bert4text.evaluation.plots import WIDTH, canvas
from bert4text.evaluation.svg import INK, LINE, MARKERS, PALETTE, Shown, shortened

MOST = 20
"""Gaps that are drawn, the gravest first; the table has all."""

LOOKS: dict[FairVerdict, int] = {"fails": 1, "not-shown": 4, "holds": 2}
"""Where the colour and the mark of a verdict stand in the lists."""


def shown(
    evaluation: Evaluation, names: Mapping[str, str], *, translator: Translator
) -> dict[str, Any] | None:
    """What a page shows: the verdict, the contract, a figure and two tables; or None."""
    _, fairness = translator, evaluation.fairness
    if fairness is None:
        return None
    measured = words.in_order(fairness)
    tolerance = float(fairness.contract["tolerance"])
    return {
        "said": words.said(fairness, translator=_),
        "contract": words.contract_said(fairness, translator=_),
        "system": names.get(fairness.system, fairness.system),
        "left_out": words.left_out(fairness, translator=_),
        "figure": fairness_figure(measured, tolerance=tolerance, translator=_) if measured else None,
        "gaps": words.gap_table(fairness, translator=_),
        "groups": words.figure_table(fairness, translator=_),
    }


def fairness_figure(gaps: Sequence[Gap], *, tolerance: float, translator: Translator) -> Shown:
    """Draw gaps with their own 95 % intervals.

    Args:
        gaps: that could be measured, the gravest first.
        tolerance: of the contract.
        translator: the language.
    """
    _, some = translator, gaps[:MOST]
    called = [f"{words.between_said(g, translator=_)}: {words.what_said(g, translator=_)}" for g in some]
    title = _("gaps between groups")
    with canvas("fairness", title, height=1.1 + 0.24 * len(some), width=2 * WIDTH) as drawn:
        axes = drawn.figure.add_subplot()
        for place, gap in enumerate(some):
            look = LOOKS[gap.verdict]
            axes.plot([gap.low or 0.0, gap.high or 0.0], [place, place], color=PALETTE[look], linewidth=1.6)
            axes.plot([gap.value or 0.0], [place], color=PALETTE[look], marker=MARKERS[look], markersize=5)
        for kind in dict.fromkeys(gap.verdict for gap in some):
            look = LOOKS[kind]
            mark, colour = MARKERS[look], PALETTE[look]
            axes.plot([], [], color=colour, marker=mark, markersize=5, label=_(words.GAP_VERDICTS[kind]))
        for edge in (-tolerance, tolerance):
            axes.axvline(edge, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        axes.plot([], [], color=INK, linewidth=1.0, linestyle=(0, (4, 2)), label=_("tolerance"))
        axes.axvline(0, color=LINE, linewidth=0.8)
        axes.set(ylim=(len(some) - 0.5, -0.5))
        axes.set_yticks(range(len(some)), [shortened(name, 56) for name in called])
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        low, high = axes.get_xlim()
        ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
        axes.set_xticks(ticks, [_.number(float(tick), 2).replace("-", "−") for tick in ticks])
        axes.set_xlim(low, high)
        axes.set_xlabel(_("difference, with its 95% interval"))
        drawn.figure.legend(loc="outside lower center", ncols=4)
    caption = _(
        "Each line is one gap of the contract. A gap holds where its line lies between the dashed ones; it "
        "fails only where it lies beyond them even when all gaps are judged together."
    )
    if len(gaps) > MOST:
        more = _("Drawn are the {shown} gravest of {all}.", shown=MOST, all=len(gaps))
        caption = f"{caption} {more}"
    return Shown(_("Gaps between groups"), drawn.svg, caption, wide=True)
