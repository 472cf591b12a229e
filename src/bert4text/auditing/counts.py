"""Check: are the classes large enough to learn and to measure?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue
from bert4text.evaluation.intervals import wilson

CHECK = "class-counts"
_EXPECTED = 0.8
"""The share found right for which the width of an interval is told."""
_MARGIN = 0.1
"""How far the interval may reach to either side, for telling how many reports it takes."""


def check_class_counts(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Count each class over all and in each split; say how wide the interval of a small one will be."""
    if corpus.label_space is None:
        return
    rows, splits = corpus.table["labels"].to_pylist(), corpus.table["split"].to_pylist()
    total = Counter(label for row in rows for label in row or ())
    if not total:
        return
    inside = Counter(
        (split, label) for row, split in zip(rows, splits, strict=True) for label in row or () if split
    )
    present = set(corpus.splits)
    for label in corpus.label_space.names:
        yield from _of_class(label, total[label], inside, present, context)


def _of_class(
    label: str, total: int, inside: Counter[tuple[str, str]], present: set[str], context: Context
) -> Iterator[Issue]:
    least = context.config.least_reports
    if total < least:
        yield Issue(
            check=CHECK,
            severity="error",
            code="class-too-small",
            message="reports of the class {label}: {count}; the least needed: {least}",
            values={"label": label, "count": total, "least": least},
            reports=total,
        )
        return
    if "train" in present and inside["train", label] < least:
        yield Issue(
            check=CHECK,
            severity="error",
            code="class-not-learned",
            message="reports of the class {label} to learn from: {count}; the least needed: {least}",
            values={"label": label, "count": inside["train", label], "least": least},
            reports=inside["train", label],
        )
    measured = inside["test", label] if "test" in present else total
    if measured < context.config.few_reports:
        yield _few(label, measured, split="test" in present)


def _few(label: str, count: int, *, split: bool) -> Issue:
    interval = wilson(_EXPECTED * count, count)
    low, high = interval or (0.0, 1.0)
    message = (
        "reports of the class {label} in test: {count}; at a recall of {expected}, "
        "the interval is from {low} to {high}; for one of ±{margin}, reports needed: {needed}"
        if split
        else "reports of the class {label}: {count}; at a recall of {expected}, "
        "the interval is from {low} to {high}; for one of ±{margin}, reports needed: {needed}"
    )
    return Issue(
        check=CHECK,
        severity="warning",
        code="class-hard-to-measure",
        message=message,
        values={
            "label": label,
            "count": count,
            "expected": _EXPECTED,
            "low": round(low, 2),
            "high": round(high, 2),
            "margin": _MARGIN,
            "needed": needed(_EXPECTED, margin=_MARGIN),
        },
        reports=count,
    )


@cache
def needed(share: float, *, margin: float) -> int:
    """How many reports it takes for half of the width of Wilson's interval to be at most ``margin``.

    Args:
        share: the share expected, in (0, 1).
        margin: half of the width allowed, above 0.
    """

    def wide(count: int) -> bool:
        low, high = wilson(share * count, count) or (0.0, 1.0)
        return high - low > 2 * margin

    most = 1
    while wide(most):
        most *= 2
    return bisect_left(range(1, most + 1), x=True, key=lambda count: not wide(count)) + 1
