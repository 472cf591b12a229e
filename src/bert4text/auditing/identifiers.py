"""Check: is there residue of what identifies persons? Kinds and counts are told, never what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bert4text.auditing.checks import Context
from bert4text.auditing.leakage import cite
from bert4text.core.corpus import Corpus
from bert4text.core.issue import Issue, Severity
from bert4text.core.messages import N_
from bert4text.core.seeds import rng
from bert4text.privacy.detect import DETECTORS, Detector, detect
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.policy import load_policy
from bert4text.privacy.reading import Reading

CHECK = "identifiers"
_DETECTORS = ("numbers", "councils", "contact", "dates", "places", "persons", "given-names")
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
_CODE_OF = {
    **dict.fromkeys(PERSONS, "name"),
    **dict.fromkeys(("address", "postal-code"), "address"),
    **dict.fromkeys(("cpf", "cnpj", "cns", "phone", "e-mail", "birth-date", "date"), ""),
    "council": "council-number",
    **dict.fromkeys(
        ("national-id", "record", "exam", "plan", "account", "licence", "device", "number"), "record-number"
    ),
}
"""Kind of identifier -> what it is counted as; itself where nothing is said."""
_LOOK_ALIKE = frozenset({"shift", "surrogate", "hash"})
"""Actions of a policy after which a report still seems to hold what it held; what of it was missed,
``deidentify`` counts itself. What a policy keeps is there, and is told."""


def check_identifiers(corpus: Corpus, context: Context) -> Iterable[Issue]:
    """Count reports with identifiers, by kind: those read for words, and unlabelled ones up to the sample."""
    texts, labelled = corpus.texts, context.reading.rows.tolist()
    others = _others(texts, labelled, at_most=context.config.sample - len(labelled), seed=context.seed)
    places = [*labelled, *others]
    detectors = [DETECTORS.get(name) for name in _DETECTORS]
    hit: dict[str, list[int]] = {kind: [] for kind in _MESSAGES}
    replaced = _replaced(corpus)
    for place in places:
        for kind in kinds_of(Reading(texts[place], corpus.language), detectors, replaced=replaced):
            hit[kind].append(place)
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


def _replaced(corpus: Corpus) -> frozenset[str]:
    """Kinds that a de-identified corpus still seems to hold, since others of their kind took their place."""
    if corpus.deidentified is None:
        return frozenset()
    told = corpus.deidentified
    actions = load_policy(told["policy"], changes=told.get("actions")).actions
    return frozenset(kind for kind, action in actions.items() if action in _LOOK_ALIKE)


def kinds_of(
    reading: Reading, detectors: Sequence[Detector], *, replaced: frozenset[str] = frozenset()
) -> set[str]:
    """What a report holds that identifies somebody, as it is counted.

    Args:
        reading: the report.
        detectors: who look for it.
        replaced: kinds that are not counted, others of their kind having taken their place.
    """
    found = {span.label for span in detect(reading, detectors)} & _CODE_OF.keys() - replaced
    return {_CODE_OF[kind] or kind for kind in found}
