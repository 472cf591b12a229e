"""How much noise a budget asks for, and what a training spends: epsilon and delta, counted by Opacus.

Every step is a Gaussian mechanism on patients drawn by chance (Abadi et al., 2016, "Deep Learning with
Differential Privacy"). What they come to together is counted by Rényi divergences (Mironov et al., 2019,
"Rényi Differential Privacy of the Sampled Gaussian Mechanism"); numerical composition (Opacus's ``prv``)
finds a few hundredths less epsilon in a hundred times the time. Two data sets are neighbours where one has a
patient more than the other.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bert4text.core.errors import ConfigError
from bert4text.core.extras import require
from bert4text.training.private_config import PrivateConfig

MEAN = 3.0
"""How much more noise the mean of the features has than what one step of the training comes to: of the
budget's square it takes about a tenth."""

LARGEST_NOISE = 1e4
"""Standard deviation of the noise, in norms of a patient's gradient, beyond which nothing would be
learned."""

STEPS = 30
"""Halvings of the search."""
ORDERS = (*range(2, 65), *range(72, 257, 8), 320, 384, 512)
"""Orders of the divergence that are tried: whole ones, which are counted at once; all of them hold."""


@dataclass(frozen=True)
class Plan:
    """A training that keeps to a budget.

    Attributes:
        epsilon: what each patient is charged at most, as counted; not above what was asked for.
        delta: chance that this does not hold.
        units: patients (reports, where patients are unknown) that learn.
        rate: chance that one of them takes part in a step.
        steps: of the training.
        noise: standard deviation of a step's noise, in norms of a patient's gradient.
        mean_noise: of the mean that the head is centred by; None where it is not.
    """

    epsilon: float
    delta: float
    units: int
    rate: float
    steps: int
    noise: float
    mean_noise: float | None


def delta_of(config: PrivateConfig, *, units: int) -> float:
    """The delta that is asked for, or the power of ten that is at least ten times below 1 / units.

    With a chance of 1 / units for each, somebody of them might be told in full and epsilon would still hold.

    Raises:
        ConfigError: it is not below 1 / units.
    """
    delta = 10.0 ** -(math.ceil(math.log10(units)) + 1) if config.delta is None else config.delta
    if delta * units >= 1:
        raise ConfigError(
            "[train.private] delta is {delta}; with {units} patients it must be below {most}: the bundle "
            "might tell "
            "of one of them in full and still keep it",
            hint="leave it out, or make it ten times smaller than that",
            code="private-delta",
            delta=delta,
            units=units,
            most=f"{1 / units:.1e}",
        )
    return delta


def planned(config: PrivateConfig, *, units: int, rate: float, epochs: int, centred: bool) -> Plan:
    """How much noise keeps a training within its budget.

    Args:
        config: the budget.
        units: patients that learn.
        rate: chance that one takes part in a step.
        epochs: so many times ``1 / rate`` steps are taken.
        centred: whether the head is centred by a mean of the features, which costs a part of the budget.

    Raises:
        ConfigError: the delta is too large, or no noise suffices.
        MissingExtraError: Opacus is not installed.
    """
    delta, wanted = delta_of(config, units=units), config.epsilon or 0.0
    steps = epochs * steps_an_epoch(rate)

    def mean(noise: float) -> float | None:
        return max(1.0, MEAN * noise / (rate * math.sqrt(steps))) if centred else None

    def cost(noise: float) -> float:
        extra = mean(noise)
        first = [] if extra is None else [(extra, 1.0, 1)]
        return spent([*first, (noise, rate, steps)], delta=delta)

    noise = _least(cost, wanted=wanted)
    if noise > LARGEST_NOISE:
        raise ConfigError(
            "an epsilon of {epsilon} leaves nothing to learn from {units} patients in {steps} steps",
            hint="ask for a larger epsilon, or for fewer epochs",
            code="private-budget",
            epsilon=wanted,
            units=units,
            steps=steps,
        )
    return Plan(cost(noise), delta, units, rate, steps, noise, mean(noise))


def _least(cost: Callable[[float], float], *, wanted: float) -> float:
    """The least noise of which the cost is not above what is wanted, found by halving; or too much noise."""
    low, high = 0.0, 1.0
    while not cost(high) <= wanted:
        low, high = high, 2 * high
        if high > LARGEST_NOISE:
            return high
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if cost(middle) <= wanted else (middle, high)
    return high


def steps_an_epoch(rate: float) -> int:
    """Steps in which a patient takes part once on average."""
    return max(1, round(1 / rate))


def spent(history: Sequence[tuple[float, float, int]], *, delta: float) -> float:
    """Epsilon that mechanisms come to together.

    Args:
        history: noise, rate and how often, of each.
        delta: chance that epsilon does not hold.
    """
    accountant: Any = require("opacus.accountants").RDPAccountant()
    accountant.history = list(history)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # an order at the edge of those that are tried costs a little, no more
        found = float(accountant.get_epsilon(delta=delta, alphas=ORDERS))
    return max(0.0, found) if math.isfinite(found) else math.inf
