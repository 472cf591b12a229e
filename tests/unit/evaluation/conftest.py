"""Evaluations to look at; `evaluations.py` beside this file makes them."""

from __future__ import annotations

import pytest
from evaluations import STEPS, given, run


@pytest.fixture(scope="session")
def binary():
    space, labels, systems = given(["benign", "malignant"], [0.6, 0.4])
    systems["tabular"] = given(["benign", "malignant"], [0.6, 0.4], signal=3)[2]["model"]
    return run(space, labels, systems, corpus="sha256:" + "ab" * 32, seen=1, synthetic=120, steps=STEPS)


@pytest.fixture(scope="session")
def ordinal():
    names = [f"BIRADS_{i}" for i in range(7)]
    shares = [0.08, 0.2, 0.59, 0.06, 0.05, 0.01, 0.01]
    return run(*given(names, shares, n=300, task="ordinal", seed=3), seen=3)


@pytest.fixture(scope="session")
def multilabel():
    return run(*given(["a", "b", "c"], [0.3, 0.5, 0.2], task="multilabel"), patients=None)
