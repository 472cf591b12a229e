"""Changed copies of reports, as who makes them gives them to who learns from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bert4text.core.report import Report


@dataclass(frozen=True)
class Copied:
    """Changed copies of some reports.

    Attributes:
        texts: of each report, in order; none of one that has no copy.
        made: perturbation -> how many copies it made, those that made none among them.
    """

    texts: tuple[tuple[str, ...], ...] = field(repr=False)
    made: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        """As a manifest keeps it: counts alone."""
        return {
            "reports": sum(bool(copies) for copies in self.texts),
            "of": len(self.texts),
            "copies": sum(map(len, self.texts)),
            "perturbations": dict(self.made),
        }


Copier = Callable[[Sequence[Report]], Copied]
"""Makes changed copies of reports; the same reports give the same copies."""
NOTE = "augmentation"
"""Where the manifest of a model keeps what ``Copied.told`` says."""


def practised(notes: Mapping[str, Any]) -> tuple[str, ...]:
    """The perturbations that a model has seen while it learned, by the notes of its manifest."""
    made: Mapping[str, int] = (notes.get(NOTE) or {}).get("perturbations", {})
    return tuple(name for name, count in made.items() if count)
