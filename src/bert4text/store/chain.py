"""Append-only files whose lines are chained by hash: changing any byte of a line is noticed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from bert4text.core.digest import canonical, sha256
from bert4text.core.errors import StoreError, TrailBroken


def link(body: dict[str, Any], previous: str) -> dict[str, Any]:
    """A line: the body, the digest of the line before, and SHA-256 over both."""
    return {**body, "previous": previous, "digest": sha256(previous.encode() + canonical(body))}


def append(path: Path, body: dict[str, Any]) -> dict[str, Any]:
    """Append one line under a file lock and sync it.

    Raises:
        StoreError: the file cannot be written.
        TrailBroken: its last line is not one of ours.
    """
    problem = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as stream, _locked(stream):
            line = link(body, _last_digest(stream, path))
            stream.seek(0, os.SEEK_END)
            stream.write(canonical(line) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
            return line
    except OSError as error:
        problem = type(error).__name__
    raise StoreError(
        "{name} cannot be written ({problem})",
        hint="look at the rights of its folder, and at the space left on its disk",
        code="trail-unwritable",
        name=path.name,
        problem=problem,
    )


def read(path: Path) -> list[dict[str, Any]]:
    """Every line, checked; none if there is no file.

    A last line that a crash cut short was never acknowledged, and is left out.

    Raises:
        StoreError: the file cannot be read.
        TrailBroken: a line was changed, removed from the middle, or is not JSON.
    """
    lines: list[dict[str, Any]] = []
    previous = ""
    *whole, tail = _content(path).split(b"\n")
    for number, raw in enumerate(whole, start=1):
        line = _parsed(raw, path, number)
        body = {key: value for key, value in line.items() if key not in {"previous", "digest"}}
        if canonical(line) != raw or line != link(body, previous):
            raise _broken(path, number)
        previous = line["digest"]
        lines.append(line)
    _check_cut_short(tail, path, len(lines) + 1)
    return lines


def _content(path: Path) -> bytes:
    problem = None
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        problem = type(error).__name__
    raise StoreError(
        "{name} cannot be read ({problem})",
        hint="look at its rights, and that it is a file",
        code="trail-unreadable",
        name=path.name,
        problem=problem,
    )


def _last_digest(stream: BinaryIO, path: Path) -> str:
    size = stream.seek(0, os.SEEK_END)
    tail, start = b"", size
    while start and tail.count(b"\n") < 2:
        start = max(0, start - 8192)
        stream.seek(start)
        tail = stream.read(size - start)
    before, _, rest = tail.rpartition(b"\n")
    _check_cut_short(rest, path, None)
    if rest:
        stream.truncate(size - len(rest))
    last = before.rpartition(b"\n")[2]
    if not last:
        return ""
    line = _parsed(last, path, None)
    digest = line.get("digest")
    if not isinstance(digest, str):
        raise _broken(path, None)
    return digest


def _check_cut_short(rest: bytes, path: Path, number: int | None) -> None:
    """Refuse what stands after the last end of line unless it is the beginning of a line."""
    text = rest.decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        end = len(text)
    if end < len(text) or (rest and not rest.startswith(b"{")):
        raise _broken(path, number)


def _parsed(raw: bytes, path: Path, number: int | None) -> dict[str, Any]:
    try:
        line = json.loads(raw)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise _broken(path, number)
    return line


def _broken(path: Path, number: int | None) -> TrailBroken:
    return TrailBroken(
        "{name} was altered: line {line} does not follow from the one before",
        hint="restore it from its backup, or keep it as evidence and begin a new one",
        name=path.name,
        line="?" if number is None else number,
    )


@contextmanager
def _locked(stream: BinaryIO) -> Iterator[None]:
    lock, unlock = _lockers()
    lock(stream.fileno())
    try:
        yield
    finally:
        unlock(stream.fileno())


def _lockers() -> tuple[Callable[[int], None], Callable[[int], None]]:
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415 - Windows only

        def lock_byte(descriptor: int) -> None:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]

        def unlock_byte(descriptor: int) -> None:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]

        return lock_byte, unlock_byte
    import fcntl  # noqa: PLC0415 - absent on Windows

    return (
        lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_EX),
        lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_UN),
    )
