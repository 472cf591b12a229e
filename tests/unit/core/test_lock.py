"""One run at a time, and none locked out by a run that died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bert4text.core.errors import OutputError
from bert4text.core.lock import exclusive

HOLD = """
import sys, time
from pathlib import Path
from bert4text.core.lock import exclusive
with exclusive(Path(sys.argv[1]), target=Path("out.csv")):
    print("held", flush=True)
    time.sleep(60)
"""


def test_another_process_is_refused_until_the_holder_dies(tmp_path):
    lock = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with (
            pytest.raises(OutputError, match=r"another run is writing out\.csv") as caught,
            exclusive(lock, target=Path("out.csv")),
        ):
            pass
        assert caught.value.error_code == "busy"
    finally:
        os.kill(holder.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        holder.wait()
        if holder.stdout is not None:
            holder.stdout.close()
    with exclusive(lock, target=Path("out.csv")):
        assert lock.exists()


def test_the_lock_is_let_go_at_the_end_of_the_block(tmp_path):
    for _ in range(2):
        with exclusive(tmp_path / "lock", target=tmp_path / "out.csv"):
            pass
