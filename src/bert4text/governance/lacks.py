"""What a declaration lacks before real reports may be used, or why it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bert4text.core.basis import CLAUSES, LAW_NAMES, REFUSED, USES, Law, Residue, clause_code
from bert4text.core.issue import Issue
from bert4text.core.messages import N_
from bert4text.governance.policy_config import PolicyConfig

CAAE = re.compile(r"(?<!\d)\d{8}\.\d\.\d{4}\.\d{4}(?!\d)")
"""The form of a CAAE, as papers print it; no check digit is known here, so none is checked."""

RESEARCH = frozenset({"11-II-c", "9-2-j", "waiver"})
"""Clauses that are of research, whatever use is declared."""

SAFE = frozenset({"hipaa-safe-harbor", "hipaa-expert"})
"""Policies of ``deidentify`` after which HIPAA speaks of de-identified (45 CFR 164.514(b))."""

SHOWN = 16
"""Digits of a fingerprint that stand for it."""

REFUSALS: dict[str, str] = {
    "risk-selection": N_(
        "use: a health plan may not process health data to select risks when it contracts or excludes "
        "(LGPD, art. 11, par. 5); this program refuses that use under every law"
    ),
    "economic-advantage": N_(
        "use: health data may not be passed or shared between controllers for economic advantage, but for "
        "health services to the patient's good (LGPD, art. 11, par. 4); this program refuses that use under "
        "every law"
    ),
}

CHOICES: dict[Law, str] = {
    "lgpd": N_(
        "clause: one of LGPD, art. 11 - I consent; II, a duty by law or regulation; b public policy; c study "
        "by a research body; d exercise of rights; e protection of life; f protection of health, by its "
        "professionals and services; g prevention of fraud when someone is identified"
    ),
    "gdpr": N_("clause: one of GDPR, art. 6(1) and one of art. 9(2)"),
    "hipaa": N_("clause: one of de-identified, limited-data-set, authorization, waiver"),
}

ALONE: dict[str, str] = {
    "purpose": N_("purpose: what is to be learned, and for whom"),
    "controller": N_("controller: the institution that decides on the processing"),
    "officer": N_("officer: whom patients turn to (encarregado, data protection officer, privacy officer)"),
    "retention": N_("retention: how long corpus and model are kept"),
}
"""Settings that each declaration has, and how their absence is told."""


def lacks(policy: PolicyConfig, residue: Residue) -> Iterator[Issue]:
    """What a declaration lacks before these reports may be used, or why it is refused."""
    if policy.law is None:
        yield _issue("law", "no-law", N_("law: the one that the processing rests on (lgpd, gdpr or hipaa)"))
        if not policy.clause:
            yield _issue("clause", "no-clause", N_("clause: where that law allows it, by article and letter"))
    else:
        yield from _clauses(policy.law, policy.clause, residue)
    yield from _uses(policy)
    for name, message in ALONE.items():
        if getattr(policy, name) is None:
            yield _issue(name, f"no-{name}", message)
    yield from _agreements(policy)
    yield from _left(policy, residue)


def _issue(key: str, code: str, message: str, **values: Any) -> Issue:
    return Issue(
        check="policy",
        severity="error",
        code=code,
        message=message,
        values=values,
        remedy={f"policy.{key}": "..."},
    )


def code_of(law: Law | None, said: str) -> str:
    """The code of a clause, or what was written where none is known."""
    return said if law is None else clause_code(law, said) or said


def _clauses(law: Law, given: list[str], residue: Residue) -> Iterator[Issue]:
    codes = [code_of(law, said) for said in given]
    unknown = [code for code in codes if code not in CLAUSES[law]]
    if unknown:
        yield _issue(
            "clause",
            "unknown-clause",
            N_("clause: {unknown} is none that is known of the {law}"),
            unknown=unknown,
            law=LAW_NAMES[law],
        )
    wanted = {"lgpd": _lgpd, "gdpr": _gdpr, "hipaa": _hipaa}[law]
    yield from wanted(set(codes) - set(unknown), residue)


def _lgpd(codes: set[str], residue: Residue) -> Iterator[Issue]:
    of_seven = sorted(code for code in codes if code.startswith("7-"))
    if "7-IX" in codes:
        yield _issue(
            "clause",
            "legitimate-interest",
            N_(
                "clause: legitimate interest (LGPD, art. 7, IX) is refused: data on health are sensitive "
                "(art. 5, II), only art. 11 says when they may be processed, and it does not know that one"
            ),
        )
    elif of_seven and len(of_seven) == len(codes):
        yield _issue(
            "clause",
            "article-7",
            N_(
                "clause: art. 7 of the LGPD alone is refused: data on health are sensitive (art. 5, II), and "
                "only art. 11 says when they may be processed"
            ),
        )
    if not any(code.startswith("11-") for code in codes):
        yield _issue("clause", "no-clause", CHOICES["lgpd"])


def _gdpr(codes: set[str], residue: Residue) -> Iterator[Issue]:
    if not codes:
        yield _issue("clause", "no-clause", CHOICES["gdpr"])
        return
    if not any(code.startswith("6-") for code in codes):
        yield _issue(
            "clause",
            "no-article-6",
            N_("clause: one of GDPR, art. 6(1) too: art. 9 lifts a ban, and is no basis by itself"),
        )
    if not any(code.startswith("9-") for code in codes):
        yield _issue(
            "clause",
            "no-article-9",
            N_("clause: one of GDPR, art. 9(2) too: art. 6 alone is not enough for data on health"),
        )


def _hipaa(codes: set[str], residue: Residue) -> Iterator[Issue]:
    if not codes:
        yield _issue("clause", "no-clause", CHOICES["hipaa"])
    if codes == {"de-identified"} and residue.method is not None and residue.method not in SAFE:
        yield _issue(
            "clause",
            "not-de-identified",
            N_(
                "clause: the reports were de-identified by the policy {method}; HIPAA calls them that only "
                "after {policies}"
            ),
            method=residue.method,
            policies=sorted(SAFE),
        )


def _uses(policy: PolicyConfig) -> Iterator[Issue]:
    if policy.use is None:
        yield _issue("use", "no-use", N_("use: {uses}"), uses=[use for use in USES if use not in REFUSED])
    elif policy.use in REFUSED:
        yield _issue("use", "refused-use", REFUSALS[policy.use])


def _agreements(policy: PolicyConfig) -> Iterator[Issue]:
    codes = {code_of(policy.law, said) for said in policy.clause}
    research = policy.use == "research" or bool(codes & RESEARCH)
    caae = policy.law == "lgpd" or "caae" in (policy.ethics or "").casefold()
    if research and policy.ethics is None and policy.ethics_exempt is None:
        yield _issue(
            "ethics",
            "no-ethics",
            N_(
                "ethics: research wants the opinion of an ethics committee, in Brazil with its CAAE number; "
                "or ethics_exempt: why none is needed, and who decided that"
            ),
        )
    elif policy.ethics is not None and caae and CAAE.search(policy.ethics) is None:
        yield _issue(
            "ethics",
            "bad-caae",
            N_("ethics: no CAAE number stands in it; it has the form {form}"),
            form="00000000.0.0000.0000",
        )
    if policy.data_use is None and (research or "limited-data-set" in codes):
        yield _issue(
            "data_use",
            "no-data-use",
            N_("data_use: the term or agreement under which the reports may be used for this"),
        )


def _left(policy: PolicyConfig, residue: Residue) -> Iterator[Issue]:
    beyond = residue.beyond
    if beyond is None or residue.accepted_by is not None:
        return
    given = policy.accept
    if given.by and given.reason and not meant(residue, given.corpus):
        yield _issue(
            "accept.corpus",
            "accepted-elsewhere",
            N_("accept: what {by} accepted is about another corpus; this one is {corpus}"),
            by=given.by,
            corpus=residue.corpus.removeprefix("sha256:")[:SHOWN],
        )
    if beyond == "residue-unknown":
        yield _issue(
            "accept",
            beyond,
            N_(
                "residue: the corpus was never de-identified, and nobody knows in how many reports persons "
                "are named; `bert4text deidentify` it, or let a person accept that ([policy.accept])"
            ),
        )
    else:
        yield _issue(
            "accept",
            beyond,
            N_(
                "residue: identifiers are still found in {left} of {checked} reports, and the limit is a "
                "share of {limit}; `bert4text deidentify` again with what is left in [deidentify] also, or "
                "let a person accept that ([policy.accept])"
            ),
            left=residue.left,
            checked=residue.checked,
            limit=residue.limit,
        )


def meant(residue: Residue, corpus: str | None) -> bool:
    """Whether an acceptance is about this corpus: about every one where it names none."""
    return corpus is None or residue.corpus.removeprefix("sha256:").startswith(corpus.removeprefix("sha256:"))
