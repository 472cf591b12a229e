"""Issue: what a check found; gate(): whether it stops the run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Record
from bert4text.core.errors import AuditFailed, fill

Severity = Literal["error", "warning", "info"]
FailOn = Literal["error", "warning", "never"]

RANK: dict[str, int] = {"info": 0, "warning": 1, "error": 2, "never": 3}


class Evidence(Record):
    """A term, section or attribute that carries a label, with how well.

    Attributes:
        term: the word or name; shown only if it stands in at least 5 reports of 5 patients.
        label: the label it goes with.
        reports: how many reports hold it.
        precision: share of them that have the label; ``low`` and ``high`` are its 95 % interval. Of the kind
            ``section``, the macro-F1 of a reader that sees that section alone.
        kind: how it was judged, for example ``stated``, ``shortcut`` or ``finding``.
    """

    term: str
    label: str | None = None
    reports: int = 0
    precision: float | None = None
    low: float | None = None
    high: float | None = None
    kind: str | None = None


class Issue(Record):
    """What any check found.

    Attributes:
        check: the check's name, the one that ``audit.accept`` takes.
        severity: error, warning or info.
        code: what exactly, finer than the check.
        message: an English template over ``values``; doors translate it.
        values: names, numbers and codes; never report text.
        reports: how many reports are concerned.
        rows: some of their source rows, for local eyes.
        evidence: the words or attributes that show it.
        remedy: settings that mend it, ``{"section.key": value}``.
        accepted: whether ``audit.accept`` names the check.
    """

    check: str
    severity: Severity
    code: str
    message: str
    values: dict[str, Any] = Field(default_factory=dict)
    reports: int | None = None
    rows: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    remedy: dict[str, Any] | None = None
    accepted: bool = False

    def __str__(self) -> str:
        return fill(self.message, self.values)


def blocking(issues: Iterable[Issue], *, fail_on: FailOn) -> list[Issue]:
    """The issues at or above ``fail_on`` that were not accepted by name."""
    return [issue for issue in issues if not issue.accepted and RANK[issue.severity] >= RANK[fail_on]]


def gate(issues: Iterable[Issue], *, fail_on: FailOn) -> None:
    """Stop the run if an issue is grave enough.

    Raises:
        AuditFailed: an issue at or above ``fail_on`` was not accepted; the error carries them.
    """
    found = blocking(issues, fail_on=fail_on)
    if found:
        raise AuditFailed(
            "the audit stops here: {checks}",
            hint="mend the data as each finding says, or name the check in [audit] accept: "
            "that is written down",
            checks=sorted({issue.check for issue in found}),
            issues=found,
        )
