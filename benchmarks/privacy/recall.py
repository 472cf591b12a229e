"""How much of what identifies persons is found, kind by kind, and what is taken that identifies nobody.

``python -m benchmarks.privacy.recall [--reports N] [--planted N] [--data DIR] [--recognizer DIR]``

Made-up Brazilian reports (``benchmarks/privacy/gold.py``) in layouts that the rules were mended on, and in
others that they were not. Reports with one planted CPF and CNS each. Where ``--data`` holds them, reports
that people marked: MEDDOCAN (Spanish), LeNER-Br (Portuguese, legal), and the synthetic sentences of Presidio
(English). An identifier is found where every letter and digit of it is covered.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.document import document, write
from benchmarks.options import arguments
from benchmarks.privacy.gold import DOCUMENTS, NAMES, made
from benchmarks.privacy.people import People, told
from bert4text.core.fold import fold
from bert4text.core.manifest import utc_now
from bert4text.evaluation.intervals import wilson
from bert4text.models.recognizer import Recognizer, read_info
from bert4text.privacy.ages import years
from bert4text.privacy.detect import DETECTORS, Detector, detect
from bert4text.privacy.reading import Reading
from bert4text.privacy.recognized import Recognized
from bert4text.privacy.replace import OLDEST

SYSTEMS = {
    "rules": [name for name in DETECTORS if name != "given-names"],
    "rules and given names": list(DETECTORS),
}
LAYOUTS = {
    "gold": "made-up reports",
    "held": "made-up reports, other layouts",
    "unseen": "made-up reports, layouts that nothing was mended on",
}
MEDDOCAN_LEFT = frozenset({"SEXO_SUJETO_ASISTENCIA", "PAIS", "PROFESION", "OTROS_SUJETO_ASISTENCIA"})
"""Marks of what no policy here replaces: sex, country, trade, and what fits nowhere."""
WORD = re.compile(r"(?P<clock>\d{1,2}(?:h|:)\d{2}(?::\d{2})?)|[^\W\d_]{2,}|\d[\d.,/]*")
"""A word or number, or a time of day: that goes with its date, and is no loss."""
_LEAST = 5


class Case(NamedTuple):
    """A report and what is known of it.

    Attributes:
        text: the report.
        marks: start, end, kind, and a group that is told apart (empty for none).
        findings: start and end of what is clinical throughout, where that is known.
    """

    text: str
    marks: tuple[tuple[int, int, str, str], ...]
    findings: tuple[tuple[int, int], ...] = ()


class Seen(NamedTuple):
    """What spans make of a report.

    Attributes:
        whole: of each mark whether every letter and digit of it is covered.
        words: words and numbers that no mark touches.
        lost: those of them that a span touches.
        clinical: words and numbers of findings that no mark touches.
        clinical_lost: those of them that a span touches.
        beside: spans that touch no mark.
    """

    whole: tuple[bool, ...]
    words: int
    lost: int
    clinical: int
    clinical_lost: int
    beside: int


def main() -> None:
    """Measure, write and print."""
    parser = arguments(__doc__)
    parser.add_argument("--reports", type=int, default=1728, help="made-up reports (default 1,728)")
    parser.add_argument("--planted", type=int, default=10_000, help="reports with a planted CPF and CNS")
    parser.add_argument("--recognizer", type=Path, metavar="DIR", help="what `recognizer build` made")
    asked = parser.parse_args()
    started, rows = utc_now(), []
    systems = {name: [DETECTORS.get(one) for one in names] for name, names in SYSTEMS.items()}
    if asked.recognizer is not None:
        known = systems["rules and given names"]
        systems["rules, given names and recognizer"] = [*known, Recognized(Recognizer.load(asked.recognizer))]
    for name, language, cases in sources(asked.reports, asked.planted, asked.data, quick=asked.quick):
        for system, detectors in systems.items():
            print(f"{name}: {system}", file=sys.stderr, flush=True)
            rows += measured(name, system, cases, detectors, language)
    settings: dict[str, Any] = {"reports": asked.reports, "planted": asked.planted}
    if asked.recognizer is not None:
        info = read_info(asked.recognizer)
        settings["recognizer"] = {"digest": info.digest, "seed": info.seed, "config": info.config}
    results = document("privacy.recall", started=started, settings=settings, runs=[], summary=rows)
    if asked.out is not None:
        write(asked.out, results)
    print(table(rows))


def sources(
    reports: int, planted: int, data: Path | None, *, quick: bool
) -> Iterator[tuple[str, str, list[Case]]]:
    """Name, language and reports of each set that is at hand."""
    share = 20 if quick else 1
    for layouts, name in LAYOUTS.items():
        cases = [
            Case(gold.text, gold.spans, gold.findings) for gold in made(reports // share, layouts=layouts)
        ]
        yield name, "pt-BR", cases
    yield "planted CPF and CNS", "pt-BR", list(_planted(planted // share))
    if data is None:
        return
    for name, language, read in (
        ("MEDDOCAN dev", "es", _spans(data / "meddocan_es" / "phi_dev.jsonl", left=MEDDOCAN_LEFT)),
        ("LeNER-Br dev", "pt-BR", _tokens(data / "lener_br_pt" / "ner_dev.jsonl", {"PESSOA", "TEMPO"})),
        ("Presidio's sentences", "en", _spans(data / "presidio_synth_en" / "phi_generated_large.jsonl")),
    ):
        cases = list(read)[:: 10 if quick else 1]
        if cases:
            yield name, language, cases


def _planted(n: int) -> Iterator[Case]:
    """Reports with a CPF and a CNS, valid or mistyped, with and without a word before them."""
    people, findings = People(11), told()["reports"]["findings"]
    draw = random.Random(11)
    for _ in range(n):
        parts, marks, length = [], [], 0
        for kind in ("", "cpf", "", "cns", ""):
            if kind:
                number, lead = people.document(kind), draw.choice([f"{kind.upper()}: ", "Doc. ", "", "("])
                marks.append((length + len(lead), length + len(lead) + len(number), kind, ""))
                part = f"{lead}{number} "
            else:
                part = " ".join(draw.sample(findings, 2)) + " "
            parts.append(part)
            length += len(part)
        yield Case("".join(parts), tuple(marks))


def _spans(path: Path, *, left: frozenset[str] = frozenset()) -> Iterator[Case]:
    """Reports with marks by character; marks of ``left`` are not asked for, and taking them is no fault."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        marks = tuple(
            (mark["start"], mark["end"], "" if mark["label"] in left else mark["label"], "")
            for mark in row["spans"]
        )
        yield Case(row["text"], marks)


def _tokens(path: Path, wanted: set[str]) -> Iterator[Case]:
    """Sentences of marked words, joined by spaces; marks of other kinds are not asked for."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        row = json.loads(line)
        marks: list[tuple[int, int, str, str]] = []
        here = 0
        for token, mark in zip(row["tokens"], row["tags"], strict=True):
            begins, _, kind = mark.partition("-")
            kind = kind if kind in wanted else ""
            if begins == "I" and marks and marks[-1][1] == here - 1:
                marks[-1] = (marks[-1][0], here + len(token), marks[-1][2], "")
            elif begins != "O":
                marks.append((here, here + len(token), kind, ""))
            here += len(token) + 1
        yield Case(" ".join(row["tokens"]), tuple(marks))


def measured(
    name: str, system: str, cases: Iterable[Case], detectors: list[Detector], language: str
) -> list[dict[str, Any]]:
    """Recall by kind and by group, words and spans that were taken for nothing, reports that leak."""
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for case in cases:
        spans = found_by(detectors, case.text, language)
        told = seen(case, spans)
        leaks = False
        for (_, _, kind, group), whole in zip(case.marks, told.whole, strict=True):
            if not kind:
                continue
            leaks = leaks or not whole
            for key in _keys(kind, group):
                asked[key] += 1
                found[key] += whole
        totals["words"] += told.words
        totals["lost"] += told.lost
        totals["clinical"] += told.clinical
        totals["clinical lost"] += told.clinical_lost
        totals["spans"] += len(spans)
        totals["beside"] += told.beside
        totals["reports"] += 1
        totals["leaking"] += leaks
    rows = [
        _row(name, system, key, found[key], asked[key]) for key in sorted(asked, key=lambda one: -asked[one])
    ]
    for what, part, every in (
        ("reports without a leak", totals["reports"] - totals["leaking"], totals["reports"]),
        ("spans that touch a mark", totals["spans"] - totals["beside"], totals["spans"]),
        ("other words that stay", totals["words"] - totals["lost"], totals["words"]),
        ("words of findings that stay", totals["clinical"] - totals["clinical lost"], totals["clinical"]),
    ):
        if every:
            rows.append(_row(name, system, what, part, every))
    return rows


def found_by(detectors: Sequence[Detector], text: str, language: str) -> list[tuple[int, int]]:
    """Where detectors see what is replaced, start and end: ages up to 89 stay by every policy."""
    return [
        (span.start, span.end)
        for span in detect(Reading(text, language), detectors)
        if span.label != "age" or years(fold(text[span.start : span.end])) > OLDEST
    ]


def seen(case: Case, spans: Sequence[tuple[int, int]]) -> Seen:
    """What spans, start and end, make of a report."""
    taken = {place for start, end in spans for place in range(start, end)}
    marked = {place for start, end, *_ in case.marks for place in range(start, end)}
    words = [
        word
        for word in WORD.finditer(case.text)
        if not word["clock"] and marked.isdisjoint(range(*word.span()))
    ]
    gone = [not taken.isdisjoint(range(*word.span())) for word in words]
    clinical = [any(start <= word.start() < end for start, end in case.findings) for word in words]
    return Seen(
        tuple(
            all(place in taken for place in range(start, end) if case.text[place].isalnum())
            for start, end, *_ in case.marks
        ),
        len(words),
        sum(gone),
        sum(clinical),
        sum(map(all, zip(gone, clinical, strict=True))),
        sum(marked.isdisjoint(range(*span)) for span in spans),
    )


def _keys(kind: str, group: str) -> list[str]:
    """What an identifier is counted as."""
    keys = [kind]
    if kind in DOCUMENTS:
        keys.append("all numbers of documents")
    if kind in NAMES:
        keys += ["all names", f"names, {group}"]
    return keys


def _row(name: str, system: str, what: str, part: int, whole: int) -> dict[str, Any]:
    low, high = wilson(part, whole) or (None, None)
    share = part / whole if whole else None
    return {
        "case": name,
        "system": system,
        "what": what,
        "n": whole,
        "found": part,
        "share": share,
        "low": low,
        "high": high,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as Markdown, one table for each set."""
    lines: list[str] = []
    for name in dict.fromkeys(row["case"] for row in rows):
        mine = [row for row in rows if row["case"] == name]
        systems = list(dict.fromkeys(row["system"] for row in mine))
        lines += ["", f"**{name}**", "", "| | n | " + " | ".join(systems) + " |"]
        lines.append("| --- | ---: | " + " | ".join("---:" for _ in systems) + " |")
        for what in dict.fromkeys(row["what"] for row in mine):
            cells = [
                next(row for row in mine if (row["system"], row["what"]) == (one, what)) for one in systems
            ]
            n = max(cell["n"] for cell in cells)
            if n >= _LEAST:
                lines.append(f"| {what} | {n:,} | " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines[1:])


def _cell(row: dict[str, Any]) -> str:
    if row["share"] is None:
        return "-"
    return f"{row['share']:.4f} ({row['low']:.4f} to {row['high']:.4f})"


if __name__ == "__main__":
    main()
