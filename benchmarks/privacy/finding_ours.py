"""Worker: our detectors, and a recognizer where one is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.privacy.finding import Finding, on_one_core
from benchmarks.privacy.recall import found_by
from benchmarks.worker import serve
from bert4text.models.recognizer import Recognizer
from bert4text.privacy.detect import DETECTORS
from bert4text.privacy.recognized import Recognized


def opening(given: Mapping[str, Any]) -> Finding:
    """Open the detectors."""
    on_one_core()
    detectors = [DETECTORS.get(name) for name in given["detectors"]]
    if given.get("recognizer"):
        detectors.append(Recognized(Recognizer.load(Path(given["recognizer"]))))
    return Finding(given, lambda text: found_by(detectors, text, given["language"]))


if __name__ == "__main__":
    serve(opening)
