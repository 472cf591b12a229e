"""Issues that concern a share of the reports: graver the more there are, in all or in one class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bert4text.auditing.reading import Bools, Reading
from bert4text.core.issue import Issue, Severity

WARNING = 0.05
"""Share of the reports from which it is a warning."""
CLASS_WARNING = 0.2
"""Share of the reports of one class from which it is a warning."""
_LEAST = 10  # reports of a class that must be concerned for its share to count


def share_issue(
    reading: Reading,
    hit: Bools,
    *,
    check: str,
    code: str,
    message: str,
    severity: Severity | None = None,
    **values: Any,
) -> Iterator[Issue]:
    """The issue of some reports, if there are any; ``count`` and ``total`` are filled in.

    Args:
        reading: the reports that are read.
        hit: (n,), whether a report is concerned.
        check: name of the check.
        code: what exactly.
        message: template over ``count``, ``total`` and ``values``.
        severity: a warning by ``WARNING`` and ``CLASS_WARNING``, else a note, if not given.
        values: further values.
    """
    count = int(hit.sum())
    if count:
        yield Issue(
            check=check,
            severity=severity or _severity(reading, hit),
            code=code,
            message=message,
            values={"count": count, "total": len(reading), **values},
            reports=count,
            rows=reading.cite(hit),
        )


def _severity(reading: Reading, hit: Bools) -> Severity:
    if hit.mean() >= WARNING:
        return "warning"
    own, concerned = reading.labels.sum(axis=0), reading.labels[hit].sum(axis=0)
    grave = ((concerned >= _LEAST) & (concerned >= CLASS_WARNING * own)).any()
    return "warning" if grave else "info"
