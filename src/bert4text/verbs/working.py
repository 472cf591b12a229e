"""Where a training works until what it makes is complete."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bert4text.core.errors import Bert4TextError, GuardError, OutputError
from bert4text.core.lock import exclusive
from bert4text.verbs.run import work_folder


def check_unfinished(target: Path, *, resume: bool, overwrite: bool) -> None:
    """Refuse to begin where another training is under way, or an unfinished one lies.

    Raises:
        OutputError: another process is at it (``busy``); or one was left, and neither going on nor
            beginning anew was asked for (``unfinished``).
    """
    work = work_folder(target)
    if not work.exists():
        return
    with _alone(target):
        left = any(work.iterdir())
    if left and not (resume or overwrite):
        raise OutputError(
            "an unfinished training of {name} lies there",
            hint="--resume goes on with it, --overwrite begins anew",
            code="unfinished",
            name=target.name,
        )


@contextmanager
def working(target: Path | None, *, resume: bool) -> Iterator[Path]:
    """Where checkpoints lie until the run is complete; they outlive a kill, and go when it is complete.

    They go too when a guard refused the training: going on from them would end in the same refusal.

    Raises:
        OutputError: another process is at the same target (``busy``).
    """
    if target is None:
        with tempfile.TemporaryDirectory(prefix="bert4text-") as folder:
            yield Path(folder)
        return
    work = work_folder(target)
    work.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        if work.exists() and not resume:
            shutil.rmtree(work)
        work.mkdir(exist_ok=True)
        try:
            yield work
        except GuardError:
            shutil.rmtree(work, ignore_errors=True)
            raise
        except Bert4TextError:
            if work.is_dir() and not any(work.iterdir()):
                work.rmdir()
            raise
        shutil.rmtree(work, ignore_errors=True)  # a run without an encoder leaves none


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep others from the target; what a killed process leaves of the file beside it keeps nobody out."""
    lock = work_folder(target).with_suffix(".lock")
    with exclusive(lock, target=target):
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no open file
                lock.unlink()
