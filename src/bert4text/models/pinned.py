"""What was fetched, and is held to: the lock file, and the digests in ``encoder.json``."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, ValidationError

from bert4text.core.config import Record
from bert4text.core.digest import file_digest
from bert4text.core.errors import ModelError
from bert4text.core.output import user_cache, writing_file
from bert4text.models.sources import ORIGIN, read_origin, weights_digest

LOCK = "encoders.lock.json"
FORMAT = "encoders-lock/1"


class Pin(Record):
    """An encoder as it was first fetched.

    Attributes:
        revision: commit on the hub.
        files: SHA-256 of each file by its name.
    """

    revision: str
    files: dict[str, str]


class Lock(Record):
    """The lock file: hub id -> what was fetched of it."""

    format: str = FORMAT
    encoders: dict[str, Pin] = Field(default_factory=dict)


def lock_file(project: Path | None) -> Path:
    """Where the lock stands: in the project, else in the user's cache."""
    return (user_cache() if project is None else project) / LOCK


def read_lock(path: Path) -> Lock:
    """Read the lock; an empty one where there is none.

    Raises:
        ModelError: the file is no lock of this version (``bad-lock``).
    """
    lock: Lock | None
    try:
        lock = Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Lock()
    except (OSError, ValidationError):
        lock = None
    if lock is None or lock.format != FORMAT:
        raise ModelError(
            "{name} is not a lock of encoders that this version reads",
            hint="take it back from your version control, or move it away and fetch again",
            code="bad-lock",
            name=path.name,
        )
    return lock


def pin(path: Path, hub: str, made: Pin) -> None:
    """Write what was fetched into the lock; the other encoders stay.

    Raises:
        ModelError: the file is no lock.
        OutputError: it cannot be written.
    """
    lock = read_lock(path)
    if lock.encoders.get(hub) == made:
        return
    encoders = dict(sorted({**lock.encoders, hub: made}.items()))
    text = json.dumps(Lock(encoders=encoders).model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    with writing_file(path, overwrite=True) as partial:
        partial.write_text(text, encoding="utf-8")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a fetched encoder, without its ``encoder.json``."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != ORIGIN)
    return {path.name: file_digest(path) for path in files}


def check_unchanged(hub: str, pinned: Pin, found: dict[str, str]) -> None:
    """Compare what came with what came the first time.

    Raises:
        ModelError: a file differs, is missing or is new (``digest-changed``).
    """
    names = sorted(pinned.files.keys() | found.keys())
    changed = [name for name in names if pinned.files.get(name) != found.get(name)]
    if changed:
        raise ModelError(
            "{hub} is not what it was when it was first fetched: {files}",
            hint="find out why; if the change is wanted, --renew takes it and writes the lock anew",
            code="digest-changed",
            hub=hub,
            files=changed,
        )


def unaltered_weights(folder: Path) -> str:
    """The digest of an encoder's weights, compared with what its ``encoder.json`` says, if it does.

    Raises:
        ModelError: the weights are not those that were fetched (``altered-weights``), or there are none.
    """
    found = weights_digest(folder)
    recorded = read_origin(folder).get("files")
    if isinstance(recorded, dict):
        wanted = weights_digest(folder, lambda path: str(recorded.get(path.name)))
        if wanted != found:
            raise ModelError(
                "the weights of {name} are not those fetched: SHA-256 {found}..., expected {wanted}...",
                hint="copy the folder again from where it was fetched, or fetch it again",
                code="altered-weights",
                name=folder.name,
                found=found[:12],
                wanted=wanted[:12],
            )
    return found
