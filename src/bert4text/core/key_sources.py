"""Where a key comes from: a file that its owner alone can read, the environment, or a command."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import stat
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from bert4text.core.errors import StoreError
from bert4text.core.output import remove_stale

SIZE = 32
"""Bytes of a key."""


def key_of(text: str) -> bytes | None:
    """The key that 64 hexadecimal digits or 32 bytes in base64 say, or None."""
    word = text.strip()
    try:
        if len(word) == 2 * SIZE:
            return bytes.fromhex(word)
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return key if len(key) == SIZE else None


def key_id(key: bytes) -> str:
    """16 hex that tell a key from others and nothing of it: HMAC-SHA256 of a constant under it."""
    return hmac.new(key, b"bert4text key", sha256).hexdigest()[:16]


def check_private(path: Path) -> None:
    """Refuse a file of secrets that others can read or write (where the system has such rights).

    Raises:
        StoreError: ``open-key``: group or others have a right to it.
        OSError: the file cannot be looked at.
    """
    rights = stat.S_IMODE(path.stat().st_mode)
    if os.name != "nt" and rights & 0o077:
        raise StoreError(
            "{name} can be read or changed by others than its owner (mode {mode})",
            hint="chmod 600 on it, in the project's folder of keys (`bert4text keys list` says where); if "
            "somebody may have read it, `bert4text keys rotate` too",
            code="open-key",
            name=path.name,
            mode=f"{rights:03o}",
        )


def write_private(path: Path, text: str) -> None:
    """Write a file of secrets whole or not at all (folder 0700, file 0600), replacing what stood there.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_stale(path)
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Let a rename outlive a crash of the system."""
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def from_file(path: Path, name: str) -> bytes | None:
    """The key in a file; None where there is no such file.

    Raises:
        StoreError: others can read it, or it cannot be read or is no key.
    """
    problem, key = "", None
    try:
        if not path.exists():
            return None
        check_private(path)
        key = key_of(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        problem = type(error).__name__
    if key is None:
        raise StoreError(
            "the key {name!r} of this project cannot be read ({problem})",
            hint="restore it from its backup: without it patients get new pseudonyms, and no seal opens",
            code="key",
            name=name,
            problem=problem or "not a key",
        )
    return key


def from_environment(variable: str, name: str) -> bytes | None:
    """The key in a variable of the environment; None where it is not set.

    Raises:
        StoreError: what it holds is no key.
    """
    value = os.environ.get(variable)
    if value is None:
        return None
    key = key_of(value)
    return _no_key(variable, name, len(value)) if key is None else key


def from_command(words: Sequence[str], name: str, *, seconds: float) -> bytes:
    """The key that a program writes to stdout; its words are kept nowhere, its stderr is not read.

    Raises:
        StoreError: it cannot be run, fails, takes too long, or writes no key.
    """
    program, status, problem = Path(words[0]).name, 0, ""
    out = b""
    try:
        done = subprocess.run(  # noqa: S603 - the program that the project's owner names, without a shell
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
        status, out = done.returncode, done.stdout
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        problem = type(error).__name__
    if problem or status:
        raise StoreError(
            "the command {program} gives no key {name!r}: it ended with {problem}",
            hint="run it by hand: it must write 64 hexadecimal digits and end with 0; see [keys] command",
            code="key-command",
            program=program,
            name=name,
            problem=problem or status,
        )
    key = key_of(out.decode("ascii", "replace"))
    return _no_key(program, name, len(out)) if key is None else key


def _no_key(origin: str, name: str, found: int) -> bytes:
    raise StoreError(
        "{origin} gives no key {name!r}: 64 hexadecimal digits, or 32 bytes in base64, are wanted; "
        "{found} characters came",
        hint='make one with `python -c "import secrets; print(secrets.token_hex(32))"`, in your vault',
        code="not-a-key",
        origin=origin,
        name=name,
        found=found,
    )
