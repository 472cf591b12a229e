"""What answers are worth: each figure of all reports, and of as many resamples of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.seeds import rng

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

OFTEN = 30
"""Reports of a label from which it is counted among the frequent ones."""
FREQUENT = f"macro-F1 of {OFTEN} or more"

SCALE = ("BIRADS_1", "BIRADS_2", "BIRADS_3", "BIRADS_4", "BIRADS_5")
MANAGEMENT = (("BIRADS_1", "BIRADS_2"), ("BIRADS_3",), ("BIRADS_4", "BIRADS_5"), ("BIRADS_0",))
"""What follows: routine, early follow-up, biopsy, further images."""
GRAVE = ("BIRADS_4", "BIRADS_5")

Figure = Callable[[Bools, Bools, Floats], Floats]


def frequent(truth: Bools) -> Bools:
    """Which labels are frequent among reports of this truth, bool [k]."""
    return np.asarray(truth.sum(axis=0) >= OFTEN)


def figures(truth: Bools, names: Sequence[str], often: Bools | None = None) -> dict[str, Figure]:
    """What can be said of answers to these reports.

    Args:
        truth: bool [n, k].
        names: of the k labels.
        often: which of them are frequent, bool [k]; those that are among these reports if not given.

    Returns:
        Name -> function of truth and what was decided, bool [n, k], and of weights [m, n]: a value for each
        row of these, [m].
    """
    often = frequent(truth) if often is None else often
    found: dict[str, Figure] = {
        "macro-F1": lambda truth, decided, weights: _macro_f1(truth, decided, weights, None)
    }
    if often.any() and (often != truth.any(axis=0)).any():
        found[FREQUENT] = lambda truth, decided, weights: _macro_f1(truth, decided, weights, often)
    found |= {
        "accuracy": lambda truth, decided, weights: _share((truth == decided).all(axis=1), weights),
        "balanced accuracy": _balanced,
    }
    if not set(SCALE) <= set(names):
        return found
    groups = [np.isin(list(names), group) for group in MANAGEMENT]
    grave, scale = np.isin(list(names), GRAVE), [list(names).index(name) for name in SCALE]

    def managed(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        def together(given: Bools) -> Bools:
            return np.stack([given[:, group].any(axis=1) for group in groups], axis=1)

        return _macro_f1(together(truth), together(decided), weights, None)

    def recalled(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        held = truth[:, grave].any(axis=1)
        return _share(np.logical_or.reduce(decided[held][:, grave], axis=1), weights[:, held])

    def kappa(truth: Bools, decided: Bools, weights: Floats) -> Floats:
        return _quadratic_kappa(truth[:, scale], decided[:, scale], weights)

    return {**found, "by management": managed, "recall of 4 to 6": recalled, "quadratic kappa": kappa}


def resampled(n: int, resamples: int) -> Floats:
    """How often each report counts: once, then as drawn, [1 + resamples, n]."""
    drawn = rng(1, "quality.intervals").multinomial(n, np.full(n, 1 / n), size=resamples)
    return np.vstack([np.ones((1, n)), drawn]).astype(np.float64)


def _macro_f1(truth: Bools, decided: Bools, weights: Floats, among: Bools | None) -> Floats:
    hits = weights @ (truth & decided)
    both = weights @ truth.astype(np.float64) + weights @ decided.astype(np.float64)
    scores = np.divide(2 * hits, both, out=np.zeros_like(both), where=both > 0)
    occurs = truth.any(axis=0) if among is None else among
    found: Floats = scores[:, occurs].mean(axis=1)
    return found


def _share(right: Bools, weights: Floats) -> Floats:
    found: Floats = (weights @ right) / np.maximum(weights.sum(axis=1), 1)
    return found


def _balanced(truth: Bools, decided: Bools, weights: Floats) -> Floats:
    held = weights @ truth.astype(np.float64)
    hits = weights @ (truth & decided)
    recalls = np.divide(hits, held, out=np.zeros_like(held), where=held > 0)
    occurs = held > 0
    found: Floats = (recalls * occurs).sum(axis=1) / np.maximum(1, occurs.sum(axis=1))
    return found


def _quadratic_kappa(truth: Bools, decided: Bools, weights: Floats) -> Floats:
    """Of reports whose truth and answer both lie on the scale."""
    both = truth.any(axis=1) & decided.any(axis=1)
    true, given, weights = truth[both].argmax(axis=1), decided[both].argmax(axis=1), weights[:, both]
    k = truth.shape[1]
    cells = np.zeros((len(true), k * k))
    cells[np.arange(len(true)), true * k + given] = 1
    counts = (weights @ cells).reshape(-1, k, k)
    distance = (np.arange(k)[:, None] - np.arange(k)[None, :]) ** 2
    expected = counts.sum(axis=2)[:, :, None] * counts.sum(axis=1)[:, None, :]
    expected = expected / np.maximum(counts.sum(axis=(1, 2)), 1)[:, None, None]
    found: Floats = 1 - (counts * distance).sum(axis=(1, 2)) / (expected * distance).sum(axis=(1, 2))
    return found
