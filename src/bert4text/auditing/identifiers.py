"""Check: is there residue of what identifies persons? Kinds and counts are told, never what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from bert4text.auditing.checks import Context
from bert4text.auditing.leakage import cite
from bert4text.auditing.persons import NAMED, find_persons
from bert4text.auditing.residue import kinds_of
from bert4text.auditing.traces import Trace
from bert4text.core.corpus import Corpus
from bert4text.core.fold import fold
from bert4text.core.issue import Issue, Severity
from bert4text.core.lexicon import lexicon
from bert4text.core.messages import N_
from bert4text.core.seeds import rng

CHECK = "identifiers"
_MESSAGES: dict[str, tuple[Severity, str]] = {
    "cpf": ("warning", N_("reports with a CPF: {count} of {total} read; de-identify before sharing")),
    "cns": (
        "warning",
        N_("reports with a number of the health card: {count} of {total} read; de-identify before sharing"),
    ),
    "name": (
        "warning",
        N_("reports with names of persons, as it seems: {count} of {total} read; de-identify before sharing"),
    ),
    "record-number": (
        "warning",
        N_("reports with a record or document number: {count} of {total} read; de-identify before sharing"),
    ),
    "birth-date": (
        "warning",
        N_("reports with a date of birth: {count} of {total} read; de-identify before sharing"),
    ),
    "phone": (
        "warning",
        N_("reports with a phone number: {count} of {total} read; de-identify before sharing"),
    ),
    "e-mail": (
        "warning",
        N_("reports with an e-mail address: {count} of {total} read; de-identify before sharing"),
    ),
    "address": (
        "warning",
        N_("reports with a postal address: {count} of {total} read; de-identify before sharing"),
    ),
    "cnpj": ("warning", N_("reports with a CNPJ: {count} of {total} read; de-identify before sharing")),
    "council-number": (
        "info",
        N_(
            "reports with a doctor's registration number: {count} of {total} read; de-identify before sharing"
        ),
    ),
    "date": ("info", N_("reports with full dates: {count} of {total} read; de-identify before sharing")),
}
"""Kind -> how grave it is, and what is said; what tells of one person first."""
_LEAST_NAMES = 2  # words of names in a report: one alone is too often none


def check_identifiers(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Count reports with identifiers, by kind: those read for words, and unlabelled ones up to the sample."""
    texts, labelled = corpus.texts, context.reading.rows.tolist()
    others = _others(texts, labelled, at_most=context.config.sample - len(labelled), seed=context.seed)
    places = [*labelled, *others]
    folded = [*context.reading.folded, *(fold(texts[place]) for place in others)]
    persons = [*context.persons, *find_persons([texts[place] for place in others])]
    hit: dict[str, list[int]] = {kind: [] for kind in _MESSAGES}
    for place, plain, traces in zip(places, folded, persons, strict=True):
        for kind in kinds_of(texts[place], plain):
            hit[kind].append(place)
        if _named(traces):
            hit["name"].append(place)
    for kind, (severity, message) in _MESSAGES.items():
        if hit[kind]:
            yield Issue(
                check=CHECK,
                severity=severity,
                code=kind,
                message=message,
                values={"count": len(hit[kind]), "total": len(places)},
                reports=len(hit[kind]),
                rows=cite(corpus, sorted(hit[kind])),
            )


def _others(texts: Sequence[str], labelled: Sequence[int], *, at_most: int, seed: int) -> list[int]:
    """Positions of reports without a label that have a text, or of a seeded sample of them."""
    known = set(labelled)
    left = [place for place, text in enumerate(texts) if place not in known and text.strip()]
    if len(left) <= at_most:
        return left
    return sorted(rng(seed, "audit.identifiers").choice(left, size=max(0, at_most), replace=False).tolist())


def _named(traces: set[Trace]) -> bool:
    """Whether words of a person's name are among the traces of a report."""
    return (
        len({trace.key for trace in traces if trace.kind in NAMED - {"contact"}} - _no_names())
        >= _LEAST_NAMES
    )


@cache
def _no_names() -> frozenset[str]:
    return frozenset(lexicon("identifiers")["names"]["none"].split())
