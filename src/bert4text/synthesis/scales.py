"""Cut points of the Wisconsin table and the observer who reads it: measurements become levels 1 to 5.

The cut points are fifths of the pooled table, taken without looking at the label. They are
constants, so that a report never depends on which other rows were dealt; a test recomputes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt

Row30 = Annotated[npt.NDArray[np.float64], "the 30 measurements of one row, in the table's order"]
Statistic = Literal["mean", "error", "worst"]

FEATURES: tuple[str, ...] = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)
"""The ten features, in the table's order."""

STATISTICS: tuple[Statistic, ...] = ("mean", "error", "worst")
"""Mean, standard error and mean of the three largest values, in the table's order."""

SIZE_FEATURES = frozenset({"radius", "perimeter", "area"})
"""Three readings of one thing: one observer's error moves all of them together."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How one column is read.

    Attributes:
        cuts: the 20, 40, 60 and 80 % points of all 569 rows.
        median: the 50 % point.
        sigma: half the range from the 16 to the 84 % point; the unit of observer noise.
    """

    cuts: tuple[float, float, float, float]
    median: float
    sigma: float

    def level(self, value: float) -> int:
        """The fifth a value lies in, 1 to 5."""
        return 1 + sum(value >= cut for cut in self.cuts)


SCALES: tuple[Scale, ...] = (
    Scale((11.37, 12.73, 14.06, 17.07), median=13.37, sigma=3.466),
    Scale((15.66, 17.91, 19.97, 22.44), median=18.84, sigma=4.131),
    Scale((73.29, 81.94, 91.42, 111.7), median=86.24, sigma=23.83),
    Scale((396.6, 496.4, 609.7, 915.1), median=551.1, sigma=312.0),
    Scale((0.08421, 0.09183, 0.09934, 0.1075), median=0.09587, sigma=0.01343),
    Scale((0.05964, 0.07953, 0.1087, 0.1419), median=0.09263, sigma=0.04984),
    Scale((0.02493, 0.04507, 0.08621, 0.1498), median=0.06154, sigma=0.0736),
    Scale((0.01787, 0.02798, 0.04832, 0.08425), median=0.0335, sigma=0.03679),
    Scale((0.1588, 0.172, 0.1855, 0.2005), median=0.1792, sigma=0.02574),
    Scale((0.05686, 0.0602, 0.06315, 0.06763), median=0.06154, sigma=0.006251),
    Scale((0.2193, 0.2802, 0.3695, 0.5461), median=0.3242, sigma=0.1973),
    Scale((0.7806, 1.005, 1.239, 1.561), median=1.108, sigma=0.4675),
    Scale((1.517, 2.039, 2.591, 3.768), median=2.287, sigma=1.358),
    Scale((16.64, 21.08, 29.32, 54.09), median=24.53, sigma=26.28),
    Scale((0.004871, 0.005843, 0.006944, 0.008828), median=0.00638, sigma=0.002405),
    Scale((0.0118, 0.01702, 0.02448, 0.0362), median=0.02045, sigma=0.01409),
    Scale((0.01321, 0.02046, 0.03054, 0.0464), median=0.02589, sigma=0.01927),
    Scale((0.006893, 0.009617, 0.01241, 0.01581), median=0.01093, sigma=0.005186),
    Scale((0.01454, 0.01717, 0.02007, 0.02568), median=0.01873, sigma=0.006503),
    Scale((0.002057, 0.002752, 0.003611, 0.00483), median=0.003187, sigma=0.001681),
    Scale((12.5, 14.01, 16.0, 20.29), median=14.97, sigma=4.709),
    Scale((20.18, 23.58, 26.72, 30.91), median=25.41, sigma=6.198),
    Scale((81.4, 91.3, 105.7, 133.5), median=97.66, sigma=32.6),
    Scale((476.0, 599.7, 781.2, 1269.0), median=686.5, sigma=484.8),
    Scale((0.1125, 0.1263, 0.1377, 0.1501), median=0.1313, sigma=0.02181),
    Scale((0.1257, 0.1846, 0.2514, 0.3671), median=0.2119, sigma=0.1428),
    Scale((0.09197, 0.1772, 0.2866, 0.4195), median=0.2267, sigma=0.1983),
    Scale((0.05809, 0.08391, 0.1218, 0.1775), median=0.09993, sigma=0.06753),
    Scale((0.2436, 0.2694, 0.2965, 0.3254), median=0.2822, sigma=0.04785),
    Scale((0.06965, 0.07685, 0.0832, 0.09593), median=0.08004, sigma=0.01572),
)
"""One scale for each of the 30 columns, in the table's order."""

AREA_RATIO = Scale((1.162, 1.215, 1.286, 1.415), median=1.249, sigma=0.1502)
"""Worst area divided by mean area: how far the largest nuclei stand out."""

RADIUS_RATIO = Scale((0.01728, 0.02163, 0.02827, 0.03563), median=0.0246, sigma=0.01131)
"""Standard error divided by mean of the radius: how much the size varies."""


def column(feature: str, statistic: Statistic) -> int:
    """The position of a measurement among the 30."""
    return len(FEATURES) * STATISTICS.index(statistic) + FEATURES.index(feature)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one observer read in one row.

    Attributes:
        values: the 30 measurements as read.
        area_ratio, radius_ratio: the two readings of how uneven the size is.
    """

    values: tuple[float, ...]
    area_ratio: float
    radius_ratio: float

    def value(self, feature: str, statistic: Statistic) -> float:
        """One measurement as read."""
        return self.values[column(feature, statistic)]

    def level(self, feature: str, statistic: Statistic) -> int:
        """The fifth one measurement was read in, 1 to 5."""
        place = column(feature, statistic)
        return SCALES[place].level(self.values[place])

    def spread(self, of: Literal["area", "radius"]) -> int:
        """How uneven the size of the nuclei was read to be, 1 to 5, from one of the two ratios."""
        if of == "radius":
            return RADIUS_RATIO.level(self.radius_ratio)
        return AREA_RATIO.level(self.area_ratio)


def observe(measurements: Row30, noise: float, rng: np.random.Generator) -> Observation:
    """Read one row as an imperfect observer does: add N(0, noise x sigma) before anything is cut.

    Mean and worst of a feature share one error, and so do radius, perimeter and area, so that a
    report does not contradict itself; standard errors and the two ratios have errors of their own.
    No reading falls below half the first cut point unless the measurement itself does, and a worst
    value is never read below its mean.

    Args:
        measurements: float64 [30].
        noise: the observer's error, in units of each column's sigma.
        rng: the row's own stream.
    """
    errors = rng.standard_normal((2, len(FEATURES)))
    size = [FEATURES.index(feature) for feature in sorted(SIZE_FEATURES)]
    errors[:, size] = errors[:, size[:1]]
    area_error, radius_error = rng.standard_normal(2)
    reading = list(measurements)
    for kind, statistic in enumerate(STATISTICS):
        for place, feature in enumerate(FEATURES):
            at = column(feature, statistic)
            error = errors[1 if kind == 1 else 0, place]
            reading[at] = _read(float(measurements[at]), SCALES[at], noise * error)
    for feature in FEATURES:
        worst, mean = column(feature, "worst"), column(feature, "mean")
        reading[worst] = max(reading[worst], reading[mean])
    area = float(measurements[column("area", "worst")] / measurements[column("area", "mean")])
    radius = float(measurements[column("radius", "error")] / measurements[column("radius", "mean")])
    return Observation(
        tuple(reading),
        max(1.0, _read(area, AREA_RATIO, noise * area_error)),
        _read(radius, RADIUS_RATIO, noise * radius_error),
    )


def _read(value: float, scale: Scale, error: float) -> float:
    floor = min(value, 0.5 * scale.cuts[0])
    return float(max(floor, value + error * scale.sigma))
