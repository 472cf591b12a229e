"""Reports that repeat each other: keep one; set aside those that contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bert4text.data.labels import LabelSet

_KEPT_FIRST = ("test", "calibration", "validation", "train")


@dataclass(frozen=True)
class Repeats:
    """Positions of reports.

    Attributes:
        dropped: they repeat a report that is kept.
        conflicting: their text stands elsewhere with another label.
        texts: how many texts have conflicting labels.
    """

    dropped: tuple[int, ...]
    conflicting: tuple[int, ...]
    texts: int


def find_repeats(
    digests: Sequence[bytes],
    labels: Sequence[LabelSet | None],
    *,
    splits: Sequence[str | None],
    keys: Sequence[str],
) -> Repeats:
    """Find repeated texts and those whose labels conflict.

    Of equal texts a labelled one is kept, one in ``test`` before one in ``train`` (so that no test report
    is lost to training), then the one with the smallest key: the order of rows does not matter.

    Args:
        digests: equal for texts that repeat each other.
        labels: the labels of each report; None is unlabelled and conflicts with nothing.
        splits: the split that was given, if any.
        keys: what else distinguishes the reports, for example the id.
    """
    places: dict[bytes, list[int]] = {}
    for place, digest in enumerate(digests):
        places.setdefault(digest, []).append(place)
    dropped: list[int] = []
    conflicting: list[int] = []
    texts = 0
    for same in places.values():
        if len(same) == 1:
            continue
        answers = {frozenset(labels[place] or ()) for place in same if labels[place] is not None}
        if len(answers) > 1:
            conflicting.extend(same)
            texts += 1
        else:
            same.sort(key=lambda place: (labels[place] is None, _rank(splits[place]), keys[place]))
            dropped.extend(same[1:])
    return Repeats(tuple(sorted(dropped)), tuple(sorted(conflicting)), texts)


def _rank(split: str | None) -> int:
    return _KEPT_FIRST.index(split) if split in _KEPT_FIRST else len(_KEPT_FIRST)
