"""The learning rate rises, then falls, and is never negative."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.training.schedule import learning_rate

kinds = st.sampled_from(["linear", "cosine", "constant"])


@given(st.integers(1, 500), st.floats(0, 0.9), kinds)
def test_it_stays_between_zero_and_the_highest(total, warmup, kind):
    rates = [
        learning_rate(step, total=total, highest=0.5, warmup=warmup, schedule=kind) for step in range(total)
    ]
    assert all(0 <= rate <= 0.5 for rate in rates)
    assert max(rates) > 0
    top = rates.index(max(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_corners_of_the_linear_schedule():
    rates = [learning_rate(s, total=20, highest=1.0, warmup=0.1, schedule="linear") for s in range(20)]
    assert rates[:3] == pytest.approx([0.5, 1.0, 1.0])
    assert rates[-1] == pytest.approx(1 / 18)


def test_half_a_cosine_is_half_way_in_the_middle():
    assert learning_rate(50, total=100, highest=1.0, warmup=0, schedule="cosine") == pytest.approx(0.5)
    assert learning_rate(99, total=100, highest=1.0, warmup=0, schedule="constant") == 1.0
