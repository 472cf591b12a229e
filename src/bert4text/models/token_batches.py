"""Batches of like length under a budget of tokens; their indices restore the order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bert4text.core.errors import ConfigError

BATCH_TOKENS = 2048
"""Tokens of a batch, padding included, unless told otherwise; more was slower on a processor."""

GPU_BATCH_TOKENS = 16_384
"""The same on a GPU, which wants more work at once; what BERT base keeps to learn from so many, by reckoning
5 to 8 GB, fits the memory of most."""


def token_batches(
    lengths: Sequence[int] | npt.NDArray[np.integer], *, tokens: int = BATCH_TOKENS
) -> list[npt.NDArray[np.int64]]:
    """Group rows of like length so that rows times the longest of a batch stay within a budget.

    Args:
        lengths: tokens of each row.
        tokens: the budget; a single row longer than it makes a batch of its own.

    Returns:
        Arrays of row indices, longest rows first; each row stands in exactly one.
        ``result[batch] = answers`` restores the order.

    Raises:
        ConfigError: the budget is not positive.
    """
    if tokens < 1:
        raise ConfigError("a batch of {tokens} tokens holds nothing", code="bad-batch", tokens=tokens)
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    batches = []
    start = 0
    while start < len(order):
        rows = max(1, tokens // max(1, int(sizes[order[start]])))
        batches.append(order[start : start + rows])
        start += rows
    return batches


def even_batches(
    lengths: Sequence[int] | npt.NDArray[np.integer], *, tokens: int = BATCH_TOKENS
) -> list[npt.NDArray[np.int64]]:
    """Group rows of one length, so that nothing is padded; otherwise as ``token_batches``."""
    sizes = np.asarray(lengths, dtype=np.int64)
    batches: list[npt.NDArray[np.int64]] = []
    for length in np.unique(sizes)[::-1]:
        same = np.flatnonzero(sizes == length)
        batches += [same[batch] for batch in token_batches(sizes[same], tokens=tokens)]
    return batches


def pad(
    rows: Sequence[Sequence[int]], *, padding: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Make a rectangle of rows of ids.

    Args:
        rows: at least one row; ids with their special tokens.
        padding: the id that fills up.

    Returns:
        ids and attention mask, both int64 [rows, longest].
    """
    longest = max([1, *map(len, rows)])
    ids = np.full((len(rows), longest), padding, dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    return ids, mask


def budget(device: str) -> int:
    """Tokens of a batch unless told otherwise, by the kind of device: ``cpu``, ``cuda`` ..."""
    return GPU_BATCH_TOKENS if device == "cuda" else BATCH_TOKENS
