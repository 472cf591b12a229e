"""Keys: made once for a project, kept outside it, readable by their owner alone."""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from bert4text.core.errors import StoreError


def keys_folder(project_id: str = "default") -> Path:
    """Where a project's keys lie: ``${XDG_CONFIG_HOME:-~/.config}/bert4text/keys/<project-id>``."""
    home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "bert4text" / "keys" / project_id


def project_key(name: str, *, project_id: str = "default") -> bytes:
    """The 32-byte key of one use, made at its first use (folder 0700, file 0600).

    Raises:
        StoreError: the key file is unreadable or not a key.
    """
    path = keys_folder(project_id) / f"{name}.key"
    problem = None
    _make(path, name)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        problem, key = type(error).__name__, b""
    if problem is not None or len(key) != 32:
        raise StoreError(
            "the key {name!r} of this project cannot be read ({problem})",
            hint="restore it from its backup; without it patients get new pseudonyms",
            code="key",
            name=name,
            problem=problem or "wrong length",
        )
    return key


def _make(path: Path, name: str) -> None:
    problem = None
    try:
        if not path.exists():
            _create(path)
    except OSError as error:
        problem = type(error).__name__
    if problem is not None:
        raise StoreError(
            "the key {name!r} of this project cannot be made ({problem})",
            hint="keys are kept in ~/.config/bert4text, or where XDG_CONFIG_HOME says: it must be writable",
            code="key",
            name=name,
            problem=problem,
        )


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32) + "\n")
    try:
        os.link(partial, path)  # never replaces a key that another process made meanwhile
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def pseudonym(key: bytes, value: str) -> str:
    """``p-`` and 16 hex of HMAC-SHA256: the same person under the same key, nobody without it."""
    return "p-" + hmac.new(key, value.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:16]


def reference(key: bytes, report_id: str) -> str:
    """``r-`` and 8 hex of HMAC-SHA256: how logs and pages name a report."""
    return "r-" + hmac.new(key, report_id.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:8]
