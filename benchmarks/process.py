"""The runner's handle of a worker: a process of its own, asked one thing at a time."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
"""Where ``benchmarks`` is found, in any environment."""
PATIENCE = 3600.0
"""Seconds after which a worker that does not reply has failed."""
_LINES = 12


class WorkerFailed(Exception):
    """A worker failed.

    Attributes:
        kind: the class of its error, ``ended`` with a status, or ``timed-out``; never a message, which may
            hold a path.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Worker:
    """A process that serves ``benchmarks.worker``.

    Args:
        command: what runs it.
        env: its environment.
        errors: the file that takes what it writes to standard error.
        patience: seconds to wait for a reply.
    """

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], errors: Path, patience: float = PATIENCE
    ) -> None:
        self._errors = errors
        self._patience = patience
        with errors.open("wb") as stream:
            self._process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream, env=dict(env)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                stream.close()

    def ask(self, do: str, **given: Any) -> dict[str, Any]:
        """Send a request and wait for its reply.

        Raises:
            WorkerFailed: the work failed, the process ended, or its time is over.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise WorkerFailed("ended")
        try:
            stdin.write(json.dumps({"do": do, **given}).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise WorkerFailed(self._ended()) from None
        if not select.select([stdout], [], [], self._patience)[0]:
            raise WorkerFailed("timed-out")
        line = stdout.readline()
        if not line:
            raise WorkerFailed(self._ended())
        reply: dict[str, Any] = json.loads(line)
        if "failure" in reply:
            raise WorkerFailed(reply["failure"])
        return reply

    def last_words(self) -> str:
        """The end of what it wrote to standard error, for the screen."""
        lines = self._errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LINES:])

    def _ended(self) -> str:
        return f"ended {self._process.wait(self._patience)}"


def environment(*, threads: int, foreign: bool) -> dict[str, str]:
    """The environment of a worker: the same threads for all, none of which spins while it waits; no network.

    Args:
        threads: to compute with.
        foreign: whether it runs in a rival's environment, where our package is not to be found.
    """
    given = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ours = os.environ.get("PYTHONPATH", "")
    paths = [str(ROOT)] if foreign or not ours else [str(ROOT), ours]
    return {
        **given,
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
        "KMP_BLOCKTIME": "0",
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "RAYON_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "DO_NOT_TRACK": "1",
    }


def own_command(module: str) -> list[str]:
    """The command that runs a module in this environment."""
    return [sys.executable, "-m", module]


def prepare(module: str, *arguments: str, threads: int) -> None:
    """Run a module that makes what workers read; what it writes is shown only if it fails.

    Raises:
        SystemExit: it failed.
    """
    done = subprocess.run(
        [*own_command(module), *arguments],
        env=environment(threads=threads, foreign=False),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit("\n".join([*done.stdout.splitlines()[-_LINES:], f"{module} failed"]))
