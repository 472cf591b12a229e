"""What a fault is, how strong, and which reports it hits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, get_args

from benchmarks.audit.base import Scene
from benchmarks.audit.draft import Draft

Strength = Literal["strong", "medium", "weak"]
STRENGTHS: tuple[Strength, ...] = get_args(Strength)

OF_CLASS: dict[Strength, tuple[float, float]] = {
    "strong": (0.9, 0.0),
    "medium": (0.3, 0.03),
    "weak": (0.1, 0.03),
}
"""Share of the reports of one class, and of all others, that are hit where a fault gives the class away."""
OF_ALL: dict[Strength, float] = {"strong": 0.3, "medium": 0.1, "weak": 0.03}
"""Share of the reports that are hit, of any class, where a fault is one of single reports."""

Plant = Callable[[Scene, Strength, Random], int]
"""Plants one fault into a corpus in the making, and tells how many reports were hit."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        name: of the fault.
        family: what faults it belongs to.
        plant: how it is planted.
        question: into which question.
        needs: what the clean corpus must have, as in ``Base``.
    """

    name: str
    family: str
    plant: Plant
    question: str = "two"
    needs: Mapping[str, Any] = field(default_factory=dict)


def some(drafts: Sequence[Draft], share: float, drawn: Random) -> list[Draft]:
    """A share of the reports, drawn by chance; one at the least unless the share is none."""
    count = round(share * len(drafts))
    return drawn.sample(drafts, min(len(drafts), max(count, 1 if share > 0 else 0)))


def of_class(scene: Scene, strength: Strength, drawn: Random) -> list[Draft]:
    """The reports that are hit where a fault gives a class away."""
    inside, outside = OF_CLASS[strength]
    return some(scene.of_target(), inside, drawn) + some(scene.of_others(), outside, drawn)


def of_all(scene: Scene, strength: Strength, drawn: Random) -> list[Draft]:
    """The reports that are hit where a fault is one of single reports."""
    return some(scene.drafts, OF_ALL[strength], drawn)


def rest(scene: Scene, hit: Sequence[Draft]) -> list[Draft]:
    """The reports that are not hit."""
    known = {id(draft) for draft in hit}
    return [draft for draft in scene.drafts if id(draft) not in known]
