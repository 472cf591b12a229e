"""Random numbers that nobody can draw again, for noise that has to stay secret.

Differential privacy rests on noise that an attacker does not know. The project's seed stands in the
manifest, and a generator that was seeded with it gives its noise to everybody who reads that. So noise and
draws come from the operating system, and are never kept.
"""

from __future__ import annotations

import os
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds

Floats = npt.NDArray[np.float64]

SUMMED = 4
"""Gaussian numbers of which each is made. Their sum, divided by the root of their number, is as Gaussian as
one, but hides which floating-point numbers a single one can take (Holohan & Braghin, 2021, "Secure Random
Sampling in Differential Privacy", section 5.1; as Opacus does in its secure mode)."""


class Draws(Protocol):
    """Gives random numbers."""

    def uniform(self, count: int) -> Floats:
        """Numbers in [0, 1), [count]."""

    def integer(self) -> int:
        """A seed of 64 bits."""


class Secret:
    """Numbers of the operating system's cryptographic generator."""

    def uniform(self, count: int) -> Floats:
        """Numbers in [0, 1), [count], of 53 bits each."""
        drawn = np.frombuffer(os.urandom(8 * count), dtype=np.uint64)
        return (drawn >> np.uint64(11)).astype(np.float64) / 2.0**53

    def integer(self) -> int:
        """A seed of 64 bits."""
        return int.from_bytes(os.urandom(8), "little")


class Seeded:
    """The same numbers again and again: for tests alone.

    Args:
        seed: the one seed.
    """

    def __init__(self, seed: int) -> None:
        self._random = seeds.rng(seed, "training.private")

    def uniform(self, count: int) -> Floats:
        """Numbers in [0, 1), [count]."""
        return self._random.random(count)

    def integer(self) -> int:
        """A seed of 64 bits."""
        return int(self._random.integers(2**63))


def draws_of(noise: str, *, seed: int) -> Draws:
    """Where random numbers come from.

    Args:
        noise: ``secret`` or ``seeded``.
        seed: the one seed, which secret ones never see.
    """
    return Seeded(seed) if noise == "seeded" else Secret()


def normal(draws: Draws, count: int) -> Floats:
    """Standard Gaussian numbers [count] (Box & Muller, 1958)."""
    half = -(-count // 2)
    total = np.zeros(2 * half)
    for _ in range(SUMMED):
        radius = np.sqrt(-2.0 * np.log1p(-draws.uniform(half)))
        angle = 2.0 * np.pi * draws.uniform(half)
        total += np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
    found: Floats = (total / np.sqrt(SUMMED))[:count]
    return found
