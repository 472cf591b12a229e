"""Check: of which time do the figures tell, and does train hold reports younger than those of test?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
import numpy.typing as npt

from bert4text.auditing.checks import Context
from bert4text.auditing.leakage import cite
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue

CHECK = "time"
MEANT = 0.9
"""Share of test on one side of a day from which a split is one by time, if most of train is on the other."""
_MOST = 0.6
LONG = 730
"""Days between the earliest and the latest twentieth of the reports from which a period is long."""
_LEAST = 10  # dated reports of train and of test
_DATED = 0.5  # share of them that must be dated

Days = npt.NDArray[np.int64]


def check_time(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Whether a split by time is clean, is turned about, or was not made though the reports span years.

    Patients are kept whole, so a split is judged by the latest report of each patient in train and in test.
    """
    days = np.asarray([-1 if at is None else at.toordinal() for at in corpus.table["written_at"].to_pylist()])
    train, test = (_dated(corpus, split, days) for split in ("train", "test"))
    if train is None or test is None:
        return
    learned, tested = _latest(corpus, train, days), _latest(corpus, test, days)
    cut = _parting(learned, tested)
    if (learned <= cut).mean() >= _MOST and (tested > cut).mean() >= MEANT:
        yield from _younger(corpus, train[days[train] > cut], len(train))
        return
    cut = _parting(tested, learned)
    if (learned > cut).mean() >= _MOST and (tested <= cut).mean() >= MEANT:
        yield _backwards(corpus, train[days[train] > cut], len(train))
        return
    yield from _same_years(np.concatenate([days[train], days[test]]))


def _dated(corpus: Corpus, split: str, days: Days) -> Days | None:
    """Positions of the dated reports of a split; None where too few are."""
    own = np.flatnonzero(np.asarray(corpus.table["split"].to_pylist(), dtype=object) == split)
    kept = own[days[own] > 0]
    return kept if len(kept) >= max(_LEAST, _DATED * len(own)) else None


def _latest(corpus: Corpus, places: Days, days: Days) -> Days:
    """The day of the latest report of each patient."""
    groups, latest = corpus.groups, dict[str, int]()
    for place in places.tolist():
        latest[groups[place]] = max(latest.get(groups[place], 0), int(days[place]))
    return np.asarray(list(latest.values()), dtype=np.int64)


def _parting(early: Days, late: Days) -> int:
    """The day that best parts two sets: the least of ``early`` after it and of ``late`` on or before it."""
    candidates = np.unique(np.concatenate([early, late]))
    after = 1 - np.searchsorted(np.sort(early), candidates, side="right") / len(early)
    before = np.searchsorted(np.sort(late), candidates, side="right") / len(late)
    return int(candidates[np.argmin(after + before)])


def _younger(corpus: Corpus, hit: Days, total: int) -> Iterator[Issue]:
    if len(hit):
        yield Issue(
            check=CHECK,
            severity="warning",
            code="younger-in-train",
            message="the split is one by time, yet there are training reports as young as those of test: "
            "{count} of {total}",
            values={"count": len(hit), "total": total},
            reports=len(hit),
            rows=cite(corpus, hit.tolist()),
            remedy={"prepare.split.by": "time"},
        )


def _backwards(corpus: Corpus, hit: Days, total: int) -> Issue:
    return Issue(
        check=CHECK,
        severity="warning",
        code="test-is-older",
        message="test is older than train: the figures tell how reports of the past would have been read "
        "(training reports younger than test: {count} of {total})",
        values={"count": len(hit), "total": total},
        reports=len(hit),
        rows=cite(corpus, hit.tolist()),
        remedy={"prepare.split.by": "time"},
    )


def _same_years(days: Days) -> Iterator[Issue]:
    first, last = np.quantile(days, [0.05, 0.95], method="nearest").astype(int)
    if last - first >= LONG:
        yield Issue(
            check=CHECK,
            severity="info",
            code="same-years",
            message="train and test hold reports of the same years, {first} to {last}: the figures tell of "
            "these years, not of the next",
            values={"first": date.fromordinal(int(first)).year, "last": date.fromordinal(int(last)).year},
            remedy={"prepare.split.by": "time"},
        )
