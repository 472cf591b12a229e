from __future__ import annotations

import time

import pytest

from bert4text.cli.progress import LineProgress, TerminalProgress, progress_for
from bert4text.cli.screen import Screen
from bert4text.core.messages import load
from bert4text.core.progress import silent


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_every_thirty_seconds_with_rate_and_time_left(screen: Screen) -> None:
    clock = Clock()
    with LineProgress(screen, clock=clock).task("Reading", 100) as task:
        for _ in range(50):
            clock.now += 1
            task.advance()
    assert screen.stderr.getvalue() == "Reading: 30/100, 1/s, 70 s left\n"


def test_short_work_says_nothing(screen: Screen) -> None:
    with LineProgress(screen).task("Reading", 3) as task:
        task.advance(3)
    assert screen.stderr.getvalue() == ""


def test_notes_and_unknown_totals(screen: Screen) -> None:
    clock = Clock()
    screen.translator = load("pt-BR")
    with LineProgress(screen, period=1, clock=clock).task("x y z") as task:
        task.note("loss", 0.51234)
        task.note("split", "train")
        clock.now = 2
        task.advance(4)
    assert screen.stderr.getvalue() == "x y z: 4, 2/s, perda 0,512, split train\n"


def test_the_time_to_expect_is_told_at_once(screen: Screen) -> None:
    with LineProgress(screen).task("Reading", 3) as task:
        task.note("memory_gib", 1.5)
        assert screen.stderr.getvalue() == ""
        task.note("expected_minutes", 12.0)
    assert screen.stderr.getvalue() == "Reading: memory (GiB) 1.5, minutes at most 12\n"


def test_the_screen_decides(screen: Screen, terminal: Screen) -> None:
    assert isinstance(progress_for(screen), LineProgress)
    assert isinstance(progress_for(terminal), TerminalProgress)
    terminal.json = True
    assert isinstance(progress_for(terminal), LineProgress)
    terminal.quiet = True
    assert progress_for(terminal) is silent


def test_a_bar_appears_only_after_its_delay(terminal: Screen) -> None:
    with TerminalProgress(terminal, delay=60).task("Reading", 2) as task:
        task.advance(2)
    assert "Reading" not in terminal.stderr.getvalue()
    progress = TerminalProgress(terminal, delay=0.01)
    with progress.task("Training", 2) as outer:
        time.sleep(0.2)
        with progress.task("Measuring", 5) as inner:
            inner.note("macro-F1", 0.5)
            inner.advance(3)
            time.sleep(0.3)
        outer.advance()
    shown = terminal.stderr.getvalue()
    assert "Training" in shown
    assert "Measuring" in shown
    assert "3/5" in shown
    assert "macro-F1 0.5" in shown


def test_a_bar_is_taken_down_when_the_work_fails(terminal: Screen) -> None:
    progress = TerminalProgress(terminal, delay=0)

    def fail() -> None:
        with progress.task("Training", 2):
            time.sleep(0.1)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    with progress.task("Again", 1) as task:
        task.advance()
    assert progress._bars is None


def test_notes_leave_the_bar_its_counts_on_a_narrow_screen(
    terminal: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with TerminalProgress(terminal, delay=0).task("fine-tuning the encoder", 66) as task:
        for key in ("loss", "expected_minutes", "memory_gib", "macro_f1"):
            task.note(key, 0.5)
        task.advance(30)
        time.sleep(0.3)
    shown = terminal.stderr.getvalue()
    assert "30/66" in shown
    assert "loss 0.5, minutes at most 0.5, memory (GiB) 0.5, macro F1 0.5" in shown
