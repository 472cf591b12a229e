"""Settings of ``[deidentify]`` and ``[reidentify]``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bert4text.core.config import Config

PolicyName = Literal["lgpd", "gdpr", "hipaa-safe-harbor", "hipaa-limited", "hipaa-expert"]


class DeidentifyConfig(Config):
    """How reports are de-identified."""

    policy: PolicyName = Field("lgpd", description="what is done with each kind of identifier")
    actions: dict[str, str] = Field(
        default_factory=dict,
        description="kind of identifier -> tag, mask, keep, year, cap, shift, hash or surrogate",
    )
    detectors: list[str] | None = Field(
        None, description="who looks for identifiers; all that are installed if not given"
    )
    recognizer: str = Field(
        "auto",
        description="who learned to find identifiers and looks beside the rules: auto is the one built last, "
        "none is none, else its folder",
    )
    keep: list[str] = Field(
        default_factory=list, description="words of your reports that are never taken for an identifier"
    )
    also: list[str] = Field(
        default_factory=list, description="words that are always hidden, such as the names of your units"
    )
    workers: int = Field(
        0, ge=0, le=256, description="processes that read reports; 0: one for each core where it pays"
    )
    weeks: int = Field(
        52, ge=1, le=520, description="dates are moved by at most so many weeks, into the past or the future"
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="column of a table -> kind of identifier, text, read or keep; by its name if not given",
    )
    review_below: float = Field(
        0.75, ge=0, le=1, description="spans less sure than this are asked of who reviews"
    )
    reviewer: str = Field(
        "", description="who reviews, as it is written down; the account of the machine if not given"
    )


class ReidentifyConfig(Config):
    """How a de-identified corpus is led back."""

    reason: str = Field("", description="why; it is kept in the trail, so it names nobody")
