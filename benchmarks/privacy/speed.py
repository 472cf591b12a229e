"""How many reports a second are de-identified, with and without a recognizer.

    python -m benchmarks.privacy.speed [--recognizer DIR] [--reports N] [--rounds N] [--out FILE]

Made-up reports of 150 words (``benchmarks/privacy/gold.py``), by two processes, their start counted, and what
is left looked for again by rules, as ``deidentify`` does. Systems take turns, round after round. Goals: 500
reports a second by rules, 40 with the recognizer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.document import document, write
from benchmarks.harness import refuse_busy
from benchmarks.options import arguments, rounds
from benchmarks.privacy.gold import made
from benchmarks.summary import summary
from benchmarks.table import table
from bert4text.core.corpus import Corpus
from bert4text.core.manifest import utc_now
from bert4text.core.report import Report
from bert4text.execution.processes import Processes
from bert4text.models.recognizer import Recognizer
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.corpus import deidentify_corpus
from bert4text.privacy.deidentify import Deidentifier
from bert4text.verbs.recognized import beside

NAME, WORDS, PROCESSES = "privacy.speed", 150, 2


def main() -> None:
    """Measure, write and print."""
    parser = arguments(__doc__)
    parser.add_argument("--recognizer", type=Path, metavar="DIR", help="what `recognizer build` made")
    parser.add_argument("--reports", type=int, default=10_000, help="reports of a round (default 10,000)")
    asked = parser.parse_args()
    refuse_busy(busy=asked.busy)
    started, turns = utc_now(), rounds(asked)
    reports = asked.reports // (20 if asked.quick else 1)
    runs = list(_timed(systems(asked.recognizer), reports=reports, turns=turns))
    settings = {
        "words": WORDS,
        "processes": PROCESSES,
        "reports": reports,
        "rounds": turns,
        "busy": asked.busy,
    }
    results = document(
        NAME, started=started, settings=settings, runs=runs, summary=summary(runs, compared=["rules"])
    )
    if asked.out is not None:
        write(asked.out, results)
    print(table(results, markdown=asked.table))


def systems(recognizer: Path | None) -> dict[str, Deidentifier]:
    """What is measured, by name."""
    config = DeidentifyConfig.parse({"policy": "lgpd"}, section="deidentify")
    found = {"rules": Deidentifier(config, language="pt-BR", key=bytes(32))}
    if recognizer is not None:
        looks = beside(Recognizer.load(recognizer))
        found["rules and recognizer"] = Deidentifier(config, language="pt-BR", key=bytes(32), detectors=looks)
    return found


def texts(n: int) -> Iterator[str]:
    """Reports of 150 words."""
    words: list[str] = []
    for report in made(n * WORDS, layouts="held"):
        words += report.text.split(" ")
        while len(words) >= WORDS:
            yield " ".join(words[:WORDS])
            words = words[WORDS:]


def _timed(found: dict[str, Deidentifier], *, reports: int, turns: int) -> Iterator[dict[str, Any]]:
    """A run for each system and round; slow ones get a tenth of the reports."""
    counts = {name: reports if name == "rules" else reports // 10 for name in found}
    corpora = {
        name: Corpus.from_reports(
            Report(id=f"r{place}", text=text) for place, text in enumerate(islice(texts(count), count))
        )
        for name, count in counts.items()
    }
    for turn in range(turns + 1):  # the first warms up, and is dropped
        for name, deidentifier in found.items():
            seconds = _seconds(corpora[name], deidentifier)
            if turn:
                rate = len(corpora[name]) / seconds
                yield {"case": "de-identify", "system": name, "round": turn, "reports/s": rate}


def _seconds(corpus: Corpus, deidentifier: Deidentifier) -> float:
    code: Callable[..., Any] = lambda kind, values: {value: f"{kind}-{value}" for value in values}  # noqa: E731
    executor = Processes(PROCESSES)
    started = time.perf_counter()
    deidentify_corpus(corpus, deidentifier, code=code, executor=executor)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
