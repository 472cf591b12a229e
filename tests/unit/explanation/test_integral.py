"""The integral is exact where it can be, looks at no place twice, and says when it does not add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.explanation.integral import FLOOR, integrate, places, weights

Floats = npt.NDArray[np.float64]


@given(st.sampled_from([2, 4, 8, 16, 64]), st.lists(st.floats(-3, 3), min_size=1, max_size=3))
def test_polynomials_are_integrated_exactly(steps: int, terms: list[float]) -> None:
    powers = np.arange(len(terms))
    values = (places(steps)[:, None] ** powers) @ np.array(terms)
    assert float(weights(steps) @ values) == pytest.approx(float((np.array(terms) / (powers + 1)).sum()))


@given(st.integers(1, 200).map(lambda half: 2 * half))
def test_weights_are_shares_of_the_way(steps: int) -> None:
    assert weights(steps).sum() == pytest.approx(1)
    assert (weights(steps) > 0).all()
    np.testing.assert_allclose(places(2 * steps)[::2], places(steps), atol=1e-12)


class Steep:
    """Two columns whose scores rise steeply at some place of the way."""

    def __init__(self, steepness: float) -> None:
        self.steepness, self.asked = steepness, list[float]()

    def __call__(self, alphas: Sequence[float]) -> tuple[Floats, Floats]:
        self.asked += alphas
        at = np.array(alphas)
        rise = np.tanh(self.steepness * (at - 0.3))
        return 2 * rise + 3 * at**2, np.stack([2 * self.steepness * (1 - rise**2), 6 * at], axis=1)


def test_steps_are_raised_until_the_parts_add_up_and_no_place_is_looked_at_twice() -> None:
    gentle, steep = Steep(1.0), Steep(30.0)
    found = integrate(gentle, steps=8, most=512, tolerance=0.01)
    assert (found.steps, found.converged) == (8, True)
    found = integrate(steep, steps=8, most=512, tolerance=0.001)
    assert found.converged
    assert found.steps > 16
    assert len(steep.asked) == len(set(steep.asked)) == found.steps + 1
    assert found.values == pytest.approx([2 * np.tanh(21) + 2 * np.tanh(9), 3], abs=0.01)
    assert found.end - found.start == pytest.approx(found.values.sum(), rel=0.001)


def test_what_does_not_add_up_says_so() -> None:
    found = integrate(Steep(300.0), steps=8, most=16, tolerance=0.01)
    assert (found.steps, found.converged) == (16, False)
    missed = abs(found.values.sum() - (found.end - found.start)) / (found.end - found.start)
    assert found.error == pytest.approx(missed)
    assert integrate(Steep(1.0), steps=64, most=8, tolerance=0.5).steps == 8


def test_of_a_change_of_nothing_the_error_is_no_division_by_it() -> None:
    def flat(alphas: Sequence[float]) -> tuple[Floats, Floats]:
        return np.zeros(len(alphas)), np.full((len(alphas), 1), 1e-4)

    found: Any = integrate(flat, steps=8, most=8, tolerance=0.01)
    assert found.error == pytest.approx(1e-4 / FLOOR)
    assert found.converged
