"""Observers of Steps: lines of JSON beside the checkpoints, and figures beside the progress bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from bert4text.core.output import writing_file
from bert4text.core.progress import Task
from bert4text.training.loop import Step


class Observer(Protocol):
    """Is shown each step after it was taken."""

    def __call__(self, step: Step) -> None:
        """See one step."""


def observe(steps: Iterable[Step], observers: Sequence[Observer]) -> list[Step]:
    """Run a training to its end; each observer sees each step."""
    seen = []
    for step in steps:
        for observer in observers:
            observer(step)
        seen.append(step)
    return seen


class JsonLines:
    """Appends each step to a file; what a kill cut short or took back is dropped when it opens.

    Args:
        path: the file.
        done: steps done by the checkpoint training goes on from; later ones are dropped.
    """

    def __init__(self, path: Path, *, done: int) -> None:
        self.path = path
        self.past = [step for step in read_steps(path) if step.step <= done]
        with writing_file(path, overwrite=True) as partial:
            partial.write_text("".join(_line(step) for step in self.past), encoding="utf-8")

    def __call__(self, step: Step) -> None:
        """Write one line; it has left the process when this returns."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(_line(step))


class Figures:
    """Shows the loss and the last validation macro-F1.

    Args:
        task: the bar.
        told: whether figures are shown; those of a private training are not.
    """

    def __init__(self, task: Task, *, told: bool = True) -> None:
        self.task = task
        self.told = told

    def __call__(self, step: Step) -> None:
        """Advance the bar by one step."""
        self.task.advance(1)
        if not self.told:
            return
        self.task.note("loss", round(step.loss, 3))
        if step.validation is not None and "macro_f1" in step.validation:
            self.task.note("macro_f1", round(step.validation["macro_f1"], 3))


def read_steps(path: Path) -> list[Step]:
    """The whole lines of a steps file; none when there is no file."""
    found = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return []
    for line in lines:
        try:
            found.append(Step.model_validate_json(line))
        except ValidationError:
            break
    return found


def _line(step: Step) -> str:
    return step.model_dump_json() + "\n"
