"""Manifest: what made this, from what, with which settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from bert4text.core.basis import Basis
from bert4text.core.config import Record


class Parent(Record):
    """Something an artefact was made from."""

    kind: str
    digest: str


class Manifest(Record):
    """Where an artefact comes from.

    Attributes:
        kind: what it is: ``corpus``, ``model``, ``evaluation`` ...
        verb: the verb that made it.
        digest: of the artefact.
        parents: what it was made from.
        config: the resolved settings of the verb.
        versions: of this package and the libraries that shape the result.
        machine: processor, cores and memory; no host name.
        seed: the project's seed.
        created: when, UTC.
        seconds: how long it took.
        overrides: findings that were accepted by name, and gates that were opened.
        legal_basis: the declared basis in one line, as it is shown; None where nothing is declared.
        basis: what ``[policy]`` declares, and for a model what was known of identifiers; None where a file is
            older than that, or nothing is declared.
        split_used: which splits were used to fit, stop, calibrate or measure.
        notes: counts that tell what was done, for example dropped duplicates.
    """

    kind: str
    verb: str
    digest: str = ""
    parents: tuple[Parent, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    machine: dict[str, Any] = Field(default_factory=dict)
    seed: int = 7
    created: str = ""
    seconds: float = 0.0
    overrides: tuple[str, ...] = ()
    legal_basis: str | None = None
    basis: Basis | None = None
    split_used: dict[str, str] = Field(default_factory=dict)
    notes: dict[str, Any] = Field(default_factory=dict)


def utc_now() -> str:
    """Now, as every file writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
