"""Figures as SVG text: the same bytes each time, readable without colour, light and dark.

The only importer of matplotlib; figures are made object by object, never through pyplot's global state.
Every series has a colour of Okabe & Ito (2008) **and** a dash or a marker of its own.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bert4text.core.evaluation import Confusion, Curve, ReliabilityBin
from bert4text.core.messages import Translator
from bert4text.evaluation.svg import (
    ACCENT,
    DASHES,
    MARKERS,
    PALETTE,
    SOFT,
    STYLE,
    distinct,
    embedded,
    place_of,
    wrapped,
)

_LOCK = threading.Lock()

WIDTH = 4.2
"""Inches; 302 units of the drawing, so that text of size 9.5 is readable on a page 360 pixels wide."""

WIDE = 8
"""Labels above which a confusion matrix takes the width of two figures."""


@dataclass
class Canvas:
    """A figure being drawn, and its SVG once finished."""

    figure: Figure
    name: str
    title: str
    svg: str = field(default="")


@contextmanager
def canvas(name: str, title: str, *, height: float, width: float = WIDTH) -> Iterator[Canvas]:
    """Yield a figure; afterwards its ``svg`` is set."""
    with _LOCK, warnings.catch_warnings(), mpl.rc_context():
        warnings.simplefilter("ignore")  # a name may hold a sign that the measuring font lacks
        mpl.rcdefaults()  # whatever a matplotlibrc of the user says, the bytes are the same
        mpl.rcParams.update(STYLE)
        drawn = Canvas(Figure(figsize=(width, height), layout="constrained"), name, title)
        yield drawn
        stream = io.StringIO()
        drawn.figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    drawn.svg = embedded(stream.getvalue(), name, title)


def confusion_matrix(confusion: Confusion, *, translator: Translator, name: str = "confusion") -> str:
    """Counts of true labels (rows) by given labels (columns); shade is the share of the row."""
    _, k = translator, len(confusion.labels)
    wide = k > WIDE
    width = 2 * WIDTH if wide else WIDTH
    size = min(9.0, max(5.0, 150.0 / k))
    with canvas(name, _("confusion matrix"), height=width * (0.82 if k <= 3 else 0.9), width=width) as drawn:
        axes = drawn.figure.add_subplot()
        for i, row in enumerate(confusion.rows):
            total = sum(row)
            for j, count in enumerate(row):
                if count:
                    _cell(axes, (j, i), count / total, right=i == j)
                text = "" if k > 25 or (wide and not count) else _.integer(count)
                weight = "bold" if i == j else "normal"
                axes.text(j, i, text, ha="center", va="center", fontsize=size, fontweight=weight)
        axes.set(xlim=(-0.5, k - 0.5), ylim=(k - 0.5, -0.5), aspect="equal" if k > 3 else "auto")
        shown = list(distinct(confusion.labels, 20 if wide else 14).values())
        tilt = 0 if k <= 3 else 45
        axes.set_xticks(range(k), shown, rotation=tilt, ha="center" if not tilt else "right")
        axes.set_yticks(range(k), shown)
        axes.tick_params(length=0, labelsize=size)
        axes.grid(visible=False)
        axes.set_xlabel(_("given label (reports)"))
        axes.set_ylabel(_("true label (reports)"))
    return drawn.svg


def _cell(axes: Axes, place: tuple[int, int], share: float, *, right: bool) -> None:
    x, y = place
    axes.fill(
        [x - 0.48, x + 0.48, x + 0.48, x - 0.48],
        [y - 0.48, y - 0.48, y + 0.48, y + 0.48],
        facecolor=ACCENT if right else "#d55e00",
        alpha=0.04 + 0.5 * share,
        edgecolor="none",
    )


def curve_figure(
    curves: Sequence[Curve],
    names: Sequence[str],
    *,
    kind: str,
    translator: Translator,
    prevalence: float | None = None,
) -> str:
    """ROC or precision-recall curves in one frame.

    Args:
        curves: all of one ``kind``, at most eight.
        names: how each is called in the legend, with its area.
        kind: ``roc`` or ``precision-recall``.
        translator: the language.
        prevalence: share of reports with the label, the line of a blind guess (precision-recall).
    """
    _ = translator
    title = _("ROC curve") if kind == "roc" else _("precision-recall curve")
    with canvas(kind, title, height=3.7 + 0.2 * len(curves)) as drawn:
        axes = drawn.figure.add_subplot()
        one_label = len({curve.label for curve in curves}) == 1
        for order, (curve, name) in enumerate(zip(curves, names, strict=True)):
            place = place_of(curve.system, order) if one_label else order
            axes.plot(
                curve.x,
                curve.y,
                drawstyle="default" if kind == "roc" else "steps-pre",
                color=PALETTE[place % len(PALETTE)],
                linestyle=DASHES[place % len(DASHES)],
                label=name,
            )
        if kind == "roc":
            axes.plot(
                [0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (2, 2)), label=_("blind guess")
            )
            axes.set_xlabel(wrapped(_("false alarms: share of reports without the label")))
            axes.set_ylabel(wrapped(_("found: share of reports with the label"), 44))
        else:
            if prevalence is not None:
                axes.axhline(
                    prevalence, color=SOFT, linewidth=0.9, linestyle=(0, (2, 2)), label=_("blind guess")
                )
            axes.set_xlabel(wrapped(_("recall: share of reports with the label found")))
            axes.set_ylabel(wrapped(_("precision: share of those found that are right"), 44))
        unit_square(axes, _)
        drawn.figure.legend(loc="outside lower center", ncols=1)
    return drawn.svg


def unit_square(axes: Axes, translator: Translator) -> None:
    """Both axes from 0 to 1, ticks in the language."""
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    shown = [translator.number(tick, 1) for tick in ticks]
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.set_xticks(ticks, shown)
    axes.set_yticks(ticks, shown)


def reliability_diagram(
    bins: Mapping[str, Sequence[ReliabilityBin]],
    *,
    names: Mapping[str, str],
    axis: str,
    counted: str,
    translator: Translator,
) -> str:
    """Mean probability against the share that came true, with intervals; below, how many there are.

    Args:
        bins: those of each system.
        names: what the systems are called.
        axis: whose probability it is.
        counted: what the lower part counts.
        translator: the language.
    """
    _ = translator
    with canvas("reliability", _("reliability diagram"), height=4.6) as drawn:
        upper, lower = drawn.figure.subplots(2, 1, height_ratios=[3, 1], sharex=True)
        upper.plot([0, 1], [0, 1], color=SOFT, linewidth=0.9, linestyle=(0, (2, 2)), label=_("perfect"))
        for order, (system, found) in enumerate(bins.items()):
            place = place_of(system, order)
            style = {"color": PALETTE[place], "marker": MARKERS[place], "markersize": 5}
            means = [b.mean for b in found]
            errors = [[b.observed - b.low for b in found], [b.high - b.observed for b in found]]
            upper.errorbar(
                means,
                [b.observed for b in found],
                yerr=errors,
                linestyle=DASHES[place],
                linewidth=1.1,
                elinewidth=0.9,
                capsize=2,
                label=names[system],
                **style,
            )
            lower.plot(means, [b.n for b in found], linestyle=DASHES[place], linewidth=1.1, **style)
        unit_square(upper, _)
        upper.tick_params(labelbottom=False)
        upper.set_ylabel(_("share that came true"))
        lower.set_ylabel(counted)
        lower.set_ylim(bottom=0)
        lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        lower.yaxis.set_major_formatter(lambda value, _place: translator.integer(round(value)))
        lower.set_xlabel(wrapped(axis))
        drawn.figure.legend(*upper.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return drawn.svg


def learning_curve(steps: Sequence[Mapping[str, float]], *, translator: Translator) -> str:
    """Loss while learning, and macro F1 on the validation reports where it was measured."""
    _ = translator
    with canvas("learning", _("learning curve"), height=3.4) as drawn:
        axes = drawn.figure.add_subplot()
        trained = [(step["step"], step["loss"]) for step in steps if "loss" in step]
        axes.plot(*zip(*trained, strict=True), color=SOFT, linewidth=1.0, label=_("loss, training reports"))
        axes.set_xlabel(_("step of training (batches of reports)"))
        axes.set_ylabel(_("loss (lower is better)"))
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.xaxis.set_major_formatter(lambda value, _place: translator.integer(int(value)))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        digits = 1 if axes.get_ylim()[1] >= 0.5 else 2  # as fine as the ticks lie
        axes.yaxis.set_major_formatter(lambda value, _place: translator.number(value, digits))
        measured = [
            (step["step"], step["validation_macro_f1"]) for step in steps if "validation_macro_f1" in step
        ]
        if measured:
            second = axes.twinx()
            second.plot(
                *zip(*measured, strict=True), color=ACCENT, marker="o", label=_("macro F1, validation")
            )
            second.set(ylim=(0, 1.02), ylabel=_("macro F1 (higher is better)"))
            second.yaxis.set_major_formatter(lambda value, _place: translator.number(value, 1))
            second.grid(visible=False)
        drawn.figure.legend(loc="outside lower center", ncols=2)
    return drawn.svg
