"""Measure what can be relied on: prediction sets, what is left to a person, and what wrong answers cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bert4text.core.prediction import Promise, Status
from bert4text.core.reliance import Benefit, Burden, Coverage, Reliance, Selection, Share
from bert4text.evaluation.answers import Answers, Bools, Floats, Indices
from bert4text.evaluation.config import ReviewConfig
from bert4text.evaluation.intervals import effective_size, wilson

ACTED = np.round(np.arange(0.02, 0.99, 0.02), 2)
"""Probabilities from which one acts, in a decision curve."""
MOST = 200
"""Points of a curve of the surest answers, at most."""

Kept = Mapping[tuple[float, Promise], tuple[Bools, Sequence[float | None]]]
"""For each promise: which labels cannot be excluded, bool [n, k], and from which score on each one is."""


def reliance(
    answers: Mapping[str, Answers],
    lead: str,
    *,
    names: Sequence[str],
    index: Indices,
    by_patient: bool,
    kept: Kept,
    usual: tuple[float, Promise] | None,
    statuses: Sequence[tuple[Status, str | None]],
    promised: float | None,
    guarded: bool,
    config: ReviewConfig,
    point: Mapping[str, Any],
) -> Reliance:
    """What can be relied on of the system that answers.

    Args:
        answers: of every system, on the same reports.
        lead: the system that answers.
        names: of the labels.
        index: the patient of each report.
        by_patient: whether patients are known.
        kept: what cannot be excluded under each promise; none where that was not fitted.
        usual: the promise that is made if nothing is asked for.
        statuses: what became of each report, and why.
        promised: share that the guard may leave to a person by mistake; None where it cannot tell.
        guarded: whether there is a guard.
        config: the reading that is planned for.
        point: the operating point.
    """
    one, shares = answers[lead], _Shares(index, by_patient=by_patient)
    every = np.ones(len(one), dtype=np.bool_)
    given = np.array([status == "ok" for status, _ in statuses])
    abstained = np.array([status == "abstained" for status, _ in statuses])
    beyond = np.array([status == "out-of-scope" for status, _ in statuses])
    right = np.asarray(np.equal(one.truth, one.decided).all(axis=1), dtype=np.bool_)
    return Reliance(
        level=None if usual is None else usual[0],
        promise=None if usual is None else usual[1],
        coverage=tuple(_coverage(one, kept, names, shares)),
        guarded=shares.of(beyond, every) if guarded else None,
        promised=promised,
        abstained=shares.of(abstained, every) if abstained.any() else None,
        risk=shares.of(given & ~right, given),
        burden=tuple(
            Burden(
                label=name,
                missed=shares.of(one.truth[:, label] & ~one.decided[:, label] & given, every),
                extra=shares.of(one.decided[:, label] & ~one.truth[:, label] & given, every),
                left=shares.of(one.truth[:, label] & ~given, every),
            )
            for label, name in enumerate(names)
        ),
        benefit=tuple(_benefit(answers, lead, names)),
        selection=_selection(one, right) if one.single else None,
        reports_per_day=config.reports_per_day,
        minutes=config.minutes,
        point=dict(point),
    )


class _Shares:
    """Makes shares of reports, with Wilson's interval by patient where patients are known."""

    def __init__(self, index: Indices, *, by_patient: bool) -> None:
        self._index = index
        self._interval = "wilson-patient" if by_patient else "wilson-report"

    def of(self, hit: Bools, counted: Bools) -> Share:
        """The share of the counted reports that are hit."""
        n, hits = int(counted.sum()), int((hit & counted).sum())
        bounds = wilson(hits, n, effective=effective_size(hit & counted, counted, self._index)) if n else None
        if bounds is None:
            return Share(value=None, n=n)
        return Share(value=hits / n, low=bounds[0], high=bounds[1], n=n, interval=self._interval)


def _coverage(one: Answers, kept: Kept, names: Sequence[str], shares: _Shares) -> Iterator[Coverage]:
    every = np.ones(len(one), dtype=np.bool_)
    for (level, promise), (conformal, quantiles) in kept.items():
        sets = np.logical_or(conformal, one.decided)  # the answer is always in its set
        if one.single:
            yield Coverage(
                level=level,
                promise=promise,
                covered=shares.of(np.asarray(np.logical_and(sets, one.truth).any(axis=1)), every),
                single=shares.of(np.equal(sets.sum(axis=1), 1), every),
                labels=float(sets.sum(axis=1).mean()),
                excluded=None not in quantiles,
            )
        for label, name in enumerate(names):
            held = one.truth[:, label]
            yield Coverage(
                level=level,
                promise=promise,
                label=name,
                covered=shares.of(np.asarray(sets[:, label]), held),
                labels=float(sets[held].sum(axis=1).mean()) if held.any() else 0.0,
                excluded=quantiles[label] is not None,
            )


def _selection(one: Answers, right: Bools) -> Selection:
    """Risk by coverage, the surest answers first.

    The curve of a selective classifier (El-Yaniv & Wiener, 2010, "On the Foundations of Noise-free Selective
    Classification").
    """
    sure = np.where(one.decided, one.probabilities, 0.0).max(axis=1)
    order = np.argsort(-sure, kind="stable")
    risk = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    chosen = np.unique(np.linspace(0, len(order) - 1, min(MOST, len(order))).astype(np.int64))
    return Selection(
        answered=tuple(((chosen + 1) / len(order)).tolist()),
        risk=tuple(risk[chosen].tolist()),
        area=float(risk.mean()),
    )


def _benefit(answers: Mapping[str, Answers], lead: str, names: Sequence[str]) -> Iterator[Benefit]:
    """Net benefit (Vickers & Elkin, 2006, "Decision Curve Analysis"), of one label of two, or of each."""
    one = answers[lead]
    first = 1 if len(names) == 2 and one.single else 0
    for label in range(first, len(names)):
        held = one.truth[:, label]
        if held.all() or not held.any():
            continue
        odds = ACTED / (1 - ACTED)
        share = float(held.mean())
        yield _curve("all", names[label], share - (1 - share) * odds)
        for system in dict.fromkeys((lead, "tfidf")):
            if system in answers:
                acted = answers[system].probabilities[:, label, None] >= ACTED
                net = (acted & held[:, None]).mean(axis=0) - (acted & ~held[:, None]).mean(axis=0) * odds
                yield _curve(system, names[label], net)


def _curve(system: str, label: str, net: Floats) -> Benefit:
    return Benefit(system=system, label=label, x=tuple(ACTED.tolist()), y=tuple(net.tolist()))
