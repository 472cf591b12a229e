"""Cut points, the observer, and what a level means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer

from bert4text.core.seeds import rng
from bert4text.data.sources import wdbc
from bert4text.synthesis.scales import (
    AREA_RATIO,
    FEATURES,
    RADIUS_RATIO,
    SCALES,
    SIZE_FEATURES,
    STATISTICS,
    Scale,
    column,
    observe,
)

TABLE = load_breast_cancer().data
RATIOS = {
    "area": (AREA_RATIO, TABLE[:, 23] / TABLE[:, 3]),
    "radius": (RADIUS_RATIO, TABLE[:, 10] / TABLE[:, 0]),
}


def check(scale: Scale, values: np.ndarray) -> None:
    """The constants are the pooled quantiles, to four digits."""
    assert scale.cuts == pytest.approx(np.quantile(values, [0.2, 0.4, 0.6, 0.8]), rel=6e-4)
    assert scale.median == pytest.approx(np.median(values), rel=6e-4)
    low, high = np.quantile(values, [0.16, 0.84])
    assert scale.sigma == pytest.approx((high - low) / 2, rel=6e-4)


@pytest.mark.parametrize("place", range(30))
def test_cut_points_are_fifths_of_the_pooled_table(place: int) -> None:
    check(SCALES[place], TABLE[:, place])


@pytest.mark.parametrize("name", sorted(RATIOS))
def test_ratio_cut_points_are_fifths_of_the_pooled_table(name: str) -> None:
    check(*RATIOS[name])


def test_the_columns_are_in_the_order_of_the_file() -> None:
    words = {"error": "error", "mean": "mean", "worst": "worst"}
    for statistic in STATISTICS:
        for feature in FEATURES:
            name = load_breast_cancer().feature_names[column(feature, statistic)]
            assert feature.replace("_", " ") in name
            assert words[statistic] in name


def test_the_table_is_the_file_with_names_for_codes() -> None:
    table = wdbc()
    data = load_breast_cancer()
    assert table.measurements.shape == (569, 30)
    assert table.measurements.dtype == np.float64
    assert table.names == tuple(data.feature_names)
    assert [label == "benign" for label in table.labels] == [code == 1 for code in data.target]
    assert table.labels[:19] == ("malignant",) * 19
    assert table.labels.count("malignant") == 212


@given(st.floats(-10, 1000, allow_nan=False))
def test_a_level_is_one_to_five_and_rises_with_the_value(value: float) -> None:
    for scale in (SCALES[0], SCALES[23], AREA_RATIO):
        assert 1 <= scale.level(value) <= scale.level(value + 1) <= 5


def test_a_cut_point_belongs_to_the_level_above_it() -> None:
    assert [SCALES[3].level(cut) for cut in SCALES[3].cuts] == [2, 3, 4, 5]
    assert SCALES[3].level(SCALES[3].cuts[0] - 1e-9) == 1


def test_without_noise_the_observer_reads_what_is_there() -> None:
    for row in TABLE[:50]:
        seen = observe(row, 0.0, rng(1, "tests.observe"))
        assert seen.values == pytest.approx(tuple(row))
        assert seen.area_ratio == pytest.approx(row[23] / row[3])
        assert seen.radius_ratio == pytest.approx(row[10] / row[0])
        assert seen.value("texture", "worst") == pytest.approx(row[21])


def test_noise_has_the_stated_spread() -> None:
    middle = np.quantile(TABLE, 0.7, axis=0)
    read = np.array([observe(middle, 0.25, rng(k, "tests.noise")).values for k in range(1500)])
    for feature in ("texture", "smoothness", "symmetry", "radius"):
        for statistic in ("mean", "error"):
            at = column(feature, statistic)
            assert read[:, at].mean() == pytest.approx(middle[at], abs=0.03 * SCALES[at].sigma)
            assert read[:, at].std() == pytest.approx(0.25 * SCALES[at].sigma, rel=0.1)


def test_readings_of_size_err_together_and_never_contradict_themselves() -> None:
    for k, row in enumerate(TABLE):
        seen = observe(row, 0.5, rng(k, "tests.together"))
        errors = {
            round(
                (seen.value(feature, "mean") - row[column(feature, "mean")])
                / SCALES[column(feature, "mean")].sigma,
                6,
            )
            for feature in SIZE_FEATURES
        }
        unclipped = all(
            seen.value(feature, "mean") > 0.5 * SCALES[column(feature, "mean")].cuts[0]
            for feature in SIZE_FEATURES
        )
        assert len(errors) == 1 or not unclipped
        assert all(seen.value(feature, "worst") >= seen.value(feature, "mean") for feature in FEATURES)
        assert all(value >= 0 for value in seen.values)
        assert seen.area_ratio >= 1


def test_the_observer_is_the_same_for_the_same_stream() -> None:
    assert observe(TABLE[0], 0.25, rng(3, "x")) == observe(TABLE[0], 0.25, rng(3, "x"))
    assert observe(TABLE[0], 0.25, rng(3, "x")) != observe(TABLE[0], 0.25, rng(4, "x"))


def test_spread_reads_the_ratio_asked_for() -> None:
    seen = observe(TABLE[0], 0.0, rng(1, "x"))
    assert seen.spread("area") == AREA_RATIO.level(TABLE[0, 23] / TABLE[0, 3])
    assert seen.spread("radius") == RADIUS_RATIO.level(TABLE[0, 10] / TABLE[0, 0])
    assert seen.level("texture", "mean") == SCALES[1].level(TABLE[0, 1])
