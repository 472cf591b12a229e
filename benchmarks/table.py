"""The summary of results as a table.

    python -m benchmarks.table FILE [--markdown] [--against SYSTEM ...]

``--against`` sets the systems against others than the measurement did: ratios are worked out from the rounds.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.summary import summary

DISTURBED = 0.1
"""Share of the cores that others kept busy during a round from which a table says so."""
_TOLD = {
    "agreement": "same label",
    "difference": "probability differs by",
    "macro_f1": "macro-F1",
    "peak_mib": "peak MiB",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--against", action="append", default=[], metavar="SYSTEM")
    asked = parser.parse_args()
    results = json.loads(asked.file.read_text(encoding="utf-8"))
    if asked.against:
        results["summary"] = summary(results["runs"], compared=asked.against)
    print(table(results, markdown=asked.markdown))


def table(results: dict[str, Any], *, markdown: bool = False) -> str:
    """One table for each case, as text or as Markdown."""
    blocks = []
    for case in dict.fromkeys(row["case"] for row in results["summary"]):
        rows = [row for row in results["summary"] if row["case"] == case]
        facts = results["settings"].get("cases", {}).get(case, {})
        title = f"{case}: {_facts(facts)}" if facts else case
        head, cells = _columns(rows, gflop=facts.get("gflop"))
        blocks.append(_markdown(title, head, cells) if markdown else _text(title, head, cells))
    if results.get("peak"):
        title, (head, cells) = "Matrix products alone, GFLOP/s", _peak(results["peak"])
        blocks.append(_markdown(title, head, cells) if markdown else _text(title, head, cells))
    disturbed = sum((run.get("others") or 0) > DISTURBED for run in results["runs"])
    if disturbed:
        blocks.append(
            f"{disturbed} rounds were disturbed: others kept over {DISTURBED:.0%} of the cores busy."
        )
    return "\n\n".join(blocks)


def _peak(rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """A line for each shape, a column for each precision."""
    kinds = list(dict.fromkeys(row["precision"] for row in rows))
    rates = {(tuple(row["shape"]), row["precision"]): _number(row["gflops"]) for row in rows}
    shapes = dict.fromkeys(shape for shape, _ in rates)
    cells = [
        [" x ".join(map(str, shape)), *(rates.get((shape, kind), "") for kind in kinds)] for shape in shapes
    ]
    return ["product", *kinds], cells


def _facts(facts: dict[str, Any]) -> str:
    shown = [f"{value} {name}" for name, value in facts.items() if name in {"reports", "tokens"}]
    return ", ".join(shown)


def _columns(rows: Sequence[dict[str, Any]], *, gflop: float | None) -> tuple[list[str], list[list[str]]]:
    told = [name for name in _TOLD if any(row.get(name) is not None for row in rows)]
    against = list(dict.fromkeys(name for row in rows for name in row.get("ratio_to") or ()))
    rated = gflop is not None and any(row.get("measure") == "reports/s" for row in rows)
    head = ["system", "measure", "median", "quartiles"]
    head += (
        [f"/ {name}" for name in against] + (["GFLOP/s"] if rated else []) + [_TOLD[name] for name in told]
    )
    cells = []
    for row in rows:
        if "failure" in row:
            line = [row["system"], f"failed: {row['failure']} ({row['stage']})"]
            cells.append(line + [""] * (len(head) - len(line)))
            continue
        line = [row["system"], row["measure"], _number(row["median"])]
        line.append(f"{_number(row['low'])} to {_number(row['high'])}")
        line += [_ratio((row["ratio_to"] or {}).get(name)) for name in against]
        if rated and gflop is not None:
            line.append(_number(row["median"] * gflop) if row["measure"] == "reports/s" else "")
        cells.append(line + [_told(row.get(name)) for name in told])
    return head, cells


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _ratio(found: dict[str, float] | None) -> str:
    return "" if found is None else f"{found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})"


def _told(value: float | None) -> str:
    return "" if value is None else _number(value) if abs(value) > 1 else f"{value:.4g}"


def _markdown(title: str, head: list[str], cells: list[list[str]]) -> str:
    rule = ["---"] * 2 + ["---:"] * (len(head) - 2)
    lines = ["| " + " | ".join(line) + " |" for line in (head, rule, *cells)]
    return f"**{title}**\n\n" + "\n".join(lines)


def _text(title: str, head: list[str], cells: list[list[str]]) -> str:
    widths = [max(len(line[place]) for line in (head, *cells)) for place in range(len(head))]
    lines = []
    for line in (head, *cells):
        first = [cell.ljust(width) for cell, width in zip(line[:2], widths, strict=False)]
        rest = [cell.rjust(width) for cell, width in zip(line[2:], widths[2:], strict=True)]
        lines.append("  ".join([*first, *rest]).rstrip())
    return title + "\n" + "\n".join(lines)


if __name__ == "__main__":
    main()
