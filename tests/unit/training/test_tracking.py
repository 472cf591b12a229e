"""Observers: each step a line, and what to expect told once."""

from __future__ import annotations

from bert4text.training.loop import Step
from bert4text.training.tracking import Figures, JsonLines, observe, read_steps


def some(n, *, each=1.0):
    return [
        Step(
            step=i,
            epoch=1,
            loss=1 / i,
            learning_rate=0.1,
            tokens=10,
            seconds=i * each,
            validation={"macro_f1": 0.5, "accuracy": 0.6, "loss": 1.0} if i == n else None,
        )
        for i in range(1, n + 1)
    ]


def test_steps_are_written_as_they_are_seen(tmp_path):
    path = tmp_path / "steps.jsonl"
    lines = JsonLines(path, done=0)
    seen = []

    def watching():
        for step in some(4):
            yield step
            seen.append(len(read_steps(path)))

    assert observe(watching(), [lines]) == some(4) == read_steps(path)
    assert seen == [1, 2, 3, 4]


def test_what_the_checkpoint_took_back_is_dropped(tmp_path):
    path = tmp_path / "steps.jsonl"
    observe(some(6), [JsonLines(path, done=0)])
    with path.open("a") as stream:
        stream.write('{"step": 7, "epo')
    again = JsonLines(path, done=4)
    assert again.past == some(6)[:4] == read_steps(path)


def test_a_file_that_is_no_text_counts_as_none(tmp_path):
    path = tmp_path / "steps.jsonl"
    assert read_steps(path) == []
    path.write_bytes(b"\xff\xfe\x00")
    assert read_steps(path) == []


class Bar:
    def __init__(self):
        self.done, self.notes = 0, {}

    def advance(self, n=1):
        self.done += n

    def note(self, key, value):
        self.notes[key] = value


def test_the_bar_shows_the_loss_and_the_last_macro_f1():
    bar = Bar()
    observe(some(5, each=2.0), [Figures(bar)])
    assert bar.done == 5
    assert bar.notes == {"loss": 0.2, "macro_f1": 0.5}
