"""Look and SVG of every figure: colours, marks, and the clean-up that lets it stand in a page."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

INK, SOFT, LINE, PAPER, ACCENT = "#1b1f24", "#57606a", "#d0d7de", "#ffffff", "#0072b2"

THEME = {INK: "--ink", SOFT: "--soft", LINE: "--line", PAPER: "--paper", ACCENT: "--accent"}
"""Colours that are CSS variables of the page, with a light fallback: a figure follows a dark screen."""

PALETTE = [ACCENT, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", INK]
DASHES: list[Any] = [
    "-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 3)), (0, (2, 2)), (0, (6, 2)),
]  # fmt: skip
MARKERS = ["o", "s", "D", "^", "v", "P", "X", "*"]

_PLACES = {"model": 0, "tfidf": 1, "majority": 6, "hybrid": 2, "tabular": 7}


def place_of(system: str, order: int = 0) -> int:
    """Where a system's colour, dash and mark stand in the lists: the same in every figure."""
    return _PLACES.get(system, 3 + order % 3)


STYLE: Any = {
    "svg.hashsalt": "bert4text",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": ["sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.labelsize": 9.5,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "lines.linewidth": 1.6,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure of the page: heading, drawing, the sentence under it, and whether it takes the whole width."""

    heading: str
    svg: str
    caption: str
    wide: bool = False


def shortened(name: str, most: int = 18) -> str:
    """A label name cut to fit an axis, with an ellipsis."""
    return name if len(name) <= most else name[: most - 1] + "…"


def distinct(names: Iterable[str], most: int = 18) -> dict[str, str]:
    """Names cut to fit an axis; those that the cut makes alike lose their middle instead of their end."""
    cut = {name: shortened(name, most) for name in names}
    tail = most // 2
    return {
        name: f"{name[: most - tail - 1]}…{name[-tail:]}" if list(cut.values()).count(short) > 1 else short
        for name, short in cut.items()
    }


def wrapped(text: str, most: int = 52) -> str:
    """The name of an axis, in as many lines as it needs."""
    return "\n".join(textwrap.wrap(text, most))


def embedded(svg: str, name: str, title: str) -> str:
    """Take the ``<svg>`` alone: ids of its own, theme colours, generic fonts, a name for screen readers."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("'DejaVu Sans', sans-serif", "sans-serif")
    for colour, variable in THEME.items():
        svg = svg.replace(colour, f"var({variable}, {colour})")
    shown = escape(title)
    return re.sub(
        r"<svg [^>]*?(viewBox=\"[^\"]*\")[^>]*>",
        rf'<svg \g<1> xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'role="img" aria-label="{shown}">',
        svg,
        count=1,
    ).strip()
