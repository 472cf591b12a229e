"""Reports as rows of token ids, tokenized once; which of them a step learns from, and in which parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bert4text.core import seeds
from bert4text.models.torch_backend import TorchBackend

Indices = npt.NDArray[np.int64]
Targets = npt.NDArray[np.int64]

POOL = 16
"""Steps whose reports are sorted by length together: wider is less padding, narrower is more chance."""


@dataclass(frozen=True)
class Examples:
    """Labelled reports, tokenized.

    Attributes:
        rows: token ids of every window of every report, special tokens in place.
        starts: int64 [n + 1]; the windows of report i are ``rows[starts[i] : starts[i + 1]]``.
        targets: int64 [n], label indices; [n, k] of 0 and 1 for multilabel.
        first: windows of each report, of those in front, that a step always learns from; None is none.
        cut: reports that were not read whole.
        weights: float64 [n], how much each report counts; [n, k], each label of it; None is equally.
    """

    rows: list[list[int]]
    starts: Indices
    targets: Targets
    first: npt.NDArray[np.int32] | None = None
    cut: int = 0
    weights: npt.NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> Indices:
        """Tokens of each row."""
        return np.array([len(row) for row in self.rows], dtype=np.int64)


def tokenize(
    backend: TorchBackend,
    texts: Sequence[str],
    targets: Targets,
    *,
    weights: npt.NDArray[np.float64] | None = None,
) -> Examples:
    """Cut texts into the same windows that the backend answers from."""
    read = backend.rows(texts)
    starts, cut = np.cumsum([0, *read.counts], dtype=np.int64), int((read.unread > 0).sum())
    return Examples(read.rows, starts, targets, first=read.first, cut=cut, weights=weights)


def draw_windows(examples: Examples, *, most: int, seed: int, epoch: int) -> list[Indices]:
    """Which windows of each report an epoch learns from: at most ``most``, in their order.

    Those in front that hold what is to be read first are among them; where they alone are too many, some of
    them are.

    Returns:
        For each report, indices into ``examples.rows``.
    """
    random = seeds.rng(seed, f"training.windows.{epoch}")
    kept = np.zeros(len(examples), dtype=np.int32) if examples.first is None else examples.first
    drawn = []
    for start, end, first in zip(examples.starts[:-1], examples.starts[1:], kept, strict=True):
        windows = np.arange(start, end)
        if len(windows) > most:
            front, others = windows[:first], windows[first:]
            if len(front) >= most:
                front, others = windows[:0], front
            chosen = random.choice(others, size=most - len(front), replace=False)
            windows = np.sort(np.concatenate([front, chosen]))
        drawn.append(windows)
    return drawn


def epoch_order(lengths: Indices, *, batch_size: int, seed: int, epoch: int) -> list[Indices]:
    """The reports of each step of an epoch; it depends on seed and epoch alone.

    Reports are shuffled, sorted by length within pools of ``POOL`` steps, cut into steps, and the steps
    are shuffled: reports of like length meet, so that little is padded.

    Args:
        lengths: tokens of each report.
        batch_size: reports of a step; the last step of an epoch may have fewer.
        seed: the one seed.
        epoch: from 0.
    """
    random = seeds.rng(seed, f"training.order.{epoch}")
    shuffled = random.permutation(len(lengths))
    steps: list[Indices] = []
    for start in range(0, len(shuffled), batch_size * POOL):
        pool = shuffled[start : start + batch_size * POOL]
        pool = pool[np.argsort(-lengths[pool], kind="stable")]
        steps.extend(pool[at : at + batch_size] for at in range(0, len(pool), batch_size))
    return [steps[place] for place in random.permutation(len(steps))]


def unpadded_parts(sizes: Indices, *, tokens: int) -> list[Indices]:
    """Split the reports of a step into parts that are computed at once, without padding.

    Args:
        sizes: tokens of all windows of each report of the step.
        tokens: the budget; a report beyond it makes a part of its own.

    Returns:
        Positions in the step, each in exactly one part.
    """
    found: list[list[int]] = []
    total = 0
    for place in np.argsort(-sizes, kind="stable"):
        total += int(sizes[place])
        if not found or total > tokens:
            found.append([])
            total = int(sizes[place])
        found[-1].append(int(place))
    return [np.array(part, dtype=np.int64) for part in found]


def parts(longest: Indices, windows: Indices, *, tokens: int) -> list[Indices]:
    """Split the reports of a step into parts that are computed at once, padding included.

    Args:
        longest: tokens of the longest window of each report of the step.
        windows: how many windows each has.
        tokens: the budget; a report beyond it makes a part of its own.

    Returns:
        Positions in the step, each in exactly one part.
    """
    found: list[list[int]] = []
    rows = width = 0
    for place in np.argsort(-longest, kind="stable"):
        rows += int(windows[place])
        if not found or rows * width > tokens:
            found.append([])
            rows, width = int(windows[place]), int(longest[place])
        found[-1].append(int(place))
    return [np.array(part, dtype=np.int64) for part in found]
