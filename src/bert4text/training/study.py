"""The study that the trials of tuning belong to: the same folds, the same seeds, one budget for all."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bert4text.core import seeds
from bert4text.core.digest import digest
from bert4text.core.errors import GuardError
from bert4text.core.labels import LabelSpace
from bert4text.core.progress import Progress
from bert4text.evaluation.answers import Bools
from bert4text.training import search
from bert4text.training.config import TrainConfig
from bert4text.training.folds import Fold, folds
from bert4text.training.gain import Held
from bert4text.training.parts import Part
from bert4text.training.trials import Budget, Line, Trials, Turn, packed, unpacked
from bert4text.training.tune_config import TuneConfig

LEAST = 6
"""Trials that there should be time for, the two that confirm among them; else fewer folds are scored."""

CONFIRMING = 2
"""Trials that it takes to score the best settings and the defaults again."""

MARGIN = 1.1
"""What is kept for them is so many times what they are expected to take."""


@dataclass
class Trial:
    """One point, and the labels it gave to the reports of each fold scored so far; 0 is the defaults."""

    number: int
    point: search.Point
    decided: list[Bools] = field(default_factory=list)
    pruned: bool = False

    @property
    def said(self) -> Bools:
        """The labels given, one fold after the other, bool [n, k]."""
        return np.concatenate(self.decided)


@dataclass
class Study:
    """What every trial of one search needs.

    Attributes:
        pool: the reports that are learned from and scored, in turn.
        label_space: the question.
        config: settings as given, effort and encoder resolved.
        settings: of the search.
        space: what may be changed.
        rate: the learning rate where none is given.
        trials: what is known so far.
        budget: the time that is left.
        corpus: fingerprint.
        seed: the one seed.
        work: an existing folder that outlives a kill.
        progress: where to show how far it has come.
        seconds: of each fold that was answered.
    """

    pool: Part
    label_space: LabelSpace
    config: TrainConfig
    settings: TuneConfig
    space: search.Space
    rate: float
    trials: Trials
    budget: Budget
    corpus: str
    seed: int
    work: Path
    progress: Progress
    seconds: list[float] = field(default_factory=list)

    @cached_property
    def folds(self) -> list[Fold]:
        """Those of the search."""
        return self._dealt("search")

    @cached_property
    def again(self) -> list[Fold]:
        """Those that confirm: the same patients, dealt otherwise."""
        return self._dealt("confirmation")

    def _dealt(self, turn: Turn) -> list[Fold]:
        seed = seeds.integer(self.seed, f"training.tune.folds.{turn}")
        return folds(self.pool, self.label_space, count=self.settings.folds, seed=seed)

    def held(self, given: Sequence[Fold]) -> Held:
        """The reports of some folds, one fold after the other."""
        rows = np.concatenate([fold.rows for fold in given])
        return Held(self.pool.truth[rows], [self.pool.groups[row] for row in rows], self.seed)

    def score(self, trial: Trial) -> float:
        """Macro-F1 of a trial on the folds it was scored on."""
        return self.held(self.folds[: len(trial.decided)]).score(trial.said)

    def best(self, tried: Sequence[Trial]) -> Trial:
        """The trial with the highest score of those scored on every fold; of equals the first."""
        return max((trial for trial in tried if not trial.pruned), key=self.score)

    def changes(self, trial: Trial) -> dict[str, Any]:
        """What a trial changes: setting -> value."""
        return search.changes(self.space, trial.point, rate=self.rate)

    @property
    def scored(self) -> int:
        """Folds that each trial is scored on: all, or as many as leave time for ``LEAST`` trials.

        The first fold of the defaults and the time first given settle it, so that resuming keeps it.
        """
        if not self.seconds:
            return self.settings.folds
        affordable = self.trials.start.minutes * 60 // (LEAST * max(self.seconds[0], 1e-9))
        return int(max(1, min(self.settings.folds, affordable)))

    @property
    def each(self) -> float:
        """Seconds that a fold is expected to take; 0 before the first."""
        return median(self.seconds) if self.seconds else 0.0

    @property
    def reserve(self) -> float:
        """Seconds kept to confirm, where they and two trials fit in."""
        trial = self.each * self.scored
        return MARGIN * CONFIRMING * trial if self.budget.seconds >= (2 + CONFIRMING) * trial else 0.0

    @property
    def suffices(self) -> bool:
        """Whether one more trial is expected to end in time."""
        return self.budget.left - self.reserve >= self.each * self.scored

    def answer(
        self, trial: Trial, turn: Turn, fold: Fold, *, reserve: float = 0.0, expected: float = 0.0
    ) -> Bools | None:
        """What a trial says of the reports of a fold, bool [n, k]; None where there is no time for it.

        Args:
            trial: whose settings learn.
            turn: of the search or of what confirms it.
            fold: what is held out.
            reserve: seconds that must be left when it ends.
            expected: seconds that must be left beyond those before it begins.
        """
        for line in self.trials.of(turn, trial.point, fold.number):
            self.budget.spend(line.seconds)
            if line.decided is not None:
                self.seconds.append(line.seconds)
                return unpacked(line.decided, fold.held.truth.shape)
        if self.budget.left <= reserve or self.budget.left < reserve + expected:
            return None
        begun = self.budget.spent
        decided = self._learned(trial, turn, fold, reserve=reserve)
        gc.collect()  # a training refers to itself: its weights would stay beside those of the next
        line = Line(
            turn=turn,
            trial=trial.number,
            point=trial.point,
            fold=fold.number,
            seconds=self.budget.spent - begun,
            decided=None if decided is None else packed(decided),
        )
        self.trials.add(line)
        if decided is not None:
            self.seconds.append(line.seconds)
        return decided

    def _learned(self, trial: Trial, turn: Turn, fold: Fold, *, reserve: float) -> Bools | None:
        from bert4text.training import held_out  # noqa: PLC0415 - torch only when it is needed

        given = search.merged(self.config.model_dump(exclude_unset=True), self.changes(trial))
        work = self.work / f"{turn}-{digest(trial.point)[:16]}-{fold.number}"
        try:
            decided = held_out.answer(
                fold,
                TrainConfig.parse(given, section="train"),
                corpus=f"{self.corpus} {turn} {fold.number}",
                seed=seeds.integer(self.seed, f"training.tune.fit.{turn}"),
                work=work,
                late=lambda: self.budget.left <= reserve,
                progress=self.progress,
            )
        except held_out.OutOfTime:
            return None
        except GuardError:  # it diverged: whatever it would have said is wrong
            if trial.number == 0 and turn == "search":
                raise
            decided = np.zeros(fold.held.truth.shape, dtype=np.bool_)
        shutil.rmtree(work, ignore_errors=True)
        return decided
