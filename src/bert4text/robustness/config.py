"""Settings of ``stress``: the section ``[stress]`` of ``bert4text.toml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bert4text.core.config import Config
from bert4text.core.report import Split

Share = Annotated[float, Field(ge=0, le=1)]


class StressConfig(Config):
    """How hard a classifier is tried."""

    only: list[str] = Field(
        default_factory=list,
        description="perturbations or capabilities that are tried; every one of them if not given",
    )
    split: Split = Field(
        "test",
        description="reports of a corpus that are changed; no label of theirs is read, no look counted",
    )
    reports: int = Field(
        1000, ge=1, description="reports of that split that are changed, at most; whole patients, by the seed"
    )
    tolerance: Share = Field(0.1, description="by how much a probability may move")
    allowed: Share = Field(
        0.05, description="rate of failures with which a capability holds, where at_most does not name it"
    )
    at_most: dict[str, Share] = Field(
        default_factory=dict,
        description="gates: capability = largest rate of failures; one that breaks ends with status 1",
    )
    minimum_n: int = Field(20, ge=1, description="changed reports without which nothing is said")
    serious: list[str] = Field(
        default_factory=list,
        description="labels that a denied finding must not make likelier; of an ordinal question the higher "
        "grades if not given",
    )
    sure: Share = Field(
        0.9, description="probability above which an answer to a text that says nothing counts as a failure"
    )
    worst: int = Field(10, ge=0, description="failures of each perturbation that are named, at most")
