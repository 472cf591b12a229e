"""Long reports: overlapping windows of token ids, and how the windows' answers become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

from bert4text.core.errors import ConfigError

Pooling = Literal["mean", "max", "learned"]
Floats = npt.NDArray[np.float32]

WEIGHTS = "pooling.safetensors"
"""What a bundle keeps learned weights of windows in."""
PLACES = 3
"""Numbers that tell where a window stands in its report."""
TINY = 1e-6
"""Keeps a direction finite."""


def split(ids: Sequence[int], *, window: int, stride: int) -> list[list[int]]:
    """Cut ids into windows that cover every one of them; the last window ends where the ids end.

    Args:
        ids: of the whole text, without special tokens.
        window: ids in a window, special tokens not counted.
        stride: ids from the start of a window to the start of the next; ``window - stride`` overlap.

    Returns:
        At least one window (of no ids when the text has none); all are full when there are several.

    Raises:
        ConfigError: the stride is not between 1 and the window.
    """
    check(window, stride)
    starts = list(range(0, max(len(ids) - window, 0) + 1, stride))
    if starts[-1] + window < len(ids):
        starts.append(len(ids) - window)
    return [list(ids[start : start + window]) for start in starts]


def check(window: int, stride: int) -> None:
    """Refuse a window or a stride that would lose tokens.

    Raises:
        ConfigError: the stride is not between 1 and the window.
    """
    if not 1 <= stride <= window:
        raise ConfigError(
            "the stride of the windows is {stride}; it must lie between 1 and {window}",
            hint="half the window is usual",
            code="bad-windows",
            stride=stride,
            window=window,
        )


@dataclass(frozen=True, eq=False)
class WindowWeights:
    """How much each window of a report counts, as training learned it.

    A window's score is the product of ``query`` with its embedding, brought to mean 0 and length 1, plus that
    of ``place`` with where it stands; the softmax of the scores of a report are the shares of its windows
    (after Ilse et al., 2018, "Attention-based Deep Multiple Instance Learning", without a hidden layer). Of
    zeros they are all equal: the mean.

    Attributes:
        query: float32 [d].
        place: float32 [``PLACES``].
    """

    query: Floats
    place: Floats

    def shares(self, embeddings: Floats, counts: npt.NDArray[np.integer]) -> Floats:
        """The share of each window in its report, float32 [windows]; those of a report sum to 1.

        Args:
            embeddings: float32 [windows, d], windows of one report after another.
            counts: windows of each report, each at least 1.
        """
        if not len(counts):
            return np.zeros(0, dtype=np.float32)
        centred = embeddings.astype(np.float64)
        centred -= centred.mean(axis=1, keepdims=True)
        lengths = np.sqrt((centred**2).sum(axis=1, keepdims=True) + TINY)
        scores = centred / lengths @ self.query.astype(np.float64) + places(counts) @ self.place
        starts = np.cumsum(counts) - counts
        raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), counts))
        found: Floats = (raised / np.repeat(np.add.reduceat(raised, starts), counts)).astype(np.float32)
        return found

    def save(self, folder: Path) -> None:
        """Write ``WEIGHTS`` into an existing folder."""
        save_file({"query": self.query, "place": self.place}, folder / WEIGHTS)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        arrays = load_file(folder / WEIGHTS)
        return cls(arrays["query"], arrays["place"])


def places(counts: npt.NDArray[np.integer]) -> Floats:
    """Where each window stands in its report: whether first, whether last, how far from 0 to 1.

    Args:
        counts: windows of each report, each at least 1.

    Returns:
        float32 [windows, ``PLACES``].
    """
    here = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    last = np.repeat(counts, counts) - 1
    found = np.stack([here == 0, here == last, here / np.maximum(last, 1)], axis=1)
    return np.asarray(found, dtype=np.float32)


def pool(
    values: Floats, counts: npt.NDArray[np.int32], *, how: Pooling, shares: Floats | None = None
) -> Floats:
    """Make one row for each text out of its windows' rows, which follow one another.

    Args:
        values: float32 [windows, k], logits or embeddings.
        counts: int32 [n], windows of each text, each at least 1.
        how: ``mean`` of the rows, ``max`` of each column, or their sum weighted by shares that were learned.
        shares: float32 [windows], as ``WindowWeights`` gives them; equal ones if not given.
    """
    if not len(counts):
        return values[:0]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    if how == "max":
        return np.maximum.reduceat(values, starts, axis=0)
    wide = values.astype(np.float64)
    if how == "learned" and shares is not None:
        return np.add.reduceat(wide * shares[:, None], starts, axis=0).astype(np.float32)
    return (np.add.reduceat(wide, starts, axis=0) / counts[:, None]).astype(np.float32)
