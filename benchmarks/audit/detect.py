"""Does the audit name the faults that are planted, and leave clean corpora in peace?

    python -m benchmarks.audit.detect [--quick] [--held] [--out FILE] [--keep FILE] [--workers N]

``--held`` plants sentences that were written apart and not looked at while the checks were mended: what the
others are found by may have been learned from them.

Which check should name which fault stands in ``benchmarks.audit.expected``. Cases known in FILE are not done
again while neither the checks nor the corpora change. In full some 770 corpora: about an hour of one core.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import bert4text
from benchmarks.audit.cases import Case, cases
from benchmarks.audit.judge import false_alarms, judged, summary, table
from benchmarks.audit.plant import corpus_of, plant
from benchmarks.document import document, known_runs, write
from bert4text.auditing.checks import CHECKS
from bert4text.core.fold import fold
from bert4text.core.issue import Issue
from bert4text.core.manifest import utc_now
from bert4text.project import Project

NAME = "audit.detect"
_KEPT_EVERY = 20
"""Cases after which the results are written."""
_PARTICLE = 3
"""Letters up to which a word that is shown may be any."""
_EXAMINING = ("auditing", "core", "data", "models", "synthesis")
_JUDGING = ("cases", "detect", "expected", "judge", "noise", "results", "speed")
"""Packages that say what is found, and files here that do not."""


def main() -> None:
    """Examine what is missing, then print the table."""
    asked = _arguments()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    wanted = [case for case in cases(quick=asked.quick, held=asked.held) if asked.only in case.key]
    wanted = list(dict.fromkeys([*(case.parent for case in wanted), *wanted]))
    settings = {"encoder": "tfidf", "checks": list(CHECKS.names()), "code": code_digest()}
    runs, started = known_runs(asked.out, settings), utc_now()
    done = {run["case"] for run in runs}
    missing = [case for case in wanted if case.key not in done]
    print(f"{len(missing)} corpora to examine, {len(done)} known", flush=True)
    with ProcessPoolExecutor(asked.workers, mp_context=get_context("spawn")) as pool:
        for count, future in enumerate(
            as_completed([pool.submit(examine, case) for case in missing]), start=1
        ):
            runs.append(future.result())
            if asked.out and (count % _KEPT_EVERY == 0 or count == len(missing)):
                write(asked.out, _document(runs, settings, started))
                print(f"{count} of {len(missing)}", flush=True)
    asked_for = {case.key for case in wanted}
    shown = [run for run in runs if run["case"] in asked_for]
    rows = summary(shown, settings["checks"])
    if asked.keep:
        brief = [short(run, shown, settings["checks"]) for run in shown]
        write(asked.keep, document(NAME, started=started, settings=settings, runs=brief, summary=rows))
    print(table(rows))
    _print_missed(judged(shown, settings["checks"]))


def examine(case: Case) -> dict[str, Any]:
    """Make one corpus, audit it, and keep what was found without a word of it."""
    begun = time.process_time()
    scene, hit = plant(case.base, case.faults)
    corpus, made = corpus_of(scene), time.process_time()
    project = Project().changed("train", encoder="tfidf")
    issues = bert4text.audit(corpus, config={"words": scene.words}, project=project)
    planted = [fold(words) for words in dict.fromkeys(scene.planted)]
    return {
        "case": case.key,
        "parent": case.parent.key,
        "language": case.base.language,
        "question": case.base.question,
        "size": len(corpus),
        "faults": [{"fault": name, "strength": strength, "hit": hit[name]} for name, strength in case.faults],
        "seconds": {"made": round(made - begun, 2), "audited": round(time.process_time() - made, 2)},
        "issues": [kept(issue, planted) for issue in issues],
    }


def code_digest() -> str:
    """What the checks and the corpora are made of, so that results of others are not taken for these."""
    package, here, total = Path(bert4text.__file__).parent, Path(__file__).parent, sha256()
    files = [path for folder in _EXAMINING for path in (package / folder).rglob("*")]
    files += [path for path in here.rglob("*") if path.stem not in _JUDGING]
    for path in sorted(files):
        if path.suffix in {".py", ".toml"}:
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def kept(issue: Issue, planted: list[str]) -> dict[str, Any]:
    """What is kept of an issue: counts and codes, and whether one of these words, folded, is its evidence."""
    shown = [f" {fold(evidence.term)} " for evidence in issue.evidence if len(evidence.term) > _PARTICLE]
    return {
        "check": issue.check,
        "code": issue.code,
        "severity": issue.severity,
        "label": issue.values.get("label") if issue.check == "class-counts" else None,
        "reports": issue.reports,
        "planted": any(f" {one} " in term or term in f" {one} " for one in planted for term in shown),
    }


def short(run: dict[str, Any], runs: list[dict[str, Any]], checks: Sequence[str]) -> dict[str, Any]:
    """A run for the record: how each fault was answered, or what was wrongly told of a clean corpus."""
    told = {"case": run["case"], "seconds": run["seconds"]["audited"]}
    if not run["faults"]:
        alarms = false_alarms(run)
        return {**told, "alarms": [f"{one['severity']} {one['check']}/{one['code']}" for one in alarms]}
    pair = [run, *(one for one in runs if one["case"] == run["parent"])]
    return {
        **told,
        "answers": {
            one["fault"]: f"{one['answer']} {one['by'] or ''}".strip() for one in judged(pair, checks)
        },
    }


def _document(runs: list[dict[str, Any]], settings: dict[str, Any], started: str) -> dict[str, Any]:
    rows = summary(runs, settings["checks"])
    return document(NAME, started=started, settings=settings, runs=runs, summary=rows)


def _print_missed(found: list[dict[str, Any]]) -> None:
    missed = [one for one in found if one["answer"] in {"missed", "elsewhere"}]
    print(f"\nnot named: {len(missed)}")
    for one in sorted(missed, key=lambda one: (one["strength"], one["fault"])):
        print(f"  {one['strength']:7} {one['answer']:10} {one['case']}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="some twenty faults at medium strength")
    parser.add_argument("--held", action="store_true", help="sentences held back")
    parser.add_argument("--out", type=Path, help="results as benchmark/1")
    parser.add_argument("--keep", type=Path, help="how each corpus was answered, for the record")
    parser.add_argument("--workers", type=int, default=1, help="corpora examined at once")
    parser.add_argument("--only", default="", metavar="WORD", help="cases whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    main()
