"""One process at a time: a lock on a file that the system lets go when its holder ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bert4text.core.errors import OutputError


@contextmanager
def exclusive(path: Path, *, target: Path, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock of a file while the block runs; the file is made if it is not there.

    Args:
        path: the lock file.
        target: what is being written, for the message.
        wait: seconds to wait for another process that holds it.

    Raises:
        OutputError: another process holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        taken, ends = _lock(descriptor), time.monotonic() + wait
        while not taken and time.monotonic() < ends:
            time.sleep(0.02)
            taken = _lock(descriptor)
        if not taken:
            raise OutputError(
                "another run is writing {name} now",
                hint="wait for it to end, or choose another name",
                code="busy",
                name=target.name,
            )
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - Windows only

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - absent on Windows

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a file system without locks: go on as one would without this module
        return True
    return True
