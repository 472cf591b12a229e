"""Work beside other work: the next item is made, or the last one taken, in another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Made(Generic[Item]):
    """What came of asking for an item: the item, an error, or neither at the end."""

    items: tuple[Item, ...] = ()
    error: BaseException | None = None


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in order, each made in another thread while the one before is used.

    Never more than one is made ahead. An error of making one is raised where the item would have come.
    Whoever stops early does not wait for an item that is being made.
    """
    made: SimpleQueue[_Made[Item]] = SimpleQueue()
    wanted = threading.Semaphore(1)
    left = threading.Event()

    def make() -> None:
        try:
            iterator = iter(items)
            while wanted.acquire() and not left.is_set():
                try:
                    item = next(iterator)
                except StopIteration:
                    made.put(_Made())
                    return
                made.put(_Made((item,)))
        except BaseException as error:
            made.put(_Made(error=error))

    threading.Thread(target=make, daemon=True).start()  # may wait for a stream that never ends
    try:
        while True:
            found = made.get()
            if found.error is not None:
                raise found.error
            if not found.items:
                return
            wanted.release()
            yield found.items[0]
    finally:
        left.set()
        wanted.release()


@contextmanager
def behind(take: Callable[[Item], object]) -> Iterator[Callable[[Item], None]]:
    """Let a function take items in another thread, one at a time and in order, while the next is made.

    An error of taking one is raised by the next call, or at the end; whatever ends the block, the item that
    is being taken is taken whole.
    """
    last: Future[object] | None = None

    def put(item: Item) -> None:
        nonlocal last
        if last is not None:
            last.result()
        last = pool.submit(take, item)

    with ThreadPoolExecutor(1) as pool:
        yield put
        if last is not None:
            last.result()
