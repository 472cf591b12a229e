"""Long reports: overlapping windows of token ids, and how the windows' answers become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError

Pooling = Literal["mean", "max"]


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


def pool(
    values: npt.NDArray[np.float32], counts: npt.NDArray[np.int32], *, how: Pooling
) -> npt.NDArray[np.float32]:
    """Make one row for each text out of its windows' rows, which follow one another.

    Args:
        values: float32 [windows, k], logits or embeddings.
        counts: int32 [n], windows of each text, each at least 1.
        how: ``mean`` of the rows, or ``max`` of each column.
    """
    if not len(counts):
        return values[:0]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    if how == "max":
        return np.maximum.reduceat(values, starts, axis=0)
    sums = np.add.reduceat(values.astype(np.float64), starts, axis=0)
    return (sums / counts[:, None]).astype(np.float32)
