"""Was each planted fault named, and was a clean corpus left in peace?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.audit.expected import ALLOWED, expected, has_check
from benchmarks.audit.fault import STRENGTHS
from benchmarks.audit.plant import FAULTS
from bert4text.core.issue import RANK
from bert4text.evaluation.intervals import wilson

Run = dict[str, Any]
NAMED = ("blocked", "warned", "told")
"""How a fault was named: by an error, a warning, or an information."""
ANSWERS = (*NAMED, "elsewhere", "missed", "no check yet")
"""``elsewhere``: another check found something that is not in the clean corpus; the fault was not named."""
_ORDER = ("all", "alone", "together", "language", "size", "family", "fault")
_SAID = {"error": "blocked", "warning": "warned", "info": "told"}


def verdicts(run: Run, clean: Run, checks: Sequence[str]) -> list[Run]:
    """For each fault of a planted corpus, how it was answered.

    Only what the clean corpus does not show counts: an issue that is new, graver, or of more reports by half
    of those that the fault hit; or one whose evidence holds a planted word.

    Args:
        run: of the planted corpus.
        clean: of the same corpus before.
        checks: the names of the checks there are.
    """
    before = {_key(issue): issue for issue in clean["issues"]}
    found = []
    for fault in run["faults"]:
        news = [issue for issue in run["issues"] if _is_news(issue, before.get(_key(issue)), fault["hit"])]
        naming = [issue for issue in news if _names(issue, fault["fault"])]
        best = max(naming, key=lambda issue: RANK[issue["severity"]], default=None)
        answer = "missed"
        if not has_check(fault["fault"], checks):
            answer = "no check yet"
        elif best is not None:
            answer = _SAID[best["severity"]]
        elif any(RANK[issue["severity"]] > 0 and issue["check"] != "class-counts" for issue in news):
            answer = "elsewhere"
        by = None if best is None else f"{best['check']}/{best['code']}"
        covered = (
            None if best is None or best["reports"] is None else round(best["reports"] / fault["hit"], 2)
        )
        found.append(
            {**fault, "answer": answer, "by": by, "covered": covered, "alone": len(run["faults"]) == 1}
        )
    return found


def false_alarms(run: Run) -> list[Run]:
    """Errors and warnings of a clean corpus, but for what is rightly told of it."""
    allowed = {check for flag, names in ALLOWED.items() if flag in run["case"].split("/") for check in names}
    return [
        issue
        for issue in run["issues"]
        if RANK[issue["severity"]] > 0
        and issue["check"] not in allowed
        and issue["code"] not in _TRUE_OF_CLEAN
    ]


_TRUE_OF_CLEAN = ("class-hard-to-measure", "class-not-learned")
"""What smallness alone brings about."""


def judged(runs: Sequence[Run], checks: Sequence[str]) -> list[Run]:
    """The verdicts of all planted corpora, each with what it was planted in."""
    clean = {run["case"]: run for run in runs if not run["faults"]}
    return [
        {**verdict, **{name: run[name] for name in ("case", "language", "size", "question")}}
        for run in runs
        if run["faults"] and run["parent"] in clean
        for verdict in verdicts(run, clean[run["parent"]], checks)
    ]


def summary(runs: Sequence[Run], checks: Sequence[str]) -> list[Run]:
    """Share of faults that were named, by fault, language, size and strength; then the false alarms."""
    groups: dict[str, list[Run]] = defaultdict(list)
    for verdict in judged(runs, checks):
        strength = verdict["strength"]
        groups[f"fault {verdict['fault']} {strength}"].append(verdict)
        groups[f"language {verdict['language']} {strength}"].append(verdict)
        groups[f"size {verdict['size']} {strength}"].append(verdict)
        groups[f"family {FAULTS[verdict['fault']].family} {strength}"].append(verdict)
        groups[f"{'alone' if verdict['alone'] else 'together'} {strength}"].append(verdict)
        groups[f"all {strength}"].append(verdict)
    rows = [_shares(case, groups[case]) for case in sorted(groups, key=_place)]
    return [*rows, *_alarms([run for run in runs if not run["faults"]])]


def _place(case: str) -> tuple[int, str, int]:
    """Where a row of the summary stands: all first, single faults last, the strong before the weak."""
    what, _, strength = case.rpartition(" ")
    return _ORDER.index(what.split()[0]), what, STRENGTHS.index(strength)


def _shares(case: str, group: Sequence[Run]) -> Run:
    counts = Counter(verdict["answer"] for verdict in group)
    n = len(group) - counts["no check yet"]
    named = sum(counts[answer] for answer in NAMED)
    return _row(case, named, n, answers={answer: counts[answer] for answer in ANSWERS if counts[answer]})


def _alarms(clean: Sequence[Run]) -> Iterable[Run]:
    alarms = [
        {(issue["severity"], issue["check"], issue["code"]) for issue in false_alarms(run)} for run in clean
    ]
    for severity in ("error", "warning"):
        yield _row(
            f"clean with a false {severity}",
            sum(any(one[0] == severity for one in said) for said in alarms),
            len(clean),
        )
    for (severity, check, code), count in sorted(Counter(one for said in alarms for one in said).items()):
        yield _row(f"clean: {severity} {check}/{code}", count, len(clean))


def _row(case: str, hits: int, n: int, **more: Any) -> Run:
    low, high = wilson(hits, n) or (0.0, 1.0)
    share = round(hits / n, 4) if n else None
    return {
        "system": "audit", "case": case, "median": share, "low": round(float(low), 4),
        "high": round(float(high), 4), "ratio_to": None, "hits": hits, "n": n, **more,
    }  # fmt: skip


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """The summary to read: share named with its interval, then how."""
    lines = [f"{'':52} {'named':>9} {'share':>6}  95 % interval  how"]
    for row in rows:
        share = "-" if row["median"] is None else f"{row['median']:.2f}"
        how = ", ".join(f"{answer} {count}" for answer, count in row.get("answers", {}).items())
        interval = f"{row['low']:.2f} to {row['high']:.2f}"
        lines.append(f"{row['case']:52} {row['hits']:>4}/{row['n']:<4} {share:>6}  {interval}   {how}")
    return "\n".join(lines)


def _is_news(issue: Run, before: Run | None, hit: int) -> bool:
    if issue["planted"] or before is None or RANK[issue["severity"]] > RANK[before["severity"]]:
        return True
    return (issue["reports"] or 0) - (before["reports"] or 0) >= max(1, hit / 2)


def _names(issue: Run, fault: str) -> bool:
    return any(
        issue["check"] == check
        and issue["code"].startswith(code)
        and (issue["planted"] or check != "clinical-evidence")
        for check, code in expected(fault)
    )


def _key(issue: Run) -> tuple[str, str, str]:
    return issue["check"], issue["code"], str(issue["label"])
