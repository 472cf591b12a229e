"""Deal reports into train, validation, calibration and test: whole groups, stratified, or by time."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from bert4text.core.seeds import rng
from bert4text.data.labels import LabelSet

_IN_DOUBT = ("test", "validation", "train", "calibration")
"""Which split takes a report that all of them lack alike."""


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

    Units with the rarest labels are dealt first and the largest of them before the others, each to the
    split that lacks its labels most (iterative stratification: Sechidis, Tsoumakas and Vlahavas, "On the
    stratification of multi-label data", ECML PKDD 2011, here over groups).
    """
    counts: Counter[str] = Counter()
    for unit in given:
        counts.update(unit.labels)
    rarest = {unit: min(unit.labels, key=lambda label: (counts[label], label)) for unit in given}
    total = sum(shares.values())
    bins = [
        _Bin(name, shares[name] / total, counts) for name in sorted(shares, key=_doubt) if shares[name] > 0
    ]
    dealt: dict[int, str] = {}
    order = sorted(given, key=lambda unit: (counts[rarest[unit]], -len(unit.members), unit.key))
    for unit in order:
        chosen = max(bins, key=lambda part: part.fit(unit, rarest[unit]))
        chosen.take(unit)
        dealt.update(dict.fromkeys(unit.members, chosen.name))
    return dealt


def _doubt(name: str) -> tuple[int, str]:
    return (_IN_DOUBT.index(name) if name in _IN_DOUBT else len(_IN_DOUBT), name)


class _Bin:
    """A split while it is filled: how many reports of each label it still lacks."""

    def __init__(self, name: str, share: float, counts: Counter[str]) -> None:
        self.name = name
        self.counts = counts
        self.wanted = {label: n * share for label, n in counts.items()}
        self.lacking = dict(self.wanted)
        self.size = self.room = counts.total() * share

    def fit(self, unit: Unit, scarce: str) -> tuple[float, float, float]:
        """How well a unit would fit: by what it fills, then by its rarest label, then by room."""
        lacking = self.lacking
        gain = sum(
            (n if lacking[label] >= n else 2 * lacking[label] - n) / self.counts[label]
            for label, n in unit.labels.items()
        )
        return (
            round(gain, 9),
            round(lacking[scarce] / self.wanted[scarce], 9),
            round(self.room / self.size, 9),
        )

    def take(self, unit: Unit) -> None:
        """Put a unit in."""
        for label, n in unit.labels.items():
            self.lacking[label] -= n
            self.room -= n


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
