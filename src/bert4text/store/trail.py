"""The trail of what was done, and the ledger of looks at a corpus's test split."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bert4text.core.event import Action, Event
from bert4text.core.manifest import utc_now
from bert4text.store import chain


def record(path: Path, action: Action, *, subject: str, details: Mapping[str, Any] | None = None) -> Event:
    """Append an event to the trail.

    Args:
        path: the trail's file.
        action: what was done.
        subject: digest or pseudonym of the thing.
        details: digests, counts, codes and pseudonyms only.

    Raises:
        StoreError: the trail cannot be written.
    """
    event = Event(at=utc_now(), actor=actor(), action=action, subject=subject, details=dict(details or {}))
    body = event.model_dump(exclude={"previous", "digest"})
    return Event.model_validate(chain.append(path, body))


def read_trail(path: Path) -> list[Event]:
    """Every event of a trail, its chain verified.

    Raises:
        TrailBroken: a line was changed.
    """
    return [Event.model_validate(line) for line in chain.read(path)]


def ledger_path(corpus: Path) -> Path:
    """Where the looks at a corpus's test split are counted: beside the corpus."""
    return corpus.with_name(corpus.stem + ".ledger.jsonl")


def looks(corpus: Path) -> int:
    """How often the test split of this corpus was looked at.

    Raises:
        StoreError: the ledger cannot be read.
        TrailBroken: the ledger was altered.
    """
    return len(chain.read(ledger_path(corpus)))


def record_look(corpus: Path, *, model: str, metrics: str) -> int:
    """Count one look at the test split; gives its number: no two looks have the same.

    Args:
        corpus: path of the corpus.
        model: digest of the model that was measured.
        metrics: digest of what was found.

    Raises:
        TrailBroken: the ledger was altered.
        StoreError: the ledger cannot be read or written.
    """
    looks(corpus)
    ledger = ledger_path(corpus)
    line = chain.append(ledger, {"at": utc_now(), "who": actor(), "model": model, "metrics": metrics})
    return [each["digest"] for each in chain.read(ledger)].index(line["digest"]) + 1


def inherit_looks(corpus: Path, mended: Path) -> None:
    """Let a corpus made from another go on counting: its test reports were looked at before.

    Raises:
        TrailBroken: the ledger was altered.
        StoreError: it cannot be read or written.
    """
    known = chain.read(ledger_path(corpus))
    ledger_path(mended).unlink(missing_ok=True)  # that of a corpus which was replaced
    for line in known:
        chain.append(
            ledger_path(mended),
            {name: value for name, value in line.items() if name not in {"previous", "digest"}},
        )


def actor() -> str:
    """The account that runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no account entry, as in some containers
        return "unknown"
