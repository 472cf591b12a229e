"""A system at work on a lot, in a process of its own: reports in as JSON, answers out as an array file."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass
class Answered:
    """What a system answered.

    Attributes:
        answers: name -> probabilities [n, k] and what was decided, int64 [n] or 0 and 1 [n, k].
        facts: what is told beside.
        aside: arrays that are kept beside.
    """

    answers: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    aside: dict[str, Array] = field(default_factory=dict)


def serve(work: Callable[[Mapping[str, Any]], Answered]) -> None:
    """Do the lot of the first argument and write the answers to the second."""
    lot = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    start = time.perf_counter()
    found = work(lot)
    facts = {**found.facts, "seconds": round(time.perf_counter() - start, 1)}
    arrays: dict[str, Array] = {f"aside.{name}": value for name, value in found.aside.items()}
    for name, (probabilities, decided) in found.answers.items():
        arrays[f"probabilities.{name}"] = probabilities.astype(np.float32)
        arrays[f"decided.{name}"] = decided
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    partial = Path(sys.argv[2]).with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(sys.argv[2])
