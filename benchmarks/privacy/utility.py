"""Whether a classifier loses by de-identification: macro-F1 before and after, on the same real reports.

    python -m benchmarks.privacy.utility --data DIR [--policies P,P] [--systems S,S] [--out FILE]

The sets, budgets and folds are those of ``benchmarks.quality``. Every system learns from, and answers, the
reports as they are and as ``deidentify`` leaves them. The difference is worked out on the same resamples of
reports (paired bootstrap). The publishers of these sets have taken most identifiers out already: what is
replaced here is what stayed, and words that are no identifiers; the latter is what a classifier would miss.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.document import document, known_runs, write
from benchmarks.options import names
from benchmarks.privacy.recall import WORD
from benchmarks.quality.answers import Bools
from benchmarks.quality.figures import figures, resampled
from benchmarks.quality.lots import SETS, Lot, lots, truth
from benchmarks.quality.systems import SYSTEMS
from benchmarks.quality.tables import told_of
from bert4text.core.manifest import utc_now
from bert4text.core.span import Span
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.deidentify import Deidentifier

NAME, SEED = "privacy.utility", 7
KEY = sha256(b"benchmarks.privacy.utility").digest()
"""Of a project that does not exist: the same dates move by as much in every run."""
AS_IS = "as it is"
FIGURE = "macro-F1"
ASKED = ("mammo_birads_es_pt", "cantemist_es")
POLICIES = ("lgpd", "hipaa-safe-harbor")

Texts = list[tuple[str, tuple[str, ...]]]


def main() -> None:
    """Learn and answer before and after, and print what came out."""
    asked, started = _arguments(), utc_now()
    settings = {name: getattr(asked, name) for name in ("sets", "policies", "systems", "resamples")}
    settings = {**settings, "seed": SEED}
    runs = known_runs(asked.out, settings)
    for name in asked.sets:
        dealt = list(lots(SETS[name], asked.data, seed=SEED))
        for system in asked.systems:
            if any((run["set"], run["system"]) == (name, system) for run in runs):
                continue
            runs += compared(dealt, system, asked.policies, resamples=asked.resamples)
            if asked.out is not None:
                write(asked.out, document(NAME, started=started, settings=settings, runs=runs, summary=runs))
    print(table(runs))


def compared(
    dealt: Sequence[Lot], system: str, policies: Sequence[str], *, resamples: int
) -> list[dict[str, Any]]:
    """A system on a set, as it is and under each policy.

    Args:
        dealt: the set, fold after fold.
        system: of ``benchmarks.quality.systems``, in this environment.
        policies: of ``deidentify``.
        resamples: of reports, for the intervals.

    Returns:
        A row for each policy: the figure before and after and what it lost or won, and what was replaced.
    """
    source, held = dealt[0].source, truth(dealt)
    figure = figures(held, dealt[0].names)[FIGURE]
    weights = resampled(len(held), resamples)
    before = figure(held, _decided(dealt, system, name=f"{source.name}: {AS_IS}"), weights)
    rows = []
    for policy in policies:
        made = list(deidentified(dealt, policy))
        title = f"{source.name}: {policy}"
        after = figure(held, _decided([lot for lot, _ in made], system, name=title), weights)
        counts = np.sum([told for _, told in made], axis=0)
        rows.append(
            {
                "set": source.name,
                "system": system,
                "policy": policy,
                "reports": len(held),
                "before": told_of(before),
                "after": told_of(after),
                "difference": told_of(after - before),
                "words": int(counts[0]),
                "replaced": int(counts[1]),
                "read": int(counts[2]),
                "touched": int(counts[3]),
            }
        )
    return rows


def deidentified(dealt: Sequence[Lot], policy: str) -> Iterator[tuple[Lot, tuple[int, int, int, int]]]:
    """The lots without what was found in them.

    Yields:
        A lot; and of the reports it answers how many words they had, how many of these were replaced, how
        many reports there are and how many were touched.
    """
    config = DeidentifyConfig.parse({"policy": policy, "recognizer": "none"}, section="deidentify")
    deidentifier = Deidentifier(config, language=dealt[0].source.language, key=KEY)
    for lot in dealt:
        (train, _), (test, counts) = (_replaced(deidentifier, part) for part in (lot.train, lot.test))
        yield replace(lot, train=train, test=test), counts


def _replaced(deidentifier: Deidentifier, given: Texts) -> tuple[Texts, tuple[int, int, int, int]]:
    made: Texts = []
    words = gone = touched = 0
    for text, labels in given:
        found = deidentifier(text, subject=sha256(text.encode()).hexdigest())
        made.append((found.text, labels))
        had = words_of(text)
        words += had
        gone += had - words_of(found.text, found.spans)
        touched += bool(found.spans)
    return made, (words, gone, len(given), touched)


def words_of(text: str, put: Sequence[Span] = ()) -> int:
    """Words and numbers of a text that do not touch what was put in."""
    places = {place for span in put for place in range(span.start, span.end)}
    return sum(places.isdisjoint(range(*word.span())) for word in WORD.finditer(text))


def _decided(dealt: Sequence[Lot], system: str, *, name: str) -> Bools:
    """What a system decides of the reports of every lot, bool [n, k]."""
    told = SYSTEMS[system]
    if told.rival is not None:
        sys.exit(f"{system} needs an environment of its own: only systems of this one are compared here")
    work = import_module(f"benchmarks.quality.{told.module}")
    parts = []
    for lot in dealt:
        print(f"{name}, fold {lot.fold}", file=sys.stderr, flush=True)
        asked = json.loads(
            json.dumps({**lot.asked(seed=lot.source.seeds[0]), "settings": dict(told.settings)})
        )
        _, decided = work.answered(asked).answers["delivered"]
        held = (
            np.eye(len(lot.names), dtype=np.bool_)[decided] if decided.ndim == 1 else decided.astype(np.bool_)
        )
        parts.append(held)
    return np.concatenate(parts)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| set | system | policy | reports | macro-F1 before | after | difference "
        "| words replaced of 1,000 | reports touched |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        cells = [f"`{row['set']}`", row["system"], row["policy"], f"{row['reports']:,}"]
        cells += [_cell(row["before"]), _cell(row["after"]), _cell(row["difference"], sign="+")]
        cells += [f"{1000 * row['replaced'] / row['words']:.1f}", f"{row['touched'] / row['read']:.1%}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(told: Mapping[str, float], *, sign: str = "") -> str:
    value, low, high = (f"{round(told[name], 3) + 0.0:{sign}.3f}" for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="DIR", required=True, help="the folder of all sets")
    parser.add_argument("--sets", type=names, default=list(ASKED), help="of benchmarks.quality, with commas")
    parser.add_argument("--policies", type=names, default=list(POLICIES), help="with commas")
    parser.add_argument("--systems", type=names, default=["tfidf"], help="tfidf,ours; ours takes hours")
    parser.add_argument("--resamples", type=int, default=1000, help="of the intervals")
    parser.add_argument("--out", type=Path, metavar="FILE", help="results; known sets are not done again")
    return parser.parse_args()


if __name__ == "__main__":
    main()
