"""What is measured of a system that answers texts: reports a second, or how long one report waits.

It needs the standard library alone: rivals' workers use it in environments of their own.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Answer = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Probabilities of the labels of each text, in order."""
ONE = "one"
"""What is given where texts are answered one at a time."""


class Answering:
    """The work of one system: answer the texts of a case.

    Args:
        given: what the worker was told.
        answer: what the system does.
    """

    def __init__(self, given: Mapping[str, Any], answer: Answer) -> None:
        kept = json.loads((folder_of(given) / "texts.json").read_text(encoding="utf-8"))
        self._texts: list[str] = kept[given["texts"]][: given["reports"]]
        self._one = bool(given[ONE])
        self._answer = answer
        self._rows: Sequence[Sequence[float]] = ()

    def round(self) -> Mapping[str, float]:
        """Answer all texts once."""
        return self._each() if self._one else self._all()

    def facts(self) -> Mapping[str, Any]:
        """The answers of the last round."""
        return {"answers": [[float(value) for value in row] for row in self._rows]}

    def _all(self) -> Mapping[str, float]:
        start = time.perf_counter()
        self._rows = self._answer(self._texts)
        return {"reports/s": len(self._texts) / (time.perf_counter() - start)}

    def _each(self) -> Mapping[str, float]:
        rows: list[Sequence[float]] = []
        waits: list[float] = []
        for text in self._texts:
            start = time.perf_counter()
            rows.extend(self._answer([text]))
            waits.append(1000 * (time.perf_counter() - start))
        self._rows = rows
        parts = statistics.quantiles(waits, n=20, method="inclusive")
        return {"p50 ms": parts[9], "p95 ms": parts[18]}


def folder_of(given: Mapping[str, Any]) -> Path:
    """Where the encoder in all its forms lies."""
    return Path(given["folder"])


def batches(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    """Texts in the order given, so many at a time."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]
