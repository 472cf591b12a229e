"""Settings of ``[policy]``: what an institution declares before anything learns from real reports."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bert4text.core.basis import Law, Use
from bert4text.core.config import Config

BLANK = frozenset({"", "...", "…"})
"""What declares nothing: the gaps of a template that was pasted and not filled in."""


def _said(value: Any) -> Any:
    """A text without space around it; a gap of the template is nothing."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    return None if text in BLANK else text


def _listed(value: Any) -> Any:
    """One clause is a list of one, as ``--set policy.clause=11-I`` gives it; gaps are left out."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        return values
    return [kept for one in values if (kept := _said(one)) is not None]


Said = Annotated[str | None, BeforeValidator(_said)]


class AcceptConfig(Config):
    """Who accepts that identifiers are left in reports, or that nobody knows."""

    by: Said = Field(None, description="who accepts it, by name; kept in the manifest and the trail")
    reason: Said = Field(None, description="why, in a sentence that names no patient; kept with the name")
    corpus: Said = Field(
        None, description="beginning of the fingerprint of the corpus it is about; every corpus if not given"
    )


class PolicyConfig(Config):
    """What the institution declares; asked for before anything learns from real reports."""

    law: Annotated[Law | None, BeforeValidator(_said)] = Field(
        None, description="law that the processing rests on: lgpd, gdpr or hipaa"
    )
    clause: Annotated[list[str], BeforeValidator(_listed)] = Field(
        default_factory=list,
        description="its clauses, a list: art. 11, II, c of the LGPD; art. 6(1)(e) and art. 9(2)(j) of the "
        "GDPR; limited-data-set of HIPAA",
    )
    use: Annotated[Use | None, BeforeValidator(_said)] = Field(
        None,
        description="kind of use: care, quality, research, teaching or monitoring; risk-selection and "
        "economic-advantage are refused",
    )
    purpose: Said = Field(None, description="purpose in your words: what is to be learned, and for whom")
    controller: Said = Field(None, description="who decides on the processing: the institution")
    officer: Said = Field(
        None, description="whom patients turn to: encarregado, data protection officer or privacy officer"
    )
    retention: Said = Field(
        None, description="how long the corpus and what is learned from it are kept, and why so long"
    )
    ethics: Said = Field(
        None, description="for research: opinion of the ethics committee, under the LGPD with its CAAE number"
    )
    ethics_exempt: Said = Field(
        None, description="for research without an opinion: why none is needed, and who decided that"
    )
    data_use: Said = Field(
        None, description="for research and limited data sets: term or agreement under which reports are used"
    )
    legal_basis: Said = Field(
        None,
        description="the basis in your own words; kept in every manifest, and no substitute for the above",
    )
    residue_limit: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of reports in which identifiers may still be found after de-identification",
    )
    accept: AcceptConfig = Field(
        default_factory=lambda: AcceptConfig.model_validate({}),
        description="who accepts a residue beyond the limit, or unknown",
    )
