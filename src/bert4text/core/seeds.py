"""One seed, a named stream for each use, so that a new use changes no old one."""

from __future__ import annotations

import hashlib

import numpy as np


def sequence(seed: int, name: str) -> np.random.SeedSequence:
    """The seed sequence of one use, keyed by its name."""
    key = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(key[i : i + 4], "little") for i in range(0, 16, 4)]
    return np.random.SeedSequence(seed, spawn_key=tuple(words))


def rng(seed: int, name: str) -> np.random.Generator:
    """A NumPy generator for one use, for example ``rng(7, "prepare.split")``."""
    return np.random.Generator(np.random.PCG64(sequence(seed, name)))


def integer(seed: int, name: str) -> int:
    """A 32-bit seed for libraries that take a number."""
    return int(sequence(seed, name).generate_state(1)[0])
