"""The figure of a stress suite: the rate of failures of each capability with its interval."""

from __future__ import annotations

from bert4text.core.messages import N_, Translator
from bert4text.core.stress import Holding, Stress
from bert4text.evaluation.plots import canvas
from bert4text.evaluation.svg import INK, MARKERS, PALETTE, SOFT
from bert4text.robustness.wording import VERDICTS, capability_name

WIDTH = 6.5
"""Inches; names of capabilities are long, and the figure takes the width of the page."""
_LOOKS: dict[Holding, int] = {"breaks": 1, "not-shown": 4, "holds": 2, "too-few": 6}
"""Verdict -> place in the lists of colors and marks."""


def rates_figure(found: Stress, *, translator: Translator) -> str | None:
    """SVG of the capabilities that were tried; None where none was.

    Args:
        found: by the suite.
        translator: the language of the figure.
    """
    _ = translator
    shown = [one for one in found.capabilities if one.rate is not None]
    if not shown:
        return None
    axis = _(N_("failures, share of the tests (95% interval, by patient)"))
    with canvas("stress", axis, height=0.9 + 0.22 * len(shown), width=WIDTH) as drawn:
        axes = drawn.figure.add_subplot()
        for place, one in enumerate(shown):
            look = _LOOKS[one.verdict]
            color = PALETTE[look]
            axes.plot([one.low or 0.0, one.high or 0.0], [place, place], color=color, linewidth=1.6)
            axes.plot([one.rate or 0.0], [place], color=color, marker=MARKERS[look], linestyle="none", ms=5)
            axes.plot([one.at_most] * 2, [place - 0.4, place + 0.4], color=INK, linewidth=1.0)
        for verdict, look in _LOOKS.items():
            if any(one.verdict == verdict for one in shown):
                label = _(VERDICTS[verdict])
                axes.plot([], [], color=PALETTE[look], marker=MARKERS[look], linestyle="none", label=label)
        axes.plot([], [], color=INK, linewidth=1.0, label=_(N_("allowed")))
        widest = max(max(one.high or 0.0, one.at_most) for one in shown)
        axes.set(ylim=(len(shown) - 0.5, -0.5), xlim=(-0.02 * widest, 1.05 * widest))
        axes.xaxis.set_major_formatter(lambda value, _place: translator.percent(value))
        axes.set_yticks(range(len(shown)), [capability_name(one.name, _) for one in shown])
        axes.tick_params(axis="y", length=0, labelcolor=SOFT)
        axes.grid(visible=False, axis="y")
        drawn.figure.supxlabel(axis, fontsize=9.0)
        drawn.figure.legend(loc="outside upper center", ncols=3)
    return drawn.svg
