"""Progress on this screen: a bar after two seconds on a terminal, else a line every thirty."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.progress import Task as Bar
from rich.text import Text

from bert4text.cli.screen import Screen
from bert4text.core.messages import N_, Translator
from bert4text.core.progress import Progress, Task, silent

DELAY = 2.0
"""Seconds after which a bar is drawn."""

PERIOD = 30.0
"""Seconds between two lines where there is no terminal."""


def progress_for(screen: Screen) -> Progress:
    """The progress that suits the screen: none when quiet, bars on a terminal, lines elsewhere."""
    if screen.quiet:
        return silent
    if screen.stderr.isatty() and not screen.json:
        return TerminalProgress(screen)
    return LineProgress(screen)


NOTES = {
    "loss": N_("loss"),
    "macro_f1": N_("macro F1"),
    "expected_minutes": N_("minutes at most"),
    "memory_gib": N_("memory (GiB)"),
    "trial_minutes": N_("minutes a trial"),
    "best": N_("best macro F1"),
    "folds": N_("folds"),
}
"""How the figures beside a bar are called on the screen; others keep their own name."""

AT_ONCE = frozenset({"expected_minutes"})
"""Figures that are told as soon as they are known, where lines take the place of bars."""


class _NotedBars(Bars):
    """Bars with the notes of each on a line of its own: beside it they would push the time left away."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bars, each with its notes under it."""
        for task in self.tasks:
            if task.visible:
                yield self.make_tasks_table([task])
                if task.fields["notes"]:
                    yield Text(f"  {task.fields['notes']}", style="dim", no_wrap=True, overflow="ellipsis")


class _Rate(ProgressColumn):
    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self._translator = translator

    def render(self, task: Bar) -> Text:
        return Text("" if task.speed is None else f"{_figure(task.speed, self._translator)}/s", style="dim")


class TerminalProgress:
    """Bars on stderr, drawn once the work has taken ``delay`` seconds, wiped when it is done."""

    def __init__(self, screen: Screen, *, delay: float = DELAY) -> None:
        self._screen = screen
        self._delay = delay
        self._depth = 0
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._bars: Bars | None = None

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Start a task; its bar stands under those of the tasks around it."""
        return self._task(label, total)

    @contextmanager
    def _task(self, label: str, total: int | None) -> Iterator[Task]:
        bars = self._enter()
        row = bars.add_task(self._screen.translator(label), total=total, notes="")
        try:
            yield _BarTask(bars, row, self._screen.translator)
        finally:
            bars.remove_task(row)
            self._leave(bars)

    def _enter(self) -> Bars:
        with self._lock:
            if self._bars is None:
                self._bars = _NotedBars(
                    TextColumn("{task.description}"),
                    BarColumn(bar_width=24),
                    MofNCompleteColumn(),
                    _Rate(self._screen.translator),
                    TimeRemainingColumn(),
                    console=self._screen.err,
                    transient=True,
                )
                self._timer = threading.Timer(self._delay, self._draw)
                self._timer.daemon = True
                self._timer.start()
            self._depth += 1
            return self._bars

    def _draw(self) -> None:
        with self._lock:
            if self._bars is not None:
                self._bars.start()

    def _leave(self, bars: Bars) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth == 0:
                if self._timer is not None:
                    self._timer.cancel()
                bars.stop()
                self._bars = None


class _BarTask:
    def __init__(self, bars: Bars, row: TaskID, translator: Translator) -> None:
        self._bars = bars
        self._row = row
        self._translator = translator
        self._notes: dict[str, str] = {}

    def advance(self, n: int = 1) -> None:
        self._bars.advance(self._row, n)

    def note(self, key: str, value: float | str) -> None:
        self._notes[_named(key, self._translator)] = _figure(value, self._translator)
        self._bars.update(self._row, notes=_said(self._notes))


class LineProgress:
    """A line on stderr every ``period`` seconds of work; nothing for work that is shorter."""

    def __init__(
        self, screen: Screen, *, period: float = PERIOD, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._screen = screen
        self._period = period
        self._clock = clock

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Start a task."""
        return self._task(label, total)

    @contextmanager
    def _task(self, label: str, total: int | None) -> Iterator[Task]:
        yield _LineTask(self._screen, label, total, self._period, self._clock)


class _LineTask:
    def __init__(
        self, screen: Screen, label: str, total: int | None, period: float, clock: Callable[[], float]
    ) -> None:
        self._screen, self._label, self._total = screen, label, total
        self._period, self._clock = period, clock
        self._started = self._told = clock()
        self._done = 0
        self._notes: dict[str, str] = {}

    def advance(self, n: int = 1) -> None:
        self._done += n
        now = self._clock()
        if now - self._told >= self._period:
            self._told = now
            self._tell(now)

    def note(self, key: str, value: float | str) -> None:
        self._notes[_named(key, self._screen.translator)] = _figure(value, self._screen.translator)
        if key in AT_ONCE:
            self._write(_said(self._notes))

    def _tell(self, now: float) -> None:
        translator = self._screen.translator
        rate = self._done / max(now - self._started, 1e-9)
        parts = [
            f"{self._done}" if self._total is None else f"{self._done}/{self._total}",
            f"{_figure(rate, translator)}/s",
        ]
        if self._total is not None and rate > 0:
            left = max(self._total - self._done, 0) / rate
            parts.append(translator(N_("{seconds} s left"), seconds=round(left)))
        if self._notes:
            parts.append(_said(self._notes))
        self._write(", ".join(parts))

    def _write(self, said: str) -> None:
        self._screen.stderr.write(f"{self._screen.translator(self._label)}: {said}\n")
        self._screen.stderr.flush()


def _named(key: str, translator: Translator) -> str:
    return translator(NOTES[key]) if key in NOTES else key


def _said(notes: dict[str, str]) -> str:
    return ", ".join(f"{name} {figure}" for name, figure in notes.items())


def _figure(value: float | str, translator: Translator) -> str:
    if isinstance(value, str):
        return value
    shown = f"{value:.3g}"
    return shown.replace(".", ",") if translator.language == "pt-BR" else shown
