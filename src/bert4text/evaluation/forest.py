"""Interval plots: figures as marks with their 95% intervals, systems under one another (forest plots)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bert4text.core.evaluation import Metric
from bert4text.core.messages import Translator
from bert4text.evaluation.plots import canvas
from bert4text.evaluation.svg import INK, LINE, MARKERS, PALETTE, place_of, wrapped
from bert4text.evaluation.wording import REFERENCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an interval plot: a name, and one figure for each system that has it."""

    name: str
    figures: Mapping[str, Metric]


def interval_plot(
    rows: Sequence[Row],
    systems: Sequence[str],
    *,
    names: Mapping[str, str],
    axis: str,
    translator: Translator,
    name: str = "systems",
    title: str = "",
) -> str:
    """Each figure as a mark with its 95% interval, systems under one another (a forest plot)."""
    _ = translator
    measured = [system for system in systems if system not in REFERENCES]
    height = 0.9 + 0.16 * len(rows) * (len(measured) + 0.7) + 0.2 * ((len(systems) + 1) // 2)
    with canvas(name, title or axis, height=max(height, 2.0)) as drawn:
        axes = drawn.figure.add_subplot()
        step = 1 / (len(measured) + 0.7)
        for order, system in enumerate(measured):
            place = place_of(system, order)
            shift = (order - (len(measured) - 1) / 2) * step
            for number, row in enumerate(rows):
                metric = row.figures.get(system)
                if metric is not None and metric.value is not None:
                    _mark(axes, metric, number + shift, place)
            axes.plot([], [], color=PALETTE[place], marker=MARKERS[place], markersize=5, label=names[system])
        _references(axes, rows, {system: names[system] for system in systems if system in REFERENCES})
        low, high = _limits(rows)
        ticks = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0) if low > -1 else (-1.0, -0.5, 0.0, 0.5, 1.0)
        axes.set(ylim=(len(rows) - 0.5, -0.5), xlim=(low, high))
        axes.set_xticks(ticks, [_.number(tick, 1) for tick in ticks])
        axes.set_yticks(range(len(rows)), [row.name for row in rows])
        axes.tick_params(axis="y", length=0)
        for number in range(1, len(rows)):
            axes.axhline(number - 0.5, color=LINE, linewidth=0.6)
        axes.grid(visible=False, axis="y")
        beside = max(len(row.name) for row in rows)  # the names take their width from the axis
        axes.set_xlabel(wrapped(axis, max(24, 64 - beside)))
        drawn.figure.legend(loc="outside lower center", ncols=2)
    return drawn.svg


def _mark(axes: Axes, metric: Metric, at: float, place: int) -> None:
    value = metric.value or 0.0
    low = value if metric.low is None else metric.low
    high = value if metric.high is None else metric.high
    axes.plot([low, high], [at, at], color=PALETTE[place], linewidth=1.6)
    axes.plot([value], [at], color=PALETTE[place], marker=MARKERS[place], markersize=5, linestyle="none")


def _references(axes: Axes, rows: Sequence[Row], names: Mapping[str, str]) -> None:
    """A reference is a line across its row: something to reach, not one of those that compete."""
    for system, name in names.items():
        for number, row in enumerate(rows):
            metric = row.figures.get(system)
            if metric is not None and metric.value is not None:
                axes.plot([metric.value] * 2, [number - 0.45, number + 0.45], color=INK, linewidth=1.0)
        axes.plot([], [], color=INK, linewidth=1.0, label=name)


def _limits(rows: Sequence[Row]) -> tuple[float, float]:
    lows = [m.value if m.low is None else m.low for row in rows for m in row.figures.values()]
    lowest = min((low for low in lows if low is not None), default=0.0)
    return (-1.02 if lowest < -0.05 else -0.02), 1.02
