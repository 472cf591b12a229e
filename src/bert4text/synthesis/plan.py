"""What a report will speak of: drawn from the row's stream before any measurement is looked at.

The plan must not know the levels. If what is said depended on how much is to be said, the bones of
a report would tell what its words were blanked to hide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from bert4text.synthesis.scales import FEATURES, Statistic, column

FEATURE_OF: dict[str, str] = {
    "size": "area",
    "shape": "compactness",
    "contour": "smoothness",
    "depth": "concavity",
    "number": "concave_points",
    "symmetry": "symmetry",
    "outline": "fractal_dimension",
    "chromatin": "texture",
}
"""The feature that each construct words."""

WORDED_VARIATIONS = ("texture", "smoothness", "compactness", "fractal_dimension")
"""Features whose standard error has words; the others appear as figures, never against the size words."""

FEWEST, MOST = 10, 18
"""How many of the 30 measurements a report uses."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One construct to be worded.

    Attributes:
        construct: its name.
        statistic: mean, or worst for the nuclei with extreme values; ``error`` of anisokaryosis
            means that it is read from the radius's standard error.
    """

    construct: str
    statistic: Statistic = "mean"

    @property
    def columns(self) -> frozenset[int]:
        """The measurements it depends on."""
        if self.construct == "anisokaryosis":
            pair = (("radius", "error"), ("radius", "mean"))
            areas = (("area", "worst"), ("area", "mean"))
            return frozenset(column(*place) for place in (pair if self.statistic == "error" else areas))  # type: ignore[arg-type]
        if self.construct == "largest":
            return frozenset({column("area", "worst"), column("area", "mean")})
        if self.construct == "indentations":
            return frozenset({column("concavity", self.statistic), column("concave_points", self.statistic)})
        return frozenset({column(FEATURE_OF[self.construct], self.statistic)})


@dataclass(frozen=True, slots=True)
class Figure:
    """Numbers of one feature: mean alone, relative to the series, with its error, and so on."""

    feature: str
    statistics: tuple[Statistic, ...]
    relative: bool = False

    @property
    def columns(self) -> frozenset[int]:
        """The measurements it shows."""
        return frozenset(column(self.feature, statistic) for statistic in self.statistics)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a report speaks of, in words and in figures."""

    findings: tuple[Finding, ...]
    variations: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def columns(self) -> frozenset[int]:
        """The measurements the report depends on."""
        parts: list[Iterable[int]] = [item.columns for item in self.findings]
        parts += [item.columns for item in self.figures]
        parts.append(column(feature, "error") for feature in self.variations)
        return frozenset(at for part in parts for at in part)


def _pick(rng: np.random.Generator, names: Iterable[str], k: int) -> list[str]:
    """Some of the names, in a drawn order."""
    pool = list(names)
    return [pool[int(i)] for i in rng.permutation(len(pool))[:k]]


def _anisokaryosis(rng: np.random.Generator) -> Finding:
    return Finding("anisokaryosis", "worst" if rng.random() < 0.75 else "error")


def short_plan(rng: np.random.Generator, *, brief: tuple[str, ...]) -> Plan:
    """Ten or eleven measurements: six constructs, one minor one, one pair of figures.

    Args:
        rng: the row's stream.
        brief: features whose name is short enough for a pair of figures.
    """
    aniso = _anisokaryosis(rng)
    findings = [
        Finding("size"),
        *(Finding(name) for name in ("shape", "contour", "indentations", "chromatin")),
        aniso,
    ]
    minor = _pick(rng, ("variation", "symmetry", "outline"), 1)[0]
    if minor != "variation":
        findings.append(Finding(minor))
    variations = ("texture",) if minor == "variation" else ()
    plan = Plan(tuple(findings), variations)
    kinds: tuple[tuple[Statistic, ...], ...] = (("mean", "error"), ("mean", "worst"))
    offered = (Figure(name, kinds[int(rng.integers(2))]) for name in _pick(rng, brief, len(brief)))
    figure = next(offer for offer in offered if len(plan.columns | offer.columns) >= FEWEST)
    return replace(plan, figures=(figure,))


def long_plan(rng: np.random.Generator) -> Plan:
    """Up to eighteen measurements: all constructs, some at the extremes, variation and figures."""
    indents = (("indentations",), ("depth",), ("number",))[int(rng.choice(3, p=[0.5, 0.25, 0.25]))]
    optional = ["shape", "contour", *indents, "chromatin"]
    optional += [name for name in ("symmetry", "outline") if rng.random() < 0.75]
    worst = set(_pick(rng, optional, int(rng.integers(0, 4))))
    findings = [Finding("size"), _anisokaryosis(rng)]
    findings += [Finding(name, "worst" if name in worst else "mean") for name in optional]
    if rng.random() < 0.35:
        findings.append(Finding("largest"))
    spoken = {FEATURE_OF.get(item.construct) for item in findings if item.statistic == "mean"}
    varied = [name for name in WORDED_VARIATIONS if name in spoken]
    plan = Plan(tuple(findings), tuple(_pick(rng, varied, int(rng.integers(0, 3)))))
    return _with_figures(plan, rng, most=int(rng.integers(FEWEST + 1, MOST + 1)))


def _with_figures(plan: Plan, rng: np.random.Generator, *, most: int) -> Plan:
    kinds: tuple[tuple[Statistic, ...], ...] = (
        ("mean",),
        ("error",),
        ("worst",),
        ("mean", "error"),
        ("mean", "worst"),
    )
    for feature in _pick(rng, FEATURES, len(FEATURES)):
        kind = kinds[int(rng.integers(len(kinds)))]
        figure = Figure(feature, kind, relative=kind == ("mean",) and bool(rng.random() < 0.5))
        larger = replace(plan, figures=(*plan.figures, figure))
        wanted = len(plan.figures) < 3 or FEWEST > len(plan.columns) < len(larger.columns)
        if wanted and len(larger.columns) <= most:
            plan = larger
        if len(plan.columns) >= most:
            break
    return plan


def table_plan(rng: np.random.Generator, *, short: bool) -> Plan:
    """Three to five features with mean, error and extremes, and a closing line in words."""
    closing = [Finding("size"), Finding("chromatin"), _anisokaryosis(rng)]
    closing += [Finding(name) for name in _pick(rng, ("shape", "contour"), 1 if short else 2)]
    rows = 3 if short else int(rng.integers(4, 6))
    plan = Plan(tuple(closing))
    for feature in _pick(rng, FEATURES, len(FEATURES)):
        figure = Figure(feature, ("mean", "error", "worst"))
        larger = replace(plan, figures=(*plan.figures, figure))
        if len(larger.figures) <= rows and len(larger.columns) <= MOST:
            plan = larger
    return plan
