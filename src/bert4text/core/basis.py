"""Basis: by what right reports are processed, for what, and what is known of identifiers left in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

from bert4text.core.config import Record
from bert4text.core.fold import fold

Law = Literal["lgpd", "gdpr", "hipaa"]
Use = Literal["care", "quality", "research", "teaching", "monitoring", "risk-selection", "economic-advantage"]
USES: tuple[Use, ...] = get_args(Use)

REFUSED: tuple[Use, ...] = ("risk-selection", "economic-advantage")
"""Uses that are known by name so that they can be refused by name: LGPD, art. 11, par. 5 and par. 4."""

LAW_NAMES: dict[Law, str] = {"lgpd": "LGPD", "gdpr": "GDPR", "hipaa": "HIPAA"}

CLAUSES: dict[Law, dict[str, str]] = {
    "lgpd": {
        "11-I": "art. 11, I",
        **{f"11-II-{letter}": f"art. 11, II, {letter}" for letter in "abcdefg"},
        **{
            f"7-{item}": f"art. 7, {item}"
            for item in ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
        },
    },
    "gdpr": {
        **{f"6-1-{letter}": f"art. 6(1)({letter})" for letter in "abcdef"},
        **{f"9-2-{letter}": f"art. 9(2)({letter})" for letter in "abcdefghij"},
    },
    "hipaa": {
        "de-identified": "45 CFR 164.514(a)-(b)",
        "limited-data-set": "45 CFR 164.514(e)",
        "authorization": "45 CFR 164.508",
        "waiver": "45 CFR 164.512(i)",
    },
}
"""Law -> code of a clause -> how it is cited.

LGPD: Brazil's Law 13.709/2018; GDPR: Regulation (EU) 2016/679; HIPAA: the Privacy Rule of the United States.
Numbers and letters were read in texts that quote them, not in the official ones.
"""

SPOKEN: dict[Law, dict[str, str]] = {
    "lgpd": {
        "consent": "11-I",
        "consentimento": "11-I",
        "legitimate-interest": "7-IX",
        "legitimate-interests": "7-IX",
        "legitimo-interesse": "7-IX",
        "interesse-legitimo": "7-IX",
    },
    "gdpr": {"legitimate-interest": "6-1-f", "legitimate-interests": "6-1-f", "legitimo-interesse": "6-1-f"},
    "hipaa": {"deidentified": "de-identified"},
}
"""Law -> what people say -> the code of the clause that they mean."""

FILLERS = re.compile(
    r"arts?|artigo|articles?|par|paragraph|inciso|inc|alinea|al|letra|letter|item|lgpd|gdpr|rgpd|hipaa|cfr"
)
"""Words around a clause that are no part of it."""


def clause_code(law: Law, said: str) -> str | None:
    """The code of a clause, however it was written: ``art. 11, II, c`` is ``11-II-c``; None for none known.

    Args:
        law: whose clause it is.
        said: as it was written; what stands behind a colon is a remark.
    """
    return _CODES[law].get(_key(said.partition(":")[0]))


def _key(said: str) -> str:
    return "-".join(word for word in re.findall(r"[a-z0-9]+", fold(said)) if not FILLERS.fullmatch(word))


_CODES: dict[Law, dict[str, str]] = {
    law: {
        **{_key(code): code for code in clauses},
        **{_key(cited): code for code, cited in clauses.items()},
        **SPOKEN[law],
    }
    for law, clauses in CLAUSES.items()
}


class Residue(Record):
    """What is known of identifiers in reports.

    Attributes:
        corpus: digest of the corpus.
        reports: how many there are; ``real`` of them are not synthetic.
        checked: reports that were looked through after they were de-identified; None if they never were.
        left: in how many of those the same detectors still find something.
        method: the policy they were de-identified by.
        limit: share of reports up to which the declared policy lets it pass.
        accepted_by: the person who accepted what is beyond the limit or unknown; ``reason`` is why.
    """

    corpus: str = ""
    reports: int
    real: int
    checked: int | None = None
    left: int | None = None
    method: str | None = None
    limit: float = 0.0
    accepted_by: str | None = None
    reason: str | None = None

    @property
    def share(self) -> float | None:
        """Share of reports in which something is still found; None where that is not known of all of them."""
        if self.left is None or not self.checked or self.checked < self.real:
            return None
        return self.left / self.checked

    @property
    def beyond(self) -> Literal["residue-unknown", "residue-above"] | None:
        """What somebody has to answer for, or None."""
        if not self.real:
            return None
        if self.share is None:
            return "residue-unknown"
        return "residue-above" if self.share > self.limit else None


class Basis(Record):
    """What an institution declares of the processing of reports.

    Attributes:
        law: ``lgpd``, ``gdpr`` or ``hipaa``.
        clauses: codes of ``CLAUSES`` where they are known, else as they were written.
        use: what kind of use; ``purpose`` says it in words.
        controller: who decides on the processing.
        officer: the person to turn to: encarregado, data protection officer, privacy officer.
        retention: for how long what is learned is kept.
        ethics: opinion of the ethics committee; ``ethics_exempt`` why none is needed.
        data_use: the term or agreement under which the reports are used.
        words: the basis in the institution's own words.
        residue: what was known of identifiers when a model learned; None where nothing was learned.
    """

    law: Law | None = None
    clauses: tuple[str, ...] = ()
    use: Use | None = None
    purpose: str | None = None
    controller: str | None = None
    officer: str | None = None
    retention: str | None = None
    ethics: str | None = None
    ethics_exempt: str | None = None
    data_use: str | None = None
    words: str | None = None
    residue: Residue | None = None

    @property
    def cited(self) -> str | None:
        """Law and clauses as they are cited, with what was said of them; None where nothing was."""
        law = None if self.law is None else LAW_NAMES[self.law]
        known = {} if self.law is None else CLAUSES[self.law]
        clauses = "; ".join(known.get(code, code) for code in self.clauses)
        return _joined(", ", (law, clauses), ": ", self.words)

    @property
    def codes(self) -> dict[str, Any]:
        """Law, clauses and use, as the trail keeps them: codes alone, no words."""
        if self.law is None:
            return {}
        known = [code for code in self.clauses if code in CLAUSES[self.law]]
        return {"law": self.law, "clauses": known, "use": self.use}

    @property
    def overrides(self) -> tuple[str, ...]:
        """What was accepted by a named person, as a manifest lists it."""
        residue = self.residue
        if residue is None or residue.accepted_by is None:
            return ()
        return (f"policy.accept:{residue.beyond} by {residue.accepted_by}: {residue.reason}",)


def _joined(comma: str, parts: Iterable[str | None], colon: str, words: str | None) -> str | None:
    cited = comma.join(part for part in parts if part)
    return colon.join(part for part in (cited, words) if part) or None
