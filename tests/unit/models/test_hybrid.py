"""Both together: the logarithms of two systems' probabilities are pooled, and a bundle keeps it so."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bert4text.models.calibration import Calibrator
from bert4text.models.hybrid import pool

SOFTMAX, SIGMOID = Calibrator(), Calibrator(link="sigmoid")
ROWS = st.lists(st.lists(st.floats(-8, 8), min_size=3, max_size=3), min_size=1, max_size=5)


@given(ROWS, st.floats(0, 1), st.floats(0.3, 3))
def test_two_systems_that_agree_stay_as_they_are(rows, share, temperature):
    logits = np.array(rows)
    warm = Calibrator(kind="temperature", temperature=temperature)
    pooled = pool((logits, warm), (logits, warm), share=share)
    np.testing.assert_allclose(SOFTMAX.probabilities(pooled), warm.probabilities(logits), atol=1e-9)


@given(ROWS, ROWS)
def test_all_of_the_share_is_that_system(first, second):
    n = min(len(first), len(second))
    a, b = np.array(first[:n]), np.array(second[:n])
    for calibrator in (SOFTMAX, SIGMOID):
        for share, wanted in ((1.0, a), (0.0, b)):
            pooled = pool((a, calibrator), (b, calibrator), share=share)
            np.testing.assert_allclose(
                calibrator.probabilities(pooled), calibrator.probabilities(wanted), atol=1e-9
            )


def test_halves_are_the_geometric_mean():
    a, b = np.array([[0.9, 0.1]]), np.array([[0.2, 0.8]])
    pooled = pool((np.log(a), SOFTMAX), (np.log(b), SOFTMAX), share=0.5)
    wanted = np.sqrt(a * b) / np.sqrt(a * b).sum()
    np.testing.assert_allclose(SOFTMAX.probabilities(pooled), wanted, atol=1e-12)


def test_one_systems_certainty_does_not_silence_the_other():
    sure, other = np.array([[2000.0, 0.0]]), np.array([[0.0, 3.0]])
    pooled = pool((sure, SOFTMAX), (other, SOFTMAX), share=0.5)
    assert np.isfinite(pooled).all()
    assert SOFTMAX.probabilities(pooled)[0, 1] > 0
