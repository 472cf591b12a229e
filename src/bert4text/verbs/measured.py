"""What every system said of the reports that are measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bert4text.core.evaluation import System

if TYPE_CHECKING:
    from bert4text.models.backends import Output

Probabilities = npt.NDArray[np.float64]


@dataclass
class Measured:
    """Probabilities and decisions of every system; outputs of those that have a backend."""

    outputs: dict[str, list[Output]] = field(default_factory=dict)
    probabilities: dict[str, Probabilities] = field(default_factory=dict)
    decisions: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)
    systems: list[System] = field(default_factory=list)

    def add(
        self,
        name: str,
        probabilities: Probabilities,
        *,
        decisions: npt.NDArray[np.int64] | None = None,
        digest: str | None = None,
        delivered: bool = False,
    ) -> None:
        """Add one system."""
        self.probabilities[name] = probabilities
        if decisions is not None:
            self.decisions[name] = decisions
        self.systems.append(System(name=name, digest=digest, delivered=delivered))
