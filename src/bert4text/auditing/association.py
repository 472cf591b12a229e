"""Does a feature go with a label? Chosen on half of the patients, measured on the rest, corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import hypergeom

from bert4text.auditing.reading import Reading
from bert4text.core.issue import Evidence
from bert4text.evaluation.intervals import wilson

SURE = 0.01
"""Family-wise error of a claim: p after Holm's correction over everything tried."""
WIDESPREAD = 0.05
"""Share of a label's reports that features must stand in together to be grave."""
STRONG = 0.25
"""Share of the doubt about a label that a feature must take away, at the lower end, to be grave."""
WEAK = 0.10
"""The same, to be worth a warning."""
_DIGIT = re.compile(r"\d")
SHOWN_REPORTS = 5
"""A word is shown only if it stands in so many reports of so many patients."""


@dataclass(frozen=True)
class Association:
    """How a feature goes with the label it was chosen for.

    Attributes:
        term, kind: the feature.
        label: the label's position; ``name`` its name.
        reports, patients: with the feature, over both halves.
        held: reports with the feature in the half measured on; ``right`` of them have the label.
        precision: share of reports with the feature that have the label, in that half; ``low`` and
            ``high`` are Wilson's 95 % interval, with patients as the number of trials.
        recall: share of the label's reports that hold the feature, in that half.
        base: share of reports that have the label at all.
        p: one-sided p of Fisher's exact test on patients; after ``corrected``, by Holm.
    """

    term: str
    kind: str
    label: int
    name: str
    reports: int
    patients: int
    held: int
    right: int
    precision: float
    low: float
    high: float
    recall: float
    base: float
    p: float

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other features."""
        return self.term, self.kind

    @property
    def removed(self) -> float:
        """Share of the doubt about the label that the feature takes away, at the lower end."""
        return (self.low - self.base) / (1 - self.base) if self.base < 1 else 0.0

    @property
    def strong(self) -> bool:
        """Whether it predicts the label beyond chance, and grossly."""
        return self.p < SURE and self.removed >= STRONG

    @property
    def weak(self) -> bool:
        """Whether it predicts the label beyond chance, enough to be told."""
        return self.p < SURE and (self.removed >= WEAK or self.low >= 3 * self.base)

    @property
    def shown(self) -> bool:
        """Whether the term may be shown: enough reports of enough patients hold it."""
        return min(self.reports, self.patients) >= SHOWN_REPORTS

    def evidence(self, kind: str | None = None) -> Evidence:
        """The association as a record; digits are masked."""
        return Evidence(
            term=masked(self.term),
            label=self.name,
            reports=self.reports,
            precision=round(self.precision, 4),
            low=round(self.low, 4),
            high=round(self.high, 4),
            kind=kind or self.kind,
        )


def masked(term: str) -> str:
    """A term with its digits hidden."""
    return _DIGIT.sub("#", term)


def indicator(found: Sequence[Iterable[int]], width: int) -> sparse.csr_matrix:
    """A matrix (n, width) of what stands in each report, from the numbers of its features."""
    columns = [sorted(set(row)) for row in found]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in columns])])
    places = np.asarray([column for row in columns for column in row], dtype=np.int64)
    return sparse.csr_matrix(
        (np.ones(len(places), dtype=np.int64), places, starts), shape=(len(found), width)
    )


def associate(
    reading: Reading, features: sparse.csr_matrix, terms: Sequence[tuple[str, str]]
) -> list[Association]:
    """Measure how each feature goes with the label it goes with best.

    The label is chosen on one half of the patients and measured on the other, so that the figure is
    out of sample. Features that are in no report of either half are left out.

    Args:
        reading: the reports.
        features: (n, m), 0 or 1.
        terms: (term, kind) of each column.
    """
    chosen = _label_of_each(features[~reading.held], reading.labels[~reading.held])
    held = features[reading.held]
    labels, groups = reading.labels[reading.held], reading.groups[reading.held]
    if not held.shape[0]:
        return []
    counts = np.asarray(held.sum(axis=0)).ravel()
    right = np.asarray(held.T @ labels.astype(np.int64))
    patients, all_patients = _patients(held, groups), _patients(features, reading.groups)
    totals = np.asarray(features.sum(axis=0)).ravel()
    sizes, people = labels.sum(axis=0), len(np.unique(groups))
    found = []
    for i in np.flatnonzero((counts > 0) & (chosen >= 0)).tolist():
        label = int(chosen[i])
        n, k, trials = int(counts[i]), int(right[i, label]), int(patients[i])
        base = float(sizes[label] / len(labels))
        low, high = wilson(k, n, effective=trials) or (0.0, 1.0)
        found.append(
            Association(
                term=terms[i][0], kind=terms[i][1], label=label, name=reading.names[label],
                reports=int(totals[i]), patients=int(all_patients[i]), held=n, right=k,
                precision=k / n, low=low, high=high, recall=k / int(sizes[label]) if sizes[label] else 0.0,
                base=base, p=_fisher(k / n, trials, base, people),
            )
        )  # fmt: skip
    return found


def corrected(associations: Sequence[Association]) -> list[Association]:
    """The associations with p corrected for their number (Holm, Scand J Stat 1979), most certain first."""
    ordered = sorted(associations, key=lambda one: (one.p, one.term))
    largest, adjusted = 0.0, []
    for rank, one in enumerate(ordered):
        largest = max(largest, min(1.0, one.p * (len(ordered) - rank)))
        adjusted.append(replace(one, p=largest))
    return adjusted


def strongest(associations: Iterable[Association], *, at_most: int = 20) -> list[Association]:
    """Those that may be shown, first the ones that name most reports of their label beyond its share."""
    shown = [one for one in associations if one.shown]
    return sorted(shown, key=lambda one: (-one.reports * (one.precision - one.base), one.term))[:at_most]


def holders(
    associations: Iterable[Association],
    features: Sequence[Sequence[int]],
    numbers: Mapping[tuple[str, str], int],
) -> npt.NDArray[np.bool_]:
    """Whether each report holds any of these features.

    Args:
        associations: the features.
        features: the numbers of what stands in each report.
        numbers: the number of each feature, by its key.
    """
    asked = {numbers[one.key] for one in associations}
    return np.asarray([not asked.isdisjoint(row) for row in features], dtype=np.bool_)


def widespread(
    associations: Iterable[Association],
    reading: Reading,
    features: Sequence[Sequence[int]],
    numbers: Mapping[tuple[str, str], int],
) -> list[Association]:
    """Those of labels of which enough reports hold such a feature for it to matter; others as ``holders``."""
    kept = []
    for found in by_label(associations).values():
        own = reading.labels[:, found[0].label]
        if (own & holders(found, features, numbers)).sum() >= WIDESPREAD * own.sum():
            kept.extend(found)
    return kept


def by_label(associations: Iterable[Association]) -> Mapping[str, list[Association]]:
    """The associations of each label."""
    grouped: dict[str, list[Association]] = {}
    for one in associations:
        grouped.setdefault(one.name, []).append(one)
    return grouped


def _label_of_each(features: sparse.csr_matrix, labels: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The label each feature goes with most surely (largest z against the label's share); -1 if unseen."""
    if not features.shape[0]:
        return np.full(features.shape[1], -1, dtype=np.int64)
    counts = np.asarray(features.sum(axis=0)).ravel()[:, None]
    right = np.asarray(features.T @ labels.astype(np.int64))
    base = labels.mean(axis=0)[None, :]
    spread = np.sqrt(np.maximum(counts * base * (1 - base), 1e-12))
    scores: Any = np.where((base > 0) & (base < 1), (right - counts * base) / spread, -np.inf)
    best = np.argmax(scores, axis=1)
    return np.where(counts.ravel() > 0, best, -1).astype(np.int64)


def _patients(features: sparse.csr_matrix, groups: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many groups hold each feature."""
    numbers, compact = np.unique(groups, return_inverse=True)
    belongs = sparse.csr_matrix(
        (np.ones(len(compact), dtype=np.int64), (compact, np.arange(len(compact)))),
        shape=(len(numbers), len(compact)),
    )
    return np.asarray(((belongs @ features) > 0).sum(axis=0)).ravel().astype(np.int64)


def _fisher(precision: float, trials: int, base: float, people: int) -> float:
    """One-sided Fisher's exact test with patients as trials."""
    return float(hypergeom.sf(round(precision * trials) - 1, people, round(base * people), trials))
