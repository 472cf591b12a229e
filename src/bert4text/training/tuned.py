"""Records of tuning: how good the defaults and the best settings are, and whether a gain is noise."""

from __future__ import annotations

from typing import Any, Literal

from bert4text.core.config import Record


class Figure(Record):
    """A macro-F1, or a difference of two, with its interval of 95 %.

    Attributes:
        value: the figure.
        low, high: bootstrap by patient; None where no resample differs.
    """

    value: float
    low: float | None = None
    high: float | None = None


class Compared(Record):
    """The defaults and the best settings on the same reports, answered by models that have not seen them.

    Attributes:
        baseline: macro-F1 of the defaults, in which labels with few reports count less.
        best: that of the best settings.
        gain: ``best`` less ``baseline``, of pairs.
        better: share of the resamples of patients in which the best settings are better.
        reports: how many.
    """

    baseline: Figure
    best: Figure
    gain: Figure
    better: float
    reports: int


class Tried(Record):
    """One trial.

    Attributes:
        trial: its number; 0 is the defaults.
        settings: what it changed in ``[train]``, ``{"loss.focal": 1.0}``.
        score: macro-F1 of its answers out of fold.
        folds: folds that were scored.
        pruned: whether it was left before the last of them, for it was clearly worse than the best.
    """

    trial: int
    settings: dict[str, Any]
    score: float
    folds: int
    pruned: bool


class Tuned(Record):
    """What ``tune`` finds.

    Attributes:
        corpus: its fingerprint, ``sha256:...``.
        encoder: what learned.
        seed: the project's.
        reports, patients: of ``train`` and ``validation``; the reports themselves where patients are unknown.
        folds: that the patients were dealt into.
        scored: folds of them that each trial was scored on.
        trials: that were brought to an end.
        pruned: trials of them that were left early.
        seconds: of all of it, calls that were broken off included.
        searched: settings that were not fixed.
        search: the comparison on the folds of the search; the best of many is flattered by it.
        confirmation: the same on folds dealt anew; None where there was no time, or nothing to confirm.
        needed: share of resamples that had to be better.
        verdict: ``better`` or ``noise``.
        settings: what ``[train]`` takes beyond what it was given; empty where the defaults stay.
        tried: every trial.
    """

    format: Literal["tuned/1"] = "tuned/1"
    corpus: str
    encoder: str
    seed: int
    reports: int
    patients: int
    folds: int
    scored: int
    trials: int
    pruned: int
    seconds: float
    searched: tuple[str, ...]
    search: Compared
    confirmation: Compared | None
    needed: float
    verdict: Literal["better", "noise"]
    settings: dict[str, Any]
    tried: tuple[Tried, ...]

    @property
    def decisive(self) -> Compared:
        """The comparison that the verdict rests on."""
        return self.confirmation or self.search
