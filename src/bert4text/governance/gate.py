"""The gate before anything learns from real reports: a declared basis, and few identifiers left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bert4text.core.basis import CLAUSES, REFUSED, USES, Basis, Law, Residue
from bert4text.core.config import toml_value
from bert4text.core.corpus import Corpus
from bert4text.core.errors import PolicyError
from bert4text.core.issue import Issue
from bert4text.governance.lacks import SHOWN, code_of, lacks, meant
from bert4text.governance.policy_config import PolicyConfig

HINTS: dict[str, str] = {
    "law": "lgpd | gdpr | hipaa",
    "use": " | ".join(use for use in USES if use not in REFUSED),
}

CLAUSE_HINTS: dict[Law, str] = {
    "lgpd": "I | II, a | II, b | II, c | II, d | II, e | II, f | II, g",
    "gdpr": "a - f, a - j",
    "hipaa": " | ".join(CLAUSES["hipaa"]),
}

CLAUSE_GAPS: dict[Law, dict[str, str]] = {
    "lgpd": {"11-": "art. 11, ..."},
    "gdpr": {"6-": "art. 6(1)(...)", "9-": "art. 9(2)(...)"},
    "hipaa": {"": "..."},
}
"""Law -> how the code of a clause begins that there must be -> the gap where there is none."""


def residue_of(corpus: Corpus, policy: PolicyConfig) -> Residue:
    """What is known of identifiers in a corpus, and who accepts it where the policy names somebody.

    Args:
        corpus: the reports; what ``deidentify`` found afterwards is read from it, nothing is looked for anew.
        policy: what is declared.
    """
    told: Mapping[str, Any] = corpus.deidentified or {}
    left = told.get("residue")
    return accepted(
        Residue(
            corpus=f"sha256:{corpus.fingerprint}",
            reports=len(corpus),
            real=len(corpus) - corpus.synthetic,
            checked=told.get("reports"),
            left=left.get("reports") if isinstance(left, Mapping) else None,
            method=told.get("policy"),
        ),
        policy,
    )


def accepted(residue: Residue, policy: PolicyConfig) -> Residue:
    """The residue under the limit of a policy, with who accepts what is beyond it, if anybody does."""
    residue = residue.model_copy(update={"limit": policy.residue_limit, "accepted_by": None, "reason": None})
    given = policy.accept
    if residue.beyond is None or not given.by or not given.reason or not meant(residue, given.corpus):
        return residue
    return residue.model_copy(update={"accepted_by": given.by, "reason": given.reason})


def policy_gate(policy: PolicyConfig, residue: Residue) -> Basis:
    """Let real reports pass only with a declared basis and few identifiers; synthetic ones always do.

    De-identified reports are personal data still, so both are asked for. The same function serves whatever
    is to be done with reports, or with a model whose manifest tells what it learned from.

    Args:
        policy: what is declared.
        residue: what is known of identifiers in the reports, and who accepts it.

    Raises:
        PolicyError: something is missing or refused; ``issues`` names all of it at once, the hint is the
            section to write.
    """
    issues = list(lacks(policy, residue)) if residue.real else []
    if issues:
        raise PolicyError(
            "nothing may learn from {real} real reports before this is settled in [policy]:\n{issues!l}",
            hint="write this section into bert4text.toml, in place of one that stands there, with every ... "
            "filled in; only its form can be checked, and you answer for what it says:\n{section}",
            code="policy-gate",
            real=residue.real,
            issues=issues,
            section=section(policy, residue, issues),
        )
    return basis_of(policy, residue) or Basis(residue=residue)


def basis_of(policy: PolicyConfig, residue: Residue | None = None) -> Basis | None:
    """What is declared, as manifests keep it; None where nothing is."""
    names = ("purpose", "controller", "officer", "retention", "ethics", "ethics_exempt", "data_use")
    declared = Basis(
        law=policy.law,
        clauses=tuple(code_of(policy.law, said) for said in policy.clause),
        use=policy.use,
        words=policy.legal_basis,
        **{name: getattr(policy, name) for name in names},
    )
    if declared == Basis() and residue is None:
        return None
    return declared.model_copy(update={"residue": residue})


def section(policy: PolicyConfig, residue: Residue, issues: list[Issue]) -> str:
    """``[policy]`` as it is to be written: what stands, and a gap for whatever is missing or refused."""
    wanted = {name.removeprefix("policy.") for issue in issues for name in issue.remedy or ()}
    lines = ["[policy]"]
    for name in PolicyConfig.model_fields:
        value = getattr(policy, name)
        if name == "accept":
            continue
        if name == "clause" and name in wanted:
            lines.append(_clauses(policy, issues))
        elif name in wanted:
            lines.append(_gap(name))
        elif name in {"ethics", "data_use"} and "use" in wanted and value is None:
            lines.append(f"# {_gap(name)}  # research")
        elif value and name in policy.model_fields_set:
            lines.append(f"{name} = {toml_value(value)}")
    if any(name.startswith("accept") for name in wanted):
        fingerprint = toml_value(residue.corpus.removeprefix("sha256:")[:SHOWN])
        lines += ["", "[policy.accept]"]
        lines += [
            f"{name} = {toml_value(getattr(policy.accept, name) or '...')}" for name in ("by", "reason")
        ]
        lines.append(f"corpus = {fingerprint}")
    return "\n".join(lines)


def _gap(name: str) -> str:
    return f'{name} = "..."' + (f"  # {HINTS[name]}" if name in HINTS else "")


def _clauses(policy: PolicyConfig, issues: list[Issue]) -> str:
    """The clauses that can stay, and a gap for each that is missing."""
    if policy.law is None:
        return 'clause = ["..."]'
    cited = CLAUSES[policy.law]
    refused = {"not-de-identified": "de-identified", "legitimate-interest": "7-IX"}
    gone = {refused[issue.code] for issue in issues if issue.code in refused}
    codes = [code for said in policy.clause if (code := code_of(policy.law, said)) in cited.keys() - gone]
    kept = [code if policy.law == "hipaa" else cited[code] for code in codes]
    gaps = [
        gap
        for begins, gap in CLAUSE_GAPS[policy.law].items()
        if not any(code.startswith(begins) for code in codes)
    ]
    return f"clause = {toml_value([*kept, *gaps])}  # {CLAUSE_HINTS[policy.law]}"
