"""What tuning has found so far, a line of JSON for each fold: a search that is begun anew goes on from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import ValidationError

from bert4text.core.config import Record
from bert4text.core.output import writing_file
from bert4text.evaluation.answers import Bools
from bert4text.training.identity import check_same
from bert4text.training.search import Point

FILE = "trials.jsonl"

Turn = Literal["search", "confirmation"]


class Start(Record):
    """The first line: what is tuned, part by part, and the minutes given when its first fold was answered."""

    format: Literal["trials/1"] = "trials/1"
    identity: dict[str, str]
    minutes: float


class Line(Record):
    """One fold of one trial.

    Attributes:
        turn: on the folds of the search, or on those that confirm.
        trial: its number.
        point: what it tried.
        fold: its number.
        seconds: that it took.
        decided: the labels given to the reports held out, as hex of their bits; None where it was left for
            lack of time.
    """

    turn: Turn
    trial: int
    point: Point
    fold: int
    seconds: float
    decided: str | None = None


class Trials:
    """The lines of one search; what a kill cut short is dropped when they are opened.

    Args:
        folder: an existing folder for the file.
        identity: what is tuned; the lines of something else are refused.
        minutes: that it has now.

    Raises:
        ModelError: the lines belong to another search.
        OutputError: the file cannot be written.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str], *, minutes: float) -> None:
        self.path = folder / FILE
        kept = list(_records(self.path))
        self.lines = [record for record in kept if isinstance(record, Line)]
        self.start = Start(identity=dict(identity), minutes=minutes)
        if kept and isinstance(kept[0], Start):
            check_same(kept[0].identity, identity)
            if any(line.decided is not None for line in self.lines):
                self.start = kept[0]
        with writing_file(self.path, overwrite=True) as partial:
            records = (self.start, *self.lines)
            partial.write_text("".join(record.model_dump_json() + "\n" for record in records), "utf-8")

    def add(self, line: Line) -> None:
        """Write a line; it has left the process when this returns."""
        self.lines.append(line)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(line.model_dump_json() + "\n")

    def of(self, turn: Turn, point: Point, fold: int) -> list[Line]:
        """What is known of a point on a fold, in the order in which it was found."""
        return [line for line in self.lines if (line.turn, line.point, line.fold) == (turn, point, fold)]


class Budget:
    """The time that is left; that of an earlier call which was broken off counts.

    Args:
        seconds: in all.
        clock: seconds that only rise.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.clock = clock
        self._begun = clock()
        self._before = 0.0

    def spend(self, seconds: float) -> None:
        """Count what an earlier call spent."""
        self._before += seconds

    @property
    def spent(self) -> float:
        """Seconds spent so far."""
        return self._before + self.clock() - self._begun

    @property
    def left(self) -> float:
        """Seconds that are left; negative when it is late."""
        return self.seconds - self.spent


def packed(decided: Bools) -> str:
    """Labels given, bool [n, k], as hex of their bits."""
    return np.packbits(decided).tobytes().hex()


def unpacked(text: str, shape: tuple[int, ...]) -> Bools:
    """The labels that ``packed`` wrote.

    Args:
        text: what it wrote.
        shape: (n, k).
    """
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(text), dtype=np.uint8), count=int(np.prod(shape)))
    return bits.astype(np.bool_).reshape(shape)


def _records(path: Path) -> Iterator[Start | Line]:
    """The whole records of a file, up to the first that is not; none where there is no file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        return
    for number, line in enumerate(lines):
        try:
            yield (Line if number else Start).model_validate_json(line)
        except ValidationError:
            return
