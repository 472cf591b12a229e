"""Event: one line of the audit log, chained by its hash to the line before."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from bert4text.core.config import Record

Action = Literal[
    "corpus.prepared", "corpus.remedied", "corpus.deidentified", "corpus.synthesized",
    "corpus.sealed", "corpus.unsealed", "table.deidentified", "text.reidentified",
    "audit.overridden", "residue.accepted", "encoder.pretrained", "recognizer.built",
    "model.trained", "model.tuned", "model.calibrated", "model.stressed", "model.exported",
    "model.served", "model.retired",
    "test.seen", "prediction.batch", "prediction.served", "explanation.made", "explanation.released",
    "feedback.given", "feedback.changed", "feedback.signed", "document.made",
    "basis.added", "basis.withdrawn", "patient.exported", "patient.erased", "records.purged",
    "key.created", "key.rotated", "key.destroyed", "user.created", "user.changed",
]  # fmt: skip


class Event(Record):
    """One line of the log.

    Attributes:
        at: UTC, ``2026-11-22T10:00:00Z``.
        actor: who did it: the account of the machine, or the user of the service.
        action: what, from the closed list.
        subject: the digest or pseudonym of the thing it was done to.
        details: digests, counts, codes and pseudonyms only.
        previous: the digest of the line before, empty for the first.
        digest: SHA-256 of ``previous`` and the canonical JSON of the other fields.
    """

    at: str
    actor: str
    action: Action
    subject: str
    details: dict[str, Any] = Field(default_factory=dict)
    previous: str = ""
    digest: str = ""
