"""The systems that train: ours first, then those of others. A new one is a line here and a worker."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness import System

OURS, TRAINER = "ours", "benchmarks.speed.training_trainer"

SYSTEMS: tuple[System, ...] = (
    System(OURS, "benchmarks.speed.training_ours"),
    System("trainer", TRAINER, {"tuned": False}),
    System("trainer-tuned", TRAINER, {"tuned": True}),
    System("setfit", "benchmarks.speed.training_setfit", rival="setfit"),
)
COMPARED = ("trainer", "trainer-tuned")
"""What all are set against."""
PASSES = {OURS: 8, "trainer": 3, "trainer-tuned": 8, "setfit": 8}
"""Passes over the reports at most, by which the length of a measurement is announced."""


def chosen(names: Sequence[str] | None) -> tuple[System, ...]:
    """The systems asked for, in the order of the list."""
    unknown = set(names or ()) - {system.name for system in SYSTEMS}
    if unknown:
        raise SystemExit(f"no such system: {', '.join(sorted(unknown))}")
    return tuple(system for system in SYSTEMS if not names or system.name in names)
