"""What is measured of a system that finds identifiers: what it covers, and reports a second on one core.

It needs the standard library alone: peers' workers use it in environments of their own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Find = Callable[[str], Sequence[tuple[int, int]]]
"""Start and end of each identifier of a report, in any order, overlapping as they may."""
CLOCK, WORK = "reports/s", "reports/s of processor time"
"""By the clock; and by the time that the processor was at work for this process, whatever others did."""


class Finding:
    """The work of one system: find what identifies somebody in the reports of a case.

    Args:
        given: what the worker was told.
        find: what the system does.
    """

    def __init__(self, given: Mapping[str, Any], find: Find) -> None:
        self._texts: list[str] = given["texts"]
        self._find = find
        self._spans: list[Sequence[tuple[int, int]]] = []

    def round(self) -> Mapping[str, float]:
        """Read all reports once."""
        start, work = time.perf_counter(), time.process_time()
        self._spans = [self._find(text) for text in self._texts]
        seconds, busy = time.perf_counter() - start, time.process_time() - work
        return {CLOCK: len(self._texts) / seconds, WORK: len(self._texts) / busy}

    def facts(self) -> Mapping[str, Any]:
        """What was found in the last round, report by report."""
        return {"spans": [[[int(start), int(end)] for start, end in spans] for spans in self._spans]}


def on_one_core() -> None:
    """Stay on one core, with all threads that libraries start from now on."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
