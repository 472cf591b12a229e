"""Does a feature go with a label? Each half of the patients is measured by the choice of the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
        reports, patients: with the feature; ``right`` of the reports have the label.
        precision: share of reports with the feature that have the label; ``low`` and ``high`` are Wilson's
            95 % interval, with patients as the number of trials.
        recall: share of the label's reports that hold the feature.
        base: share of reports that have the label at all.
        p: one-sided p of Fisher's exact test on patients, times the labels it could have been chosen for;
            after ``corrected``, by Holm.
    """

    term: str
    kind: str
    label: int
    name: str
    reports: int
    patients: int
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

    Each half of the patients is measured for the label that the other half chose, so that the figures are
    out of sample. Features that the halves do not choose the same label for go with none and are left out.
    That the choice was one among k labels is paid for by k times the p of the test.

    Args:
        reading: the reports.
        features: (n, m), 0 or 1.
        terms: (term, kind) of each column.
    """
    labels = reading.labels
    if not features.shape[0] or not features.shape[1]:
        return []
    chosen = _agreed(reading, features)
    totals = np.asarray(features.sum(axis=0)).ravel()
    right = np.asarray(features.T @ labels.astype(np.int64))
    patients = _patients(features, reading.groups)
    sizes, people = labels.sum(axis=0), len(np.unique(reading.groups))
    choices = int(((sizes > 0) & (sizes < len(labels))).sum())
    found = []
    for i in np.flatnonzero(chosen >= 0).tolist():
        label = int(chosen[i])
        n, k, trials = int(totals[i]), int(right[i, label]), int(patients[i])
        base = float(sizes[label] / len(labels))
        low, high = wilson(k, n, effective=trials) or (0.0, 1.0)
        found.append(
            Association(
                term=terms[i][0], kind=terms[i][1], label=label, name=reading.names[label],
                reports=n, patients=trials, right=k, precision=k / n, low=low, high=high,
                recall=k / int(sizes[label]), base=base,
                p=min(1.0, choices * _fisher(k / n, trials, base, people)),
            )
        )  # fmt: skip
    return found


def corrected(associations: Sequence[Association], *, tried: int | None = None) -> list[Association]:
    """The associations with p corrected for their number (Holm, Scand J Stat 1979), most certain first.

    Args:
        associations: the most certain of those that were tried.
        tried: how many those were; None if these are all.
    """
    ordered = sorted(associations, key=lambda one: (one.p, one.term))
    number, largest, adjusted = max(tried or 0, len(ordered)), 0.0, []
    for rank, one in enumerate(ordered):
        largest = max(largest, min(1.0, one.p * (number - rank)))
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
    *,
    share: float = WIDESPREAD,
) -> list[Association]:
    """Those of labels of which ``share`` of the reports hold such a feature; the others as ``holders``."""
    kept = []
    for found in by_label(associations).values():
        own = reading.labels[:, found[0].label]
        if (own & holders(found, features, numbers)).sum() >= share * own.sum():
            kept.extend(found)
    return kept


def by_label(associations: Iterable[Association]) -> Mapping[str, list[Association]]:
    """The associations of each label."""
    grouped: dict[str, list[Association]] = {}
    for one in associations:
        grouped.setdefault(one.name, []).append(one)
    return grouped


def surest(features: sparse.csr_matrix, labels: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How surely each feature goes with each label: (m, k), z against its share; -inf where unseen."""
    counts = np.asarray(features.sum(axis=0)).ravel()[:, None]
    right = np.asarray(features.T @ labels.astype(np.int64))
    n, base = len(labels), labels.mean(axis=0)[None, :]
    spread = np.sqrt(np.maximum(counts * base * (1 - base) * (1 - counts / n), 1e-9))
    known = (base > 0) & (base < 1) & (counts > 0)
    return np.where(known, (right - counts * base) / spread, -np.inf)


def _agreed(reading: Reading, features: sparse.csr_matrix) -> npt.NDArray[np.int64]:
    """The label that both halves choose for each feature; -1 where they differ or one never met it."""
    choices = []
    for half in (reading.held, ~reading.held):
        if not half.any():
            return np.full(features.shape[1], -1, dtype=np.int64)
        scores = surest(features[half], reading.labels[half])
        choices.append(np.where(np.isfinite(scores).any(axis=1), np.argmax(scores, axis=1), -1))
    return np.where(choices[0] == choices[1], choices[0], -1).astype(np.int64)


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
