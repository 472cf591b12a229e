"""Findings that predict a label by themselves, and words that nobody knows to be one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bert4text.auditing.association import masked, strongest
from bert4text.auditing.checks import Context
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue

CHECK = "clinical-evidence"
_TOLD = re.compile(r"[^\W\d_]{2,}(?: [^\W\d_]{2,})?")


def check_clinical_evidence(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """List findings that predict well with their figure, and ask about words that nobody knows."""
    telling = context.vocabulary.telling
    known = [one for one in telling if one.kind == "finding"]
    asked = [one for one in telling if one.kind == "unknown" and _TOLD.fullmatch(one.term)]
    unknown = [one for one in asked if one not in context.vocabulary.perfect]
    if known:
        yield Issue(
            check=CHECK,
            severity="info",
            code="finding",
            message="findings that predict a label by themselves: {count}; {term} goes with {label}",
            values={"count": len(known), "term": masked(known[0].term), "label": known[0].name},
            evidence=tuple(one.evidence() for one in strongest(known)),
        )
    if unknown:
        yield Issue(
            check=CHECK,
            severity="info",
            code="unknown-word",
            message="words that predict a label and are neither known findings nor statements: {count}; "
            "name them in [audit] findings or artefacts",
            values={"count": len(unknown)},
            evidence=tuple(one.evidence() for one in strongest(unknown)),
        )
