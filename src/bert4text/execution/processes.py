"""Executor: processes of this machine, each with an interpreter of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

from bert4text.core.machine import threads

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 2
"""Items under way for each process: none waits for work, and no stream is drawn whole."""


class Processes:
    """Maps over processes; results come in the order of the items.

    The function, its items and its results have to be such that pickle carries them between processes; what
    is written to disk never is.

    Args:
        workers: how many processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Apply the function to each item, in order; few are drawn ahead of what is asked for."""
        spawn = multiprocessing.get_context("spawn")  # a fork would take threads' locks along
        pool = ProcessPoolExecutor(
            self.workers, mp_context=spawn, initializer=_begin, initargs=(max(1, threads() // self.workers),)
        )
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= _AHEAD * self.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def __repr__(self) -> str:
        return f"processes({self.workers})"


def _begin(share: int) -> None:
    """Let Ctrl-C end the process that was asked, which ends the others; and compute with a share of threads.

    Args:
        share: threads of each process: all of them in every one would wait for each other.
    """
    os.environ["OMP_NUM_THREADS"] = str(share)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
