"""Intervals of 95 %: bootstrap by patient, Wilson for plain shares, McNemar for pairs.

Reports of one patient resemble each other, so whole patients are drawn with replacement, never single
reports (Field & Welsh 2007): the interval is as wide as the number of patients makes it.

The bounds are those of the bias-corrected and accelerated bootstrap (Efron 1987), with the acceleration
from leaving one patient out at a time. The plain percentile interval is too narrow and off centre on few
reports for skewed figures such as an area under the curve near 1; ``docs/explanation/intervals.md`` shows
how often each covers. Above ``MOST_LEFT_OUT`` patients the acceleration is negligible and taken as 0.
The difference of two systems is not skewed that way, and there the corrections only add noise: it takes
percentiles, drawn out for few patients (``expanded``).

A label can be missing from a resample. Its own figures are then left out of that resample, and a mean over
labels is taken over those that occur: the spread so includes that a rare label may be missed altogether.
(Putting one report of it back instead was tried and covers worse.) A figure that is defined in fewer than
half of the resamples gets no interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, chdtrc, ndtr, ndtri, stdtrit

from bert4text.evaluation.answers import Bools, Floats, Indices

LEVEL = 0.95
"""The share of intervals that should hold the true figure."""

CHUNK = 50
"""Resamples whose weights lie in memory together."""

MOST_LEFT_OUT = 2000
"""Patients up to which each is left out once to find the acceleration."""

Bounds = tuple[float, float]

_Z = float(ndtri((1 + LEVEL) / 2))


def group_index(groups: Sequence[str]) -> tuple[Indices, int]:
    """Number the groups from 0: the group of each report ``[n]``, and how many there are."""
    numbers: dict[str, int] = {}
    index = np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.int64)
    return index, len(numbers)


def resamples(
    index: Indices, *, count: int, random: np.random.Generator, chunk: int = CHUNK
) -> Iterator[Floats]:
    """Weights of ``count`` bootstrap resamples, in pieces ``[b, n]``: how often each report is drawn.

    Args:
        index: the group of each report; whole groups are drawn, with replacement.
        count: how many resamples.
        random: the stream to draw from.
        chunk: most resamples in a piece.
    """
    groups = int(index.max()) + 1
    for start in range(0, count, chunk):
        size = min(chunk, count - start)
        drawn = random.integers(groups, size=(size, groups)) + groups * np.arange(size)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=size * groups).reshape(size, groups)
        yield weights.astype(np.float64)[:, index]


def leave_one_out(index: Indices, *, chunk: int = CHUNK) -> Iterator[Floats]:
    """Weights ``[b, n]`` that leave out each group once, for the acceleration; none above the most."""
    groups = int(index.max()) + 1
    if groups > MOST_LEFT_OUT:
        return
    for start in range(0, groups, chunk):
        left_out = np.arange(start, min(start + chunk, groups))
        yield (index[None, :] != left_out[:, None]).astype(np.float64)


def accelerated(value: float, draws: Floats, left_out: Floats) -> Bounds | None:
    """The bias-corrected and accelerated interval (Efron 1987, eq. 6.3).

    Args:
        value: the figure on all reports.
        draws: the figure in each resample; NaN where it is not defined.
        left_out: the figure with each group left out; empty means an acceleration of 0.

    Returns:
        The bounds; None if the figure is defined in fewer than half of the resamples, or never varies.
    """
    known = _usable(value, draws)
    if known is None:
        return None
    below = (np.count_nonzero(known < value) + 0.5 * np.count_nonzero(known == value)) / len(known)
    shift = float(ndtri(np.clip(below, 0.5 / len(known), 1 - 0.5 / len(known))))
    bend = _acceleration(left_out)
    ends = shift + np.array([-_Z, _Z])
    low, high = np.quantile(known, ndtr(shift + ends / np.maximum(1 - bend * ends, 1e-3)))
    return float(low), float(high)


def _acceleration(left_out: Floats) -> float:
    known = left_out[np.isfinite(left_out)]
    pull = known.mean() - known if len(known) else known
    spread = float((pull**2).sum())
    return float((pull**3).sum() / (6 * spread**1.5)) if spread > 1e-18 else 0.0


def expanded(value: float, draws: Floats, *, groups: int) -> Bounds | None:
    """Percentiles of the resamples, drawn out as Student's t is for few groups (Hesterberg 2015, 5.2).

    Args:
        value: the figure on all reports.
        draws: the figure in each resample; NaN where it is not defined.
        groups: what was drawn: patients, or reports where patients are unknown.

    Returns:
        The bounds; None if the figure is defined in fewer than half of the resamples, or never varies.
    """
    known = _usable(value, draws)
    if known is None or groups < 2:
        return None
    wide = float(np.sqrt(groups / (groups - 1)) * stdtrit(groups - 1, (1 + LEVEL) / 2))
    low, high = np.quantile(known, [ndtr(-wide), ndtr(wide)])
    return float(low), float(high)


def unbiased_error(value: float, draws: Floats) -> Bounds | None:
    """The interval of a calibration error, with the rise that noise gives it taken off.

    Such an error is a sum of absolute values: noise can only raise it, and a resample, noisier than the
    sample, raises it again, so that percentiles of resamples lie above the truth (they held it in 0 of 400
    samples of a well calibrated model). Variances add, so squares are reflected about the figure for the
    lower bound; the upper one is the figure plus the upper half of the spread. Covers 97 to 100 %.
    """
    known = _usable(value, draws)
    if known is None:
        return None
    middle, high = np.quantile(known, [0.5, (1 + LEVEL) / 2])
    return float(np.sqrt(max(0.0, 2 * value**2 - float(high) ** 2))), min(1.0, value + float(high - middle))


def _usable(value: float, draws: Floats) -> Floats | None:
    known = draws[np.isfinite(draws)]
    if not np.isfinite(value) or 2 * len(known) < len(draws) or not len(known):
        return None
    return None if known.max() - known.min() < 1e-12 else known


def wilson(
    hits: float, total: float, *, effective: float | None = None, deviate: float = _Z
) -> Bounds | None:
    """Wilson's score interval of a share (Wilson 1927; recommended by Brown, Cai & DasGupta 2001).

    Args:
        hits: reports that count.
        total: reports in all; None is returned for 0.
        effective: reports the sample is worth when reports of a patient resemble each other.
        deviate: standard deviations of a normal variable that the interval takes in; 95 % by default.
    """
    if total <= 0:
        return None
    share, n = hits / total, total if effective is None else effective
    middle = share + deviate**2 / (2 * n)
    half = deviate * np.sqrt(share * (1 - share) / n + deviate**2 / (4 * n**2))
    scale = 1 + deviate**2 / n
    low, high = float((middle - half) / scale), float((middle + half) / scale)
    return (0.0 if hits == 0 else max(0.0, low)), (1.0 if hits == total else min(1.0, high))


def effective_size(hit: Bools, counted: Bools, index: Indices) -> float:
    """How many independent reports the counted ones are worth for a share (Rao & Scott 1992).

    The count divided by the design effect, which is never taken below 1. Where all or none count there is
    no spread to see, and each patient is worth one report.

    Args:
        hit: ``bool[n]``, reports that count; all among ``counted``.
        counted: ``bool[n]``, reports in the share's denominator.
        index: the group of each report.
    """
    groups = int(index.max()) + 1
    per_group = np.bincount(index, weights=counted, minlength=groups)
    total, hits = float(counted.sum()), float(hit.sum())
    taking_part = int((per_group > 0).sum())
    if total == taking_part or total == 0:
        return total
    share = hits / total
    if share in (0.0, 1.0) or taking_part < 2:
        return float(taking_part)
    residual = np.bincount(index, weights=hit, minlength=groups) - share * per_group
    variance = taking_part / (taking_part - 1) * float((residual**2).sum()) / total**2
    return total / max(1.0, variance / (share * (1 - share) / total))


@dataclass(frozen=True, slots=True)
class McNemar:
    """Reports that only one of two systems answered right, and the chance of so uneven a split."""

    only_a: int
    only_b: int
    p_value: float


def mcnemar(a_right: Bools, b_right: Bools, *, index: Indices | None = None) -> McNemar:
    """Compare two systems' right answers on the same reports, two-sided.

    The exact binomial test (McNemar 1947) where each report stands for itself; with several reports
    a patient, the statistic over patients of Durkalski et al. (2003), chi-squared with 1 degree.

    Args:
        a_right: ``bool[n]``, whether the first system was right.
        b_right: the same of the second.
        index: the group of each report; None when each stands for itself.
    """
    only_a, only_b = a_right & ~b_right, b_right & ~a_right
    first, second = int(only_a.sum()), int(only_b.sum())
    if first + second == 0:
        return McNemar(0, 0, 1.0)
    if index is None or int(index.max()) + 1 == len(index):
        return McNemar(first, second, min(1.0, 2 * float(bdtr(min(first, second), first + second, 0.5))))
    surplus = np.bincount(index, weights=only_a.astype(np.float64) - only_b)
    spread = float((surplus**2).sum())
    p_value = 1.0 if spread == 0 else float(chdtrc(1, float(surplus.sum()) ** 2 / spread))
    return McNemar(first, second, p_value)
