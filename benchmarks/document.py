"""Results as ``benchmark/1``: where they were measured, and how it came out; no text, path or id."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import Any

from bert4text.core.machine import describe, processor, versions
from bert4text.core.output import writing_file

_TOLD = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd")
"""Instructions of the processor worth naming."""


def document(
    name: str,
    *,
    started: str,
    settings: dict[str, Any],
    runs: list[dict[str, Any]],
    summary: list[dict[str, Any]],
) -> dict[str, Any]:
    """A benchmark's results."""
    machine = {
        **describe(),
        "flags": sorted(processor()[1].intersection(_TOLD)),
        "kernel": platform.release(),
    }
    return {
        "format": "benchmark/1",
        "name": name,
        "started": started,
        "machine": machine,
        "versions": versions(),
        "settings": settings,
        "runs": runs,
        "summary": summary,
    }


def known_runs(path: Path | None, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of an earlier, unfinished measurement under the same settings."""
    if path is None or not path.exists():
        return []
    kept = json.loads(path.read_text(encoding="utf-8"))
    return list(kept["runs"]) if kept["settings"] == settings else []


def write(path: Path, results: dict[str, Any]) -> None:
    """Write results, whole or not at all."""
    with writing_file(path, overwrite=True) as partial:
        lines = [f"{json.dumps(name)}: {_laid_out(value)}" for name, value in results.items()]
        partial.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _laid_out(value: Any) -> str:
    """JSON with one line for each run, or row of the summary."""
    if not isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    rows = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in value)
    return "[\n" + ",\n".join(rows) + "\n]"
