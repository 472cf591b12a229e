"""Rehearse: a few steps that change nothing but tell what is faster here, and what a training will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import ValidationError

from bert4text.core import machine
from bert4text.core.config import Record
from bert4text.core.extras import require
from bert4text.core.output import writing_file
from bert4text.core.progress import Task
from bert4text.training.batches import Indices, draw_windows, epoch_order
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import WholeModel
from bert4text.training.loop import Fit, take
from bert4text.training.masking import MaskedWords
from bert4text.training.sources import prepared
from bert4text.training.tagging import TaggedWords

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

FILE = "rehearsal.json"
WORTH = 100
"""Steps of a training below which it is not rehearsed: it would cost more than it tells."""
CLEARLY = 0.5
"""Share of the time of bfloat16 below which float32 is taken: a busy moment must not change results. Where a
processor multiplies bfloat16 in hardware float32 takes more time; where it is emulated, a fifth."""
SHORT = 0.1
"""Seconds of a step in bfloat16 below which it is kept: too short to be measured, or to matter."""
TURNS = 2
"""Times that a step is measured; the fastest counts."""
FORWARD = 1 / 3
"""Share of a step's time that reports cost that are only answered."""
LONG = 60.0
"""Seconds from which the time is told."""


Measured = WholeModel | MaskedWords | TaggedWords
"""Sources whose steps cost the same again and again."""


class Rehearsal(Record):
    """What a training is expected to take.

    Attributes:
        seconds: at most, if no patience ends it sooner; validation included.
        memory: bytes of this process at its peak, or None where the system does not tell.
        step: precision -> seconds of a step of the middle size.
        precision: the one to learn in.
    """

    seconds: float
    memory: int | None
    step: dict[str, float]
    precision: str

    def tell(self, task: Task, *, turns: float = 1) -> None:
        """Show it beside a bar, where it is long enough to matter.

        Args:
            task: the bar.
            turns: trainings like this one that are to come.
        """
        seconds = turns * self.seconds
        if seconds < LONG:
            return
        if self.memory is not None:
            task.note("memory_gib", round(self.memory / 2**30, 1))
        task.note("expected_minutes", round(seconds / 60, 1))


def rehearsed(
    make: Callable[[TrainConfig], Fit],
    config: TrainConfig,
    *,
    choice: Sequence[str],
    answered: int,
    work: Path,
) -> tuple[Fit, Rehearsal | None]:
    """What to train, in the arithmetic that is faster here, and what it is expected to take.

    What was found is kept in the work folder: a training that goes on takes the same arithmetic.

    Args:
        make: gives the training for settings; nothing of it was taken yet.
        config: settings, the first choice of precision in place.
        choice: precisions to try, the first preferred.
        answered: tokens of the reports that are answered after each epoch.
        work: the folder of this training.

    Returns:
        The training, and None in place of the rehearsal where it is too short, on a GPU, or learns a head
        on a frozen encoder alone.
    """
    kept = _kept(work / FILE)
    if kept is not None:
        return make(config.replace(precision=kept.precision)), kept
    fit = make(config)
    if (
        fit.model.device.type != "cpu"
        or config.private.epsilon is not None
        or not isinstance(fit.source, Measured)
        or fit.epochs * fit.steps_an_epoch < WORTH
    ):
        return fit, None
    sizes, order, windows = _first_epoch(fit)
    middle = order[int(np.argsort([sizes[reports].sum() for reports in order])[len(order) // 2])]
    largest = max(order, key=lambda reports: int(sizes[reports].max()))
    seconds: dict[str, float] = {}
    for precision in choice:
        with _tried(fit, fit.source, precision):
            if not seconds:
                _seconds(fit, largest, windows)
            seconds[precision] = min(_seconds(fit, middle, windows) for _ in range(TURNS))
        if seconds[choice[0]] < SHORT:
            break
    first, faster = choice[0], min(seconds, key=lambda name: seconds[name])
    precision = faster if seconds[faster] < CLEARLY * seconds[first] else first
    each = seconds[precision] / int(sizes[middle].sum())
    foretold = Rehearsal(
        seconds=round(fit.epochs * each * (int(sizes.sum()) + FORWARD * answered), 1),
        memory=_memory(fit),
        step={name: round(value, 4) for name, value in seconds.items()},
        precision=precision,
    )
    work.mkdir(parents=True, exist_ok=True)
    with writing_file(work / FILE, overwrite=True) as partial:
        partial.write_text(foretold.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return (fit if precision == config.precision else make(config.replace(precision=precision))), foretold


def _first_epoch(fit: Fit) -> tuple[Indices, list[Indices], list[Indices]]:
    """Tokens of each report, the steps of the first epoch, and the windows of each report."""
    windows = draw_windows(fit.examples, most=fit.config.windows.most, seed=fit.seed, epoch=0)
    sizes = np.array([int(fit.examples.lengths[rows].sum()) for rows in windows], dtype=np.int64)
    order = epoch_order(sizes, batch_size=fit.config.batches.size, seed=fit.seed, epoch=0)
    return sizes, order, windows


@contextmanager
def _tried(fit: Fit, source: Measured, precision: str) -> Iterator[None]:
    """Let steps be taken that change no weight; what they leave behind is dropped.

    With a learning rate of zero AdamW moves and decays nothing.
    """
    usual, source.precision = source.precision, precision
    for group in fit.optimizer.param_groups:
        group["lr"] = 0.0
    try:
        with prepared(source, fit.model, fit.examples.rows, steps=0):
            yield
    finally:
        source.precision = usual
        fit.optimizer.zero_grad(set_to_none=True)
        fit.optimizer.state.clear()


def _seconds(fit: Fit, reports: Indices, windows: list[Indices]) -> float:
    started = time.perf_counter()
    take(fit, [windows[report] for report in reports], reports)
    return time.perf_counter() - started


def _memory(fit: Fit) -> int | None:
    """The peak so far, and the best weights, which are kept beside those that learn."""
    peak = machine.peak_memory_bytes()
    best = sum(weight.numel() * weight.element_size() for weight in fit.parameters.values())
    return None if peak is None else peak + best


def _kept(path: Path) -> Rehearsal | None:
    try:
        return Rehearsal.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
