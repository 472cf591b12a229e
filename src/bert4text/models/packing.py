"""Rows of ids of different lengths, laid end to end as one row without padding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Packed:
    """Rows laid end to end, on the device that computes them.

    Attributes:
        ids: int64 [1, total].
        positions: int64 [1, total], the position of each token in its own row, as the model counts.
        lengths: int64 [rows].
        bounds: int32 [rows + 1]; row i is ``ids[0, bounds[i] : bounds[i + 1]]``.
        counts: the lengths, on the host: nothing has to wait for the device to tell them.
    """

    ids: torch.Tensor
    positions: torch.Tensor
    lengths: torch.Tensor
    bounds: torch.Tensor
    counts: tuple[int, ...]

    @property
    def longest(self) -> int:
        """Tokens of the longest row."""
        return max(self.counts)


def packed(ids: Ids, lengths: Ids, *, first: int, device: torch.device) -> Packed:
    """Lay rows end to end and bring them to a device in one copy, which nobody waits for.

    Args:
        ids: of all rows, one after another.
        lengths: tokens of each row, none of them zero.
        first: position of a row's first token, as ``first_position`` tells.
        device: where they are computed.
    """
    total, rows = len(ids), len(lengths)
    bounds = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    whole = torch.from_numpy(np.concatenate([ids, positions(ids, lengths, first=first), lengths, bounds]))
    if device.type == "cuda":
        whole = whole.pin_memory()
    whole = whole.to(device, non_blocking=True)
    at_ids, at_positions, at_lengths, at_bounds = torch.split(whole, [total, total, rows, rows + 1])
    return Packed(
        ids=at_ids[None],
        positions=at_positions[None],
        lengths=at_lengths,
        bounds=at_bounds.to(torch.int32),
        counts=tuple(lengths.tolist()),
    )


def positions(ids: Ids, lengths: Ids, *, first: int) -> Ids:
    """The position of each token in its row, starting anew for each.

    Models that start at another position than 0 start beyond that of their padding, and a token of padding
    in the middle of a text has the padding's own and is not counted (RoBERTa).
    """
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    if first == 0:
        return np.arange(len(ids), dtype=np.int64) - starts
    padding = first - 1
    counted = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(ids != padding)])
    return np.where(ids == padding, padding, padding + counted[1:] - counted[starts])
