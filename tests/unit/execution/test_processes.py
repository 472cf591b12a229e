"""Work in other processes: in order, lazily, and with errors where their result would have been."""

from __future__ import annotations

import os
import time
from functools import partial
from itertools import count

import pytest

from bert4text.core import machine
from bert4text.execution.processes import Processes


def whose(number):
    time.sleep(0.01 * (number % 3))
    return number, os.getpid()


def broken(number):
    if number == 3:
        raise ValueError(number)
    return number


def test_results_come_in_order_from_other_processes():
    results = list(Processes(2).map(whose, range(12)))
    assert [number for number, _ in results] == list(range(12))
    assert os.getpid() not in {process for _, process in results}
    assert len({process for _, process in results}) == 2


def test_an_endless_stream_is_drawn_little_by_little():
    drawn = []

    def items():
        for number in count():
            drawn.append(number)
            yield number

    results = Processes(2).map(partial(pow, 2), items())
    assert [next(results) for _ in range(5)] == [1, 2, 4, 8, 16]
    results.close()
    assert len(drawn) < 12


def test_an_error_is_raised_where_its_result_would_have_been():
    results = Processes(2).map(broken, range(6))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)


def test_nothing_to_do_starts_nothing():
    assert list(Processes(2).map(whose, [])) == []
    assert repr(Processes(2)) == "processes(2)"


def threads_of(_: int) -> int:
    return machine.threads()


def test_processes_share_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert set(Processes(2).map(threads_of, range(4))) == {2}
    assert machine.threads() == 5
