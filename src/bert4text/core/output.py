"""Write whole or not at all: to a temporary name beside the target, then rename."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bert4text.core.errors import OutputError
from bert4text.core.messages import N_

OURS = ("bundle.json", "metrics.json", "encoder.json", "stress.json", "bert4text.toml")
"""One of these stands in every folder that this program writes; no other folder is ever replaced."""


def user_cache() -> Path:
    """Where what can be made again is kept for the user: ``${XDG_CACHE_HOME:-~/.cache}/bert4text``."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "bert4text"


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse early what could not be written at the end.

    Raises:
        OutputError: the target exists and ``overwrite`` is false, or its folder cannot be made or written.
    """
    if path.exists() and not overwrite:
        raise OutputError(
            "{name} exists already", hint="choose another name, or --overwrite", code="exists", name=path.name
        )
    if path.is_dir() and any(path.iterdir()) and not any((path / name).exists() for name in OURS):
        raise OutputError(
            "{name} is a folder that this program did not write; it is not replaced",
            hint="choose another name",
            code="not-ours",
            name=path.name,
        )
    with _translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        probe = _partial(path)
        probe.touch()
        probe.unlink()


def check_file(path: Path, *, overwrite: bool) -> None:
    """Refuse early a file that could not be written at the end; a folder is never replaced by a file.

    Raises:
        OutputError: as ``check_target``, or the target is a folder.
    """
    check_target(path, overwrite=overwrite)
    if path.is_dir():
        code, template, hint = _REASONS[errno.EISDIR]
        raise OutputError(template, hint=hint, code=code, name=path.name)


@contextmanager
def writing_file(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary path; on success it takes the target's place, on failure the target is as before.

    Raises:
        OutputError: the target exists (without ``overwrite``), is read-only, or there is no space.
    """
    check_file(path, overwrite=overwrite)
    remove_stale(path)
    partial = _partial(path)
    try:
        with _translated(path):
            yield partial
            _sync(partial)
            partial.replace(path)
            _sync(path.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def writing_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder; on success it takes the target's place, on failure the target is as before.

    Raises:
        OutputError: the target exists (without ``overwrite``), is read-only, or there is no space.
    """
    check_target(path, overwrite=overwrite)
    remove_stale(path)
    partial = _partial(path)
    try:
        with _translated(path):
            partial.mkdir()
            yield partial
            publish_folder(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def publish_folder(partial: Path, path: Path) -> None:
    """Sync a finished folder and move it to its name, replacing what stood there."""
    for folder, _, names in os.walk(partial):
        for name in names:
            _sync(Path(folder) / name)
        _sync(Path(folder))
    if path.exists():
        old = path.with_name(f".{path.name}.replaced-{os.getpid()}")
        path.rename(old)
        partial.rename(path)
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    else:
        partial.rename(path)
    _sync(path.parent)


def remove_stale(path: Path, *, ours: bool = True) -> None:
    """Remove partials of this target whose process is gone.

    Args:
        path: the target.
        ours: whether those of this process go too; not where several threads may write the same target.
    """
    for stale in path.parent.glob(f".{path.name}.partial-*"):
        pid = stale.name.rpartition("-")[2]
        mine = pid == str(os.getpid())
        if (mine and not ours) or (pid.isdigit() and not mine and _alive(int(pid))):
            continue
        if stale.is_dir():
            shutil.rmtree(stale, ignore_errors=True)
        else:
            stale.unlink(missing_ok=True)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


def _alive(pid: int) -> bool:
    if os.name == "nt":  # os.kill would end the process there
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_NO_SPACE = (
    "no-space",
    N_("there is no space left to write {name}"),
    N_("free some space, or write elsewhere"),
)
_DENIED = ("read-only", N_("{name} cannot be written: permission denied"), N_("write elsewhere"))
_BELOW_A_FILE = (
    "not-a-folder",
    N_("{name} cannot be written: a parent of it is a file"),
    N_("write elsewhere"),
)

_REASONS = {
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EROFS: ("read-only", N_("{name} cannot be written: the place is read-only"), N_("write elsewhere")),
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.ENOTDIR: _BELOW_A_FILE,
    errno.EEXIST: _BELOW_A_FILE,
    errno.EISDIR: ("is-a-folder", N_("{name} is a folder"), N_("give the name of a file")),
}


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        known = _REASONS.get(error.errno or 0)
        if known is None:
            raise
        code, template, hint = known
        raise OutputError(template, hint=hint, code=code, name=path.name) from None
