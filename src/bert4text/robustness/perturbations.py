"""The registry of perturbations, by name."""

from __future__ import annotations

from bert4text.core.messages import N_
from bert4text.core.registry import Registry
from bert4text.robustness.perturbation import Perturbation

_HERE = "bert4text.robustness"

PERTURBATIONS: Registry[Perturbation] = Registry(
    "perturbations",
    N_("change(text, language, rng) -> the report changed, and what the answer should then do"),
    {
        "negation-reworded": f"{_HERE}.negation:REWORDED",
        "finding-denied": f"{_HERE}.negation:DENIED",
        "denial-taken-back": f"{_HERE}.negation:SAID",
        "ruled-out": f"{_HERE}.negation:RULED_OUT",
        "hedge-reworded": f"{_HERE}.hedges:REWORDED",
        "not-excluded": f"{_HERE}.hedges:NOT_EXCLUDED",
        "finding-in-the-past": f"{_HERE}.history:PAST",
        "family-history": f"{_HERE}.history:FAMILY",
        "side-swapped": f"{_HERE}.laterality:SWAPPED",
        "abbreviated": f"{_HERE}.abbreviations:CONTRACTED",
        "written-out": f"{_HERE}.abbreviations:EXPANDED",
        "accents-lost": f"{_HERE}.writing:UNACCENTED",
        "capitals": f"{_HERE}.writing:CAPITALS",
        "small-letters": f"{_HERE}.writing:SMALL",
        "key-slipped": f"{_HERE}.typing_errors:SLIPPED",
        "letters-transposed": f"{_HERE}.typing_errors:TRANSPOSED",
        "letter-left-out": f"{_HERE}.typing_errors:DROPPED",
        "misread-scan": f"{_HERE}.typing_errors:MISREAD",
        "decimal-mark": f"{_HERE}.numbers:OTHER_MARK",
        "unit-changed": f"{_HERE}.numbers:OTHER_UNIT",
        "sections-moved": f"{_HERE}.layout:MOVED",
        "letterhead": f"{_HERE}.layout:LETTERHEAD",
        "signature": f"{_HERE}.layout:SIGNATURE",
        "said-twice": f"{_HERE}.layout:TWICE",
        "lines-broken": f"{_HERE}.layout:BROKEN",
        "lines-joined": f"{_HERE}.layout:JOINED",
        "very-long": f"{_HERE}.layout:LONG_REPORT",
        "cyrillic-letters": f"{_HERE}.letters:ALIKE",
        "typeset-signs": f"{_HERE}.letters:TYPESET",
        "decomposed-accents": f"{_HERE}.letters:DECOMPOSED",
        "unbreakable-spaces": f"{_HERE}.letters:SPACES",
        "invisible-signs": f"{_HERE}.letters:INVISIBLE",
        "boilerplate-alone": f"{_HERE}.emptied:BOILERPLATE",
        "headings-alone": f"{_HERE}.emptied:HEADINGS",
        "one-sentence": f"{_HERE}.emptied:SENTENCE",
        "sentence-repeated": f"{_HERE}.emptied:REPEATED",
        "given-name": f"{_HERE}.names:OTHER_GIVEN",
        "surname": f"{_HERE}.names:OTHER_SURNAMES",
        "sex": f"{_HERE}.swaps:OTHER_SEX",
        "age": f"{_HERE}.swaps:OTHER_AGE",
        "town": f"{_HERE}.swaps:OTHER_TOWN",
        "payer": f"{_HERE}.swaps:OTHER_PAYER",
        "payer-told": f"{_HERE}.swaps:PAYER_TOLD",
    },
)
