"""Options that all benchmarks of the runner take."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.environments import cache
from bert4text.core.machine import cores
from bert4text.core.manifest import utc_now

ROUNDS = 5


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that all take."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few reports and one round: does it run?")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a prepared corpus, or a folder with one")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; known cases are not run again")
    parser.add_argument("--busy", action="store_true", help="measure on a busy machine too")
    parser.add_argument("--table", action="store_true", help="print the table as Markdown")
    parser.add_argument("--rounds", type=int, help=f"rounds of each system (default {ROUNDS})")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of each system")
    parser.add_argument("--rivals", type=Path, default=cache(), metavar="DIR", help="rivals' environments")
    parser.add_argument("--systems", type=names, help="only these, by name, with commas")
    return parser


def rounds(asked: argparse.Namespace) -> int:
    """Rounds that were asked for: one when it should be quick."""
    return asked.rounds or (1 if asked.quick else ROUNDS)


def place(asked: argparse.Namespace, name: str) -> Path | None:
    """Where results go: the file asked for, else one of its own in the user's cache; nowhere when quick."""
    if asked.out or asked.quick:
        found: Path | None = asked.out
        return found
    kept = cache().parent / "measured" / f"{name}-{utc_now().replace(':', '')[:17]}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    print(f"results: {kept}", file=sys.stderr, flush=True)
    return kept


def names(text: str) -> list[str]:
    """A list written with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def numbers(text: str) -> list[int]:
    """A list of whole numbers written with commas."""
    return [int(part) for part in names(text)]
