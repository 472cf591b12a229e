"""Findings: what a reader must know before trusting the figures, as Issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bert4text.core.evaluation import Metric
from bert4text.core.issue import Issue
from bert4text.core.messages import N_
from bert4text.evaluation.answers import Answers, Bools
from bert4text.evaluation.compare import LEADING

CHECK = "evaluation"


def about_classes(truth: Bools, labels: Sequence[str], *, minimum: int) -> list[Issue]:
    """Labels that do not occur among the reports, or hardly."""
    support = truth.sum(axis=0)
    found = []
    absent = [name for name, n in zip(labels, support, strict=True) if n == 0]
    if absent:
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="class-absent",
                message="no report has the label {labels}: nothing is known of it, and means leave it out",
                values={"labels": absent},
                reports=0,
            )
        )
    few = {name: int(n) for name, n in zip(labels, support, strict=True) if 0 < n < minimum}
    if few:
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="class-small",
                message="fewer than {minimum} reports have the label {labels}: its figures say little",
                values={"labels": list(few), "counts": list(few.values()), "minimum": minimum},
                reports=sum(few.values()),
            )
        )
    return found


def about_systems(systems: Mapping[str, Answers], labels: Sequence[str]) -> list[Issue]:
    """Labels that a system never gave although they occur, and a system that gave one label only."""
    found = []
    for system, answers in systems.items():
        if system not in LEADING:
            continue
        given, support = answers.decided.sum(axis=0), answers.truth.sum(axis=0)
        never = [name for name, g, n in zip(labels, given, support, strict=True) if n and not g]
        if answers.single and int((given > 0).sum()) == 1 and never:
            message, code = (
                N_("{system} gives every report the same label: it has learned nothing"),
                "one-label-only",
            )
        elif never:
            message, code = (
                N_("{system} never gives the label {labels}: it finds none of its reports"),
                "label-never-given",
            )
        else:
            continue
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code=code,
                message=message,
                values={"system": system, "labels": never},
                reports=int(answers.truth[:, [list(labels).index(name) for name in never]].any(axis=1).sum()),
            )
        )
    return found


def about_reports(n: int, *, patients: int, known: bool, minimum: int, synthetic: int) -> list[Issue]:
    """Too few reports for a verdict; reports that nobody wrote about a patient."""
    found = []
    if patients < minimum:
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="too-few-patients" if known else "too-few-reports",
                message="{count} patients are too few to judge by: at least {minimum} are needed"
                if known
                else "{count} reports are too few to judge by: at least {minimum} are needed",
                values={"count": patients, "minimum": minimum},
                reports=n,
            )
        )
    if synthetic:
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="synthetic-reports",
                message="{count} of {total} reports are synthetic: this says nothing about real patients",
                values={"count": synthetic, "total": n},
                reports=synthetic,
            )
        )
    return found


def about_undefined(metrics: Sequence[Metric], *, system: str) -> list[Issue]:
    """Figures that cannot be computed, and perfect ones that no resample bounds."""
    found = []
    missing = [m for m in metrics if m.system == system and m.group is None and m.value is None]
    if missing:
        found.append(
            Issue(
                check=CHECK,
                severity="info",
                code="undefined",
                message="there are not the reports to compute {metrics} for {labels}",
                values={
                    "metrics": sorted({m.name for m in missing}),
                    "labels": sorted({m.label or "-" for m in missing}),
                },
            )
        )
    perfect = [
        m
        for m in metrics
        if (m.system, m.group, m.label, m.value, m.interval) == (system, None, None, 1.0, None)
    ]
    if perfect:
        found.append(
            Issue(
                check=CHECK,
                severity="warning",
                code="perfect",
                message="{metrics}: perfect, so there is no interval; does a word give the label away?",
                values={"metrics": [m.name for m in perfect]},
            )
        )
    return found
