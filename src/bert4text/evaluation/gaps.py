"""Gaps: how far the figures of two groups lie apart, how sure that is, and what follows for a contract.

A contract is a claim about many gaps at once: every label, every pair of groups. The largest of many gaps is
large by chance alone, so that three rules are kept apart:

* A gap **fails** where its interval lies beyond the tolerance *after* correction for the number of gaps: its
  bounds are so many standard errors wide as the largest gap of the whole contract strays in 95 of 100
  resamples (the single-step maximum of Westfall & Young, 1993, "Resampling-Based Multiple Testing"), and
  never wider than Bonferroni's inequality asks. If the contract is kept in truth, it is said to fail in at
  most one of twenty evaluations, however many gaps it has.
* A gap **holds** where its own 95 % interval lies within the tolerance. To claim that *all* hold, each must
  be shown by itself, and nothing has to be corrected (the intersection-union test of Berger, 1982,
  "Multiparameter hypothesis testing and acceptance sampling").
* Otherwise it is **not shown**: the reports are too few to tell a gap of the tolerance from none.

The interval of a difference of two shares is Newcombe's hybrid score interval (1998, "Interval estimation for
the difference between independent proportions", method 10): Wilson's intervals of both shares, which do not
break down where nearly all or nearly none count, at as many reports as the clustered ones are worth (Rao &
Scott, 1992; ``intervals.effective_size``). The groups of an attribute that does not change are of different
patients; where it does change, as an age does, the interval is a little wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import ndtri

from bert4text.core.fairness import Criterion, FairVerdict, Gap
from bert4text.evaluation.answers import Bools, Floats, Indices
from bert4text.evaluation.criteria import Event, Rate
from bert4text.evaluation.intervals import (
    LEVEL,
    Bounds,
    effective_size,
    resamples,
    wilson,
)

_Z = float(ndtri((1 + LEVEL) / 2))


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of one group: its sums by patient, and how sure it is.

    Attributes:
        group: whose.
        rate: what.
        event: of which answer.
        top, bottom: ``float[u]``, numerator and denominator by patient (or report).
        n, reports: patients and reports in the denominator.
        effective: independent reports that they are worth.
        error: standard error, of a figure that is no share.
    """

    group: str
    rate: Rate
    event: Event
    top: Floats
    bottom: Floats
    n: int
    reports: int
    effective: float
    error: float

    @property
    def value(self) -> float:
        """The figure."""
        return float(self.top.sum() / self.bottom.sum())

    def bounds(self, deviate: float = _Z) -> Bounds:
        """Its interval, so many standard deviations wide on either side."""
        if self.rate.share:
            hits, total = float(self.top.sum()), float(self.bottom.sum())
            return wilson(hits, total, effective=self.effective, deviate=deviate) or (0.0, 1.0)
        return self.value - deviate * self.error, self.value + deviate * self.error


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a contract: a measure of an event between the groups of an attribute that have enough.

    Attributes:
        criterion, attribute: what it belongs to.
        rate, event: what is compared.
        cells: of the groups that have enough patients.
    """

    criterion: Criterion
    attribute: str
    rate: Rate
    event: Event
    cells: tuple[Cell, ...]

    @property
    def pairs(self) -> list[tuple[Cell, Cell | None]]:
        """What is compared: two groups, the higher first; or each with the truth. None with one group."""
        if len(self.cells) < 2:
            return []
        if not self.rate.share:
            return [(cell, None) for cell in self.cells]
        return [(a, b) if a.value >= b.value else (b, a) for a, b in combinations(self.cells, 2)]


def cell(group: str, member: Bools, *, rate: Rate, event: Event, index: Indices, units: int) -> Cell:
    """The figure of one group.

    The error of a mean of probability less truth is the one that patients show by their spread, and never
    below that which calibrated probabilities have (Spiegelhalter, 1986, "Probabilistic prediction in patient
    management and clinical trials"): a label that none of few reports has shows no spread.
    """
    among = member & rate.among(event)
    counted = np.where(among, rate.counted(event), 0.0)
    top, bottom = (
        np.bincount(index, weights=each, minlength=units).astype(np.float64) for each in (counted, among)
    )
    reports, n = int(among.sum()), int((bottom > 0).sum())
    effective, error = float(reports), 0.0
    if rate.share and reports:
        effective = effective_size(counted > 0, among, index)
    elif reports:
        residual = top - top.sum() / reports * bottom
        spread = float((residual**2).sum()) * n / max(1, n - 1)
        expected = float((event.probability * (1 - event.probability))[among].sum())
        error = float(np.sqrt(max(spread, expected))) / reports
    return Cell(group, rate, event, top, bottom, n, reports, effective, error)


def difference(pair: tuple[Cell, Cell | None], *, deviate: float = _Z) -> tuple[float, float, float]:
    """How far two groups lie apart (or one from the truth), with bounds so many deviations wide."""
    a, b = pair
    low, high = a.bounds(deviate)
    if b is None:
        return a.value, low, high
    below, above = b.bounds(deviate)
    apart = a.value - b.value
    return (
        apart,
        apart - float(np.hypot(a.value - low, above - b.value)),
        apart + float(np.hypot(high - a.value, b.value - below)),
    )


def critical(parts: Sequence[Part], *, units: int, draws: int, random: np.random.Generator) -> float:
    """Standard errors by which the largest gap of the contract strays in 95 of 100 resamples of patients.

    Args:
        parts: of the contract.
        units: patients (or reports).
        draws: resamples.
        random: the stream to draw from.
    """
    pairs = [pair for part in parts for pair in part.pairs]
    if not pairs:
        return _Z
    cells = list({id(one): one for pair in pairs for one in pair if one is not None}.values())
    places = {id(one): place for place, one in enumerate(cells)}
    top, bottom = np.stack([one.top for one in cells]).T, np.stack([one.bottom for one in cells]).T
    first = np.array([places[id(a)] for a, _ in pairs])
    second = np.array([-1 if b is None else places[id(b)] for _, b in pairs])
    alone = second < 0
    values = np.array([one.value for one in cells])
    squares = np.array([_error(one) ** 2 for one in cells])
    apart = values[first] - np.where(alone, 0.0, values[second])
    errors = np.sqrt(squares[first] + np.where(alone, 0.0, squares[second]))
    most = []
    for weights in resamples(np.arange(units, dtype=np.int64), count=draws, random=random):
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = (weights @ top) / (weights @ bottom)
            strayed = drawn[:, first] - np.where(alone, 0.0, drawn[:, second]) - apart
            scaled = np.abs(strayed) / errors
        most.append(np.where(np.isfinite(scaled), scaled, 0.0).max(axis=1))
    bonferroni = float(ndtri(1 - (1 - LEVEL) / 2 / len(pairs)))
    return float(np.clip(np.quantile(np.concatenate(most), LEVEL), _Z, max(_Z, bonferroni)))


def _error(one: Cell) -> float:
    """Standard error of a figure; of a share of few that is all or none, as of one report more and less."""
    if not one.rate.share:
        return one.error
    value = (one.value * one.effective + 1) / (one.effective + 2)
    return float(np.sqrt(value * (1 - value) / one.effective))


def judged(part: Part, *, tolerance: float, deviate: float) -> Gap:
    """The gap that decides one part.

    Args:
        part: with the figures of the groups.
        tolerance: of the contract.
        deviate: standard errors of the corrected bounds.
    """
    found = [_measured(pair, tolerance=tolerance, deviate=deviate) for pair in part.pairs]
    verdicts = [one["verdict"] for one in found]
    verdict: FairVerdict = "not-shown"
    if not found:
        verdict = "too-few"
    elif "fails" in verdicts:
        verdict = "fails"
    elif set(verdicts) == {"holds"}:
        verdict = "holds"
    shown = max(found, key=lambda one: (one["at_least"], abs(one["value"])), default={})
    return Gap(
        criterion=part.criterion,
        measure=part.rate.name,
        attribute=part.attribute,
        label=part.event.name,
        groups=len(part.cells),
        pairs=len(found),
        failing=verdicts.count("fails"),
        **{**shown, "verdict": verdict},
    )


def _measured(pair: tuple[Cell, Cell | None], *, tolerance: float, deviate: float) -> dict[str, Any]:
    """One pair as fields of a gap: who, how far apart, its own interval, and what is sure of it."""
    apart, low, high = difference(pair)
    _, lower, upper = difference(pair, deviate=deviate)
    surely = max(0.0, lower, -upper)
    return {
        "verdict": _verdict(surely, (low, high), tolerance),
        "high_group": pair[0].group,
        "low_group": None if pair[1] is None else pair[1].group,
        "value": apart,
        "low": low,
        "high": high,
        "at_least": surely,
    }


def _verdict(surely: float, own: Bounds, tolerance: float) -> FairVerdict:
    if surely > tolerance:
        return "fails"
    return "holds" if own[0] >= -tolerance and own[1] <= tolerance else "not-shown"
