"""Worker of a peer: tarja, with numbers whose check digits are wrong, which its command masks too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tarja

from benchmarks.privacy.finding import Finding, on_one_core
from benchmarks.worker import serve


def opening(given: Mapping[str, Any]) -> Finding:
    """Nothing has to be opened."""
    on_one_core()
    return Finding(
        given, lambda text: [(one.start, one.end) for one in tarja.find(text, report_invalid=True)]
    )


if __name__ == "__main__":
    serve(opening)
