"""Settings of private training: the budget, and how it is spent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config


class PrivateConfig(Config):
    """The ``[train.private]`` section: differential privacy; off unless ``epsilon`` is given."""

    epsilon: float | None = Field(
        None,
        gt=0,
        le=100,
        description="train with differential privacy and spend at most this epsilon on each patient; "
        "not if not given",
    )
    delta: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="chance, for each patient, that epsilon does not hold; below 1 / patients; the power "
        "of ten "
        "that is at least ten times smaller if not given",
    )
    clip: float = Field(
        1.0,
        gt=0,
        description="largest norm of what one patient adds to the gradient; above it, it is scaled down",
    )
    rate: float | None = Field(
        None,
        gt=0,
        le=1,
        description="chance that a patient takes part in a step; 0.5 where the head alone learns, else 0.1, "
        "if not given",
    )
    noise: Literal["secret", "seeded"] = Field(
        "secret",
        description="where noise and draws come from: the operating system, never the same; or the seed, for "
        "tests alone: who knows the seed takes the noise off, and nothing is private",
    )
