"""Settings of ``[audit]``."""

from __future__ import annotations

from pydantic import Field

from bert4text.core.config import Config
from bert4text.core.issue import FailOn


class AuditConfig(Config):
    """What the audit looks for and what stops the run; section ``[audit]``."""

    fail_on: FailOn = Field("error", description="what stops the run: error, warning or never")
    accept: list[str] = Field(
        default_factory=list, description="names of checks that may fail; written into the manifest"
    )
    words: dict[str, list[str]] = Field(
        default_factory=dict,
        description="label -> your own words for it; where they stand in a report they state the label",
    )
    findings: list[str] = Field(
        default_factory=list,
        description="words you know as honest findings, though they predict well; never an error",
    )
    artefacts: list[str] = Field(
        default_factory=list,
        description="words you know as no finding; an error where they predict the label",
    )
    window: int | None = Field(
        None, ge=8, description="tokens the encoder reads at once; that of [train] if not given"
    )
    similarity: float = Field(
        0.9, gt=0.5, le=1.0, description="how alike two reports must be to count as near-duplicates"
    )
    short: int = Field(3, ge=1, description="a report of fewer words is called very short")
    least_reports: int = Field(
        2, ge=1, description="reports a class needs at the least, in the corpus and to learn from"
    )
    few_reports: int = Field(
        30, ge=1, description="reports of a class in test under which its figures say little"
    )
    sample: int = Field(
        20_000, ge=100, description="reports read by the checks of words; more are sampled, and that is said"
    )
