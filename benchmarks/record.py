"""Results so far: kept case by case in a file, so that a measurement that was broken off goes on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.document import document, write
from benchmarks.summary import summary
from bert4text.core.machine import versions
from bert4text.core.manifest import utc_now

Run = dict[str, Any]
"""A round of a system in a case; with ``round`` None what is told of its whole worker, or its failure."""
Summing = Callable[[Sequence[Run]], list[dict[str, Any]]]


class Record:
    """The results so far, in a file if there is one.

    Args:
        name: of the benchmark.
        path: the file; what it holds under the same settings is kept.
        settings: that all cases share.
        summed: sums up the runs.

    Raises:
        SystemExit: the file holds a measurement under other settings.
    """

    def __init__(
        self, name: str, path: Path | None, *, settings: Mapping[str, Any], summed: Summing = summary
    ) -> None:
        self.name, self.path, self._summed = name, path, summed
        self.settings: dict[str, Any] = {**settings, "cases": {}}
        self.runs: list[Run] = []
        self.versions: dict[str, Any] = {**versions(), "systems": {}}
        self.peak: list[dict[str, Any]] = []
        self.started = utc_now()
        if path is not None and path.exists():
            self._continue(json.loads(path.read_text(encoding="utf-8")))

    def _continue(self, kept: dict[str, Any]) -> None:
        told = {name: value for name, value in kept["settings"].items() if name != "cases"}
        wanted = {name: value for name, value in self.settings.items() if name != "cases"}
        if (kept["name"], told) != (self.name, json.loads(json.dumps(wanted))):
            sys.exit("the file of --out holds a measurement under other settings: give another")
        self.settings["cases"] = kept["settings"]["cases"]
        self.runs, self.started, self.peak = kept["runs"], kept["started"], kept["peak"]
        self.versions["systems"] = kept["versions"]["systems"]

    def holds(self, case: str, facts: Mapping[str, Any]) -> bool:
        """Whether a case was measured; what is said of it must be the same."""
        known = self.settings["cases"].get(case)
        if known is not None and known != json.loads(json.dumps(dict(facts))):
            sys.exit("the file of --out holds a case of that name with other reports: give another")
        return known is not None

    def add(
        self, case: str, facts: Mapping[str, Any], *, runs: Sequence[Run], told: Mapping[str, Any]
    ) -> None:
        """Keep a case and the versions its workers told, and write the file."""
        self.settings["cases"][case] = dict(facts)
        self.runs.extend(runs)
        self.versions["systems"].update(told)
        self.save()

    def save(self) -> None:
        """Write the file, if there is one."""
        if self.path is not None:
            write(self.path, self.document())

    def document(self) -> dict[str, Any]:
        """What was measured, as ``benchmark/1``."""
        made = document(
            self.name,
            started=self.started,
            settings=self.settings,
            runs=self.runs,
            summary=self._summed(self.runs),
        )
        return {**made, "versions": self.versions, "peak": self.peak}
