"""The suite: perturbations tried one by one on reports whose unchanged answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bert4text.core.progress import Task
from bert4text.core.report import Report
from bert4text.core.seeds import rng
from bert4text.core.stress import Failure, Stressed
from bert4text.robustness.config import StressConfig
from bert4text.robustness.perturbation import Perturbation
from bert4text.robustness.rates import Trials, rate
from bert4text.robustness.scoring import Floats, Moved, Scoring

Answer = Callable[[Sequence[str]], Floats]
"""Calibrated probabilities float64 [n, k] of n texts."""
Read = Callable[[str], str]
"""How a text is repaired on entry, before a model is shown it."""
CHUNK = 256
"""Texts answered between two words to the progress."""


@dataclass(frozen=True)
class Tried:
    """Reports under stress, as they were answered unchanged.

    Attributes:
        reports: in order; those without an answer are left out.
        patients: what belongs together, of each.
        languages: of each; None where it is none of those that can be changed.
        before: float64 [n, k], the probabilities.
        noise: the largest difference where a report is asked twice.
        noisy: share of the reports whose answer is another then.
    """

    reports: Sequence[Report]
    patients: Sequence[str]
    languages: Sequence[str | None]
    before: Floats
    noise: float
    noisy: float


@dataclass(frozen=True)
class Found:
    """What became of one perturbation: its rate, its tests, and its worst failures."""

    stressed: Stressed
    tests: Trials
    worst: tuple[Failure, ...]


@dataclass(frozen=True)
class _Changed:
    """Changed reports: their texts, and the place of each among the reports."""

    texts: list[str]
    places: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Suite:
    """Tries perturbations.

    Attributes:
        tried: the reports, and how they were answered unchanged.
        answer: what answers.
        scoring: says what is a failure.
        config: settings.
        read: how a text is repaired on entry.
        seed: the one seed.
        task: told how far it is, in texts.
    """

    tried: Tried
    answer: Answer
    scoring: Scoring
    config: StressConfig
    read: Read
    seed: int
    task: Task

    def run(self, name: str, one: Perturbation, *, aside: bool) -> Found:
        """Try one perturbation on every report that it can change."""
        reason = self._skipped(one, aside=aside)
        if reason is not None:
            self.task.advance(len(self.tried.reports))
            return self._nothing(name, one, reason)
        changed = self._changed(name, one)
        applied = len(changed.texts)
        if one.expectation == "minimum-functionality":  # texts of no report: each counts once
            changed = _distinct(changed)
        if not changed.texts:
            self.task.advance(len(self.tried.reports))
            return self._nothing(name, one, "nothing-to-change")
        after = self._answers(changed)
        self.task.advance(len(self.tried.reports) - len(changed.texts))
        return self._counted(name, one, changed, after, applied / max(1, len(self.tried.reports)))

    def _skipped(self, one: Perturbation, *, aside: bool) -> str | None:
        if one.sideless and aside:
            return "asked-of-a-side"
        if one.expectation == "direction" and not self.scoring.ordered:
            return "no-order"
        if not set(one.languages) & set(self.tried.languages):
            return "language"
        return None

    def _nothing(self, name: str, one: Perturbation, reason: str) -> Found:
        stressed = Stressed(
            name=name,
            capability=one.capability,
            expectation=one.expectation,
            verdict="skipped",
            at_most=allowed(one.capability, self.config),
            reason=reason,
        )
        return Found(stressed, Trials(np.zeros(0, dtype=np.bool_), []), ())

    def _changed(self, name: str, one: Perturbation) -> _Changed:
        texts, places = [], []
        for place, (report, language) in enumerate(
            zip(self.tried.reports, self.tried.languages, strict=True)
        ):
            draws = rng(self.seed, f"stress.{name}.{report.id}")
            text = one.of(report.text, language=language, rng=draws)
            if text is not None:
                texts.append(text)
                places.append(place)
        return _Changed(texts, np.array(places, dtype=np.int64))

    def _answers(self, changed: _Changed) -> Floats:
        """Probabilities of changed texts as they are read; what reading repairs was answered before."""
        before = self.tried.before
        after = np.empty((len(changed.texts), before.shape[1]))
        texts = [self.read(text) for text in changed.texts]
        same = np.array(
            [
                text == self.tried.reports[place].text
                for text, place in zip(texts, changed.places.tolist(), strict=True)
            ],
            dtype=np.bool_,
        )
        after[same] = before[changed.places[same]]
        self.task.advance(int(same.sum()))
        rest = np.flatnonzero(~same)
        for start in range(0, len(rest), CHUNK):
            some = rest[start : start + CHUNK]
            after[some] = self.answer([texts[place] for place in some.tolist()])
            self.task.advance(len(some))
        return after

    def _counted(
        self, name: str, one: Perturbation, changed: _Changed, after: Floats, applied: float
    ) -> Found:
        of_reports = one.expectation != "minimum-functionality"
        moved = self._moved(one, changed, after)
        groups = (
            [self.tried.patients[place] for place in changed.places.tolist()]
            if of_reports
            else [f"{name}:{place}" for place in range(len(changed.texts))]
        )
        tests = Trials(moved.failed, groups)
        at_most = allowed(one.capability, self.config)
        counted = rate(
            name, [tests], capability=one.capability, at_most=at_most, minimum=self.config.minimum_n
        )
        stressed = Stressed(
            **counted.model_dump(),
            expectation=one.expectation,
            applied=applied,
            shifted=float((moved.shift > self.config.tolerance).mean()) if of_reports else None,
            largest=float(moved.shift.max()),
        )
        return Found(stressed, tests, tuple(self._worst(name, one, changed, after, moved)))

    def _moved(self, one: Perturbation, changed: _Changed, after: Floats) -> Moved:
        if one.expectation == "minimum-functionality":
            return self.scoring.unsure(after)
        before = self.tried.before[changed.places]
        if one.expectation == "direction":
            return self.scoring.directed(before, after, toward=one.toward)
        return self.scoring.invariant(before, after)

    def _worst(
        self, name: str, one: Perturbation, changed: _Changed, after: Floats, moved: Moved
    ) -> Iterator[Failure]:
        failed = np.flatnonzero(moved.failed)
        order = failed[np.argsort(-moved.shift[failed], kind="stable")][: self.config.worst]
        for test in order.tolist():
            place = int(changed.places[test])
            report = self.tried.reports[place]
            whose = one.expectation != "minimum-functionality"
            yield Failure(
                perturbation=name,
                id=report.id if whose else "",
                row=(place + 1 if report.source_row is None else report.source_row) if whose else None,
                before=self.scoring.answer(self.tried.before[place]) if whose else None,
                after=self.scoring.answer(after[test]),
                shift=float(moved.shift[test]),
            )


def _distinct(changed: _Changed) -> _Changed:
    """Each text once."""
    first = {text: place for place, text in reversed(list(enumerate(changed.texts)))}
    kept = sorted(first.values())
    return _Changed([changed.texts[place] for place in kept], changed.places[kept])


def allowed(capability: str, config: StressConfig) -> float:
    """The largest rate of failures with which a capability holds."""
    return config.at_most.get(capability, config.allowed)
