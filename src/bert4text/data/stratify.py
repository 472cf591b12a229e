"""Deal reports into train, validation, calibration and test: whole groups, stratified, or by time."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from bert4text.core.seeds import rng
from bert4text.data.labels import LabelSet

_IN_DOUBT = ("test", "validation", "train", "calibration")
"""Which split takes a report that all of them lack alike."""

_REPORTS = 4
"""What keeping the number of reports weighs beside keeping one label, where reports have several."""


@dataclass(frozen=True, eq=False)
class Unit:
    """Reports that stay together.

    Attributes:
        members: positions of the reports.
        labels: how many of the reports have each label.
        key: order among units; depends on the seed and on what the reports say alone.
        latest: when the last of them was written.
    """

    members: tuple[int, ...]
    labels: Counter[str]
    key: bytes
    latest: datetime | None = None


def units(
    groups: Sequence[str],
    *,
    labels: Sequence[LabelSet | None],
    digests: Sequence[bytes],
    keys: Sequence[str],
    written: Sequence[datetime | None],
    seed: int,
) -> list[Unit]:
    """The units of reports with equal group names; the names themselves do not matter.

    Args:
        groups: what each report belongs to.
        labels: its labels.
        digests: of its text.
        keys: what tells apart units that say the same, for example the ids.
        written: when it was written.
        seed: of the project.
    """
    members: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    salt = rng(seed, "prepare.split").bytes(16)
    made = []
    for places in members.values():
        content = sorted((digests[place], keys[place]) for place in places)
        said = hashlib.sha256(salt + b"".join(digest for digest, _ in content)).digest()
        apart = hashlib.sha256(
            salt + "\0".join(key for _, key in content).encode("utf-8", "replace")
        ).digest()
        dates = [found for place in places if (found := written[place]) is not None]
        counts = Counter(name for place in places for name in (labels[place] or ("",)))
        made.append(Unit(tuple(places), counts, said + apart, max(dates, default=None)))
    return made


def join_groups(first: Sequence[str | None], second: Sequence[str | None]) -> list[str]:
    """Group names under which reports that share either name are together, for example site and patient."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    own = []
    for place, (one, other) in enumerate(zip(first, second, strict=True)):
        names = [f"1:{one}"] * (one is not None) + [f"2:{other}"] * (other is not None) or [f"0:{place}"]
        for name in names[1:]:
            parent[root(name)] = root(names[0])
        own.append(names[0])
    return [root(name) for name in own]


def stratify(given: Sequence[Unit], shares: Mapping[str, float]) -> dict[int, str]:
    """Position -> split: each split gets its share of every label, as nearly as whole units allow.

    Units with the rarest label are dealt first, each to the split that lacks its labels most (iterative
    stratification: Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", ECML PKDD
    2011, here over groups, whose labels are summed). Where reports have several labels or none, the shares
    of the labels do not make those of the reports, and these are kept beside them.

    Args:
        given: what stays together.
        shares: of each split, or fold; they need not sum to 1.
    """
    counts: Counter[str] = Counter()
    for unit in given:
        counts.update(unit.labels)
    several = any(unit.labels.total() != len(unit.members) for unit in given)
    reports = sum(len(unit.members) for unit in given) if several else 0
    total = sum(shares.values())
    names = [name for name in dict.fromkeys((*_IN_DOUBT, *shares)) if shares.get(name, 0) > 0]
    bins = [_Bin(name, shares[name] / total, counts, reports=reports) for name in names]
    dealt: dict[int, str] = {}
    for unit, scarce in _scarcest_first(given, counts) if several else _rarest_first(given, counts):
        chosen = max(bins, key=lambda part: part.fit(unit, scarce))
        chosen.take(unit)
        dealt.update(dict.fromkeys(unit.members, chosen.name))
    return dealt


def _rarest_first(given: Sequence[Unit], counts: Counter[str]) -> Iterator[tuple[Unit, str]]:
    """Units and their rarest label: the rarest of all first, and the largest units before the others."""
    rarest = {unit: min(unit.labels, key=lambda label: (counts[label], label)) for unit in given}
    for unit in sorted(given, key=lambda unit: (counts[rarest[unit]], -len(unit.members), unit.key)):
        yield unit, rarest[unit]


def _scarcest_first(given: Sequence[Unit], counts: Counter[str]) -> Iterator[tuple[Unit, str]]:
    """All units of the label that fewest reports have, then of the one that fewest of those left have."""
    left, waiting = Counter(counts), list(given)
    while waiting:
        scarce = min((label for label, n in left.items() if n > 0), key=lambda label: (left[label], label))
        holding = [unit for unit in waiting if unit.labels[scarce]]
        for unit in sorted(holding, key=lambda unit: (-unit.labels[scarce], -len(unit.members), unit.key)):
            yield unit, scarce
            left.subtract(unit.labels)
        waiting = [unit for unit in waiting if not unit.labels[scarce]]


class _Bin:
    """A split while it is filled: how many reports of each label it still lacks.

    Args:
        name: of the split.
        share: of every label.
        counts: reports of each label in all.
        reports: in all, where their number is kept too; else 0.
    """

    def __init__(self, name: str, share: float, counts: Counter[str], *, reports: int) -> None:
        self.name = name
        self.counts = counts
        self.reports = reports
        self.wanted = {label: n * share for label, n in counts.items()}
        self.lacking = dict(self.wanted)
        self.size = self.room = (reports or counts.total()) * share

    def fit(self, unit: Unit, scarce: str) -> tuple[float, float, float]:
        """How well a unit would fit: by what it fills, then by its rarest label, then by room."""
        gain = sum(_filled(self.lacking[label], n) / self.counts[label] for label, n in unit.labels.items())
        if self.reports:
            gain += _REPORTS * _filled(self.room, len(unit.members)) / self.reports
        return (
            round(gain, 9),
            round(self.lacking[scarce] / self.wanted[scarce], 9),
            round(self.room / self.size, 9),
        )

    def take(self, unit: Unit) -> None:
        """Put a unit in."""
        for label, n in unit.labels.items():
            self.lacking[label] -= n
        self.room -= len(unit.members)


def _filled(lacking: float, n: int) -> float:
    """How many of n reports fill what is lacking, less those that are too many."""
    return n if lacking >= n else 2 * lacking - n


def by_time(given: Sequence[Unit], shares: Mapping[str, float]) -> dict[int, str]:
    """Position -> split: the earliest units in the first split, the latest in the last; undated first."""
    names = [name for name, share in shares.items() if share > 0]
    total = sum(shares[name] for name in names)
    reports = sum(len(unit.members) for unit in given)
    undated = [unit for unit in given if unit.latest is None]
    dated = sorted(
        (unit for unit in given if unit.latest is not None), key=lambda unit: (unit.latest, unit.key)
    )
    edges = list(accumulate(shares[name] / total for name in names))[:-1]
    dealt: dict[int, str] = {}
    before = 0
    for unit in [*undated, *dated]:
        middle = (before + len(unit.members) / 2) / reports
        dealt.update(dict.fromkeys(unit.members, names[bisect_right(edges, middle)]))
        before += len(unit.members)
    return dealt
