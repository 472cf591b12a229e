"""Which check should name which fault: the one table to mend when a check is renamed or another one comes."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.audit.plant import FAULTS

Named = tuple[tuple[str, str], ...]
"""Checks, each with the beginning of the codes that name the fault; an empty one stands for every code."""

EXPECTED: dict[str, Named] = {
    # A single fault goes before its family. A word of another language that no list could foresee is rightly
    # shown as one that nobody knows.
    "stated label": (("stated-label", ""),),
    "label-translation-course": (
        ("stated-label", ""), ("shortcut", "word"), ("clinical-evidence", "unknown-word"),
    ),
    "stated conduct": (("stated-conduct", ""),),
    "shortcut": (("shortcut", ""),),
    "word": (("shortcut", "word"), ("clinical-evidence", "unknown-word")),
    "n-gram": (("shortcut", "word"), ("clinical-evidence", "unknown-word")),
    "first-sentence": (("shortcut", "template"), ("shortcut", "word"), ("shortcut", "title")),
    "last-sentence": (("shortcut", "template"), ("shortcut", "word")),
    "heading": (("shortcut", "heading"), ("sections", "section-shortcut")),
    "heading-order": (("shortcut", "heading-order"),),
    "length": (("shortcut", "length"),),
    "capitals-of-class": (("shortcut", "writing"), ("shortcut", "capitals")),
    "date-in-text": (("shortcut", "date"),),
    "date-column": (("shortcut", "date"),),
    "number-in-text": (("shortcut", "number"),),
    "id-range": (("shortcut", "number"), ("shortcut", "id")),
    "doctor-signature": (("shortcut", "doctor"), ("shortcut", "name")),
    "doctor-attribute": (("shortcut", "site"), ("shortcut", "doctor"), ("shortcut", "attribute")),
    "hospital-in-text": (
        ("shortcut", "site"), ("shortcut", "template"), ("shortcut", "heading"), ("shortcut", "name"),
        ("shortcut", "word"), ("clinical-evidence", "unknown-word"),
    ),
    "site-column": (("shortcut", "site"),),
    "file-attribute": (("shortcut", "site"), ("shortcut", "file"), ("shortcut", "attribute")),
    "patients-across-splits": (("patients-across-splits", "patient-in-two-splits"), ("groups", "patient")),
    "episodes-across-splits": (("groups", "episode-in-two-splits"),),
    "identical-across-splits": (("near-duplicates", "identical"),),
    "near-duplicates-across-splits": (("near-duplicates", ""),),
    "identical-with-other-label": (("conflicting-labels", ""),),
    "near-duplicates-with-other-label": (("conflicting-labels", "near"), ("label-noise", "same-findings")),
    "time-travel": (("time", "younger-in-train"), ("time", "same-years")),
    "synthetic-held-out": (("synthetic", "synthetic-held-out"),),
    "template-of-class": (("templates", ""), ("near-duplicates", "")),
    "tiny-class": (("class-counts", ""),),
    "label noise": (("label-noise", "doubted"),),
    "other-language": (("language", ""),),
    "near-language": (("language", ""),),
    "other-exam": (("exam-type", ""),),
    "mojibake": (("schema", "garbled-text"),),
    "ocr-debris": (("shape", "scan-debris"),),
    "capitals": (("shape", "capitals"),),
    "empty-findings": (("shape", "empty-findings"),),
    "cut-off": (("shape", "cut"),),
    "cut-at-limit": (("shape", "cut"),),
    "identifier-document": (("identifiers", "cpf"), ("identifiers", "record-number")),
    "identifier-phone": (("identifiers", "phone"),),
    "identifier-email": (("identifiers", "e-mail"),),
    "identifier-patient": (("identifiers", "name"),),
}  # fmt: skip

ANNOUNCED: tuple[str, ...] = ()
"""Checks that are being written: while the registry lacks them, their faults count as "no check yet"."""

ALLOWED: dict[str, tuple[str, ...]] = {"signed": ("identifiers",), "stamped": ("identifiers",)}
"""What is rightly told of a clean corpus that has this: names of physicians, dates and numbers."""


def expected(fault: str) -> Named:
    """What should name a fault."""
    return EXPECTED.get(fault) or EXPECTED.get(fault.partition("/")[0]) or EXPECTED[FAULTS[fault].family]


def has_check(fault: str, checks: Iterable[str]) -> bool:
    """Whether a check that should name the fault exists."""
    return not {check for check, _ in expected(fault)}.isdisjoint(checks)
