"""Worker of a peer: openmed's sweep of patterns alone; its models would have to be fetched from a hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openmed.core.safety_sweep import safety_sweep

from benchmarks.privacy.finding import Finding, on_one_core
from benchmarks.worker import serve


def opening(given: Mapping[str, Any]) -> Finding:
    """Nothing has to be opened."""
    on_one_core()
    language = given["language"].partition("-")[0]
    return Finding(
        given, lambda text: [(one.start, one.end) for one in safety_sweep(text, [], lang=language)]
    )


if __name__ == "__main__":
    serve(opening)
