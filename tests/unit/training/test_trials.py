"""What a search keeps: whole lines alone, of this search alone; and the time that is left."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bert4text.core.errors import ModelError
from bert4text.training.trials import FILE, Budget, Line, Trials, packed, unpacked

IDENTITY = {"corpus": "abc", "seed": "7"}


def line(trial=0, fold=0, **values):
    given = {"turn": "search", "point": {"batch": "size=8", "learning_rate": 0.37}, "seconds": 2.5}
    return Line(**{**given, "trial": trial, "fold": fold, "decided": "ff", **values})


def test_lines_come_back_as_they_were_written(tmp_path):
    trials = Trials(tmp_path, IDENTITY, minutes=5.0)
    for one in (line(), line(fold=1, decided=None), line(turn="confirmation")):
        trials.add(one)
    again = Trials(tmp_path, IDENTITY, minutes=90.0)
    assert again.lines == trials.lines
    assert again.start.minutes == 5.0
    assert again.of("search", line().point, 1) == [line(fold=1, decided=None)]
    assert again.of("search", {"batch": "size=8"}, 0) == []


@pytest.mark.parametrize("cut", [1, 7, 40])
def test_what_a_kill_cut_short_is_dropped(tmp_path, cut):
    trials = Trials(tmp_path, IDENTITY, minutes=5.0)
    trials.add(line())
    trials.add(line(fold=1))
    content = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content[:-cut])
    again = Trials(tmp_path, IDENTITY, minutes=5.0)
    assert again.lines == ([line(), line(fold=1)] if cut == 1 else [line()])
    again.add(line(fold=2))
    kept = [json.loads(text) for text in (tmp_path / FILE).read_text(encoding="utf-8").splitlines()]
    assert [one.get("fold") for one in kept][-1] == 2
    assert len(kept) == len(again.lines) + 1


def test_another_search_is_refused_and_told_apart(tmp_path):
    Trials(tmp_path, IDENTITY, minutes=5.0).add(line())
    with pytest.raises(ModelError, match="corpus differ") as caught:
        Trials(tmp_path, {**IDENTITY, "corpus": "other"}, minutes=5.0)
    assert caught.value.error_code == "checkpoint-mismatch"


@given(arrays(np.bool_, st.tuples(st.integers(1, 40), st.integers(1, 9))))
def test_decisions_come_back_bit_for_bit(decided):
    np.testing.assert_array_equal(unpacked(packed(decided), decided.shape), decided)


def test_time_spent_before_counts():
    now = [100.0]
    budget = Budget(60.0, clock=lambda: now[0])
    now[0] += 10
    assert (budget.spent, budget.left) == (10, 50)
    budget.spend(45)
    assert budget.left == 5
    now[0] += 6
    assert budget.left == -1
