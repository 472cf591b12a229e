"""Worker: how fast a GPU multiplies the matrices of an encoder, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import torch

from benchmarks.speed.gpu import precision, wait
from benchmarks.worker import serve

REPEATED, BEST_OF = 20, 10


class Peak:
    """Measures each product, the fastest of many."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._given = given
        self._rows: list[dict[str, Any]] = []

    def round(self) -> Mapping[str, float]:
        """Measure all."""
        self._rows = [self._measured(*product) for product in self._given["products"]]
        return {}

    def facts(self) -> Mapping[str, Any]:
        """Shape, precision and rate of each."""
        return {"peak": self._rows}

    def _measured(self, rows: int, depth: int, columns: int) -> dict[str, Any]:
        name = precision(self._given)
        options = {"device": self._given["device"], "dtype": getattr(torch, name)}
        left, right = torch.randn(rows, depth, **options), torch.randn(depth, columns, **options)
        best = min(self._seconds(left, right) for _ in range(BEST_OF))
        rate = 2 * rows * depth * columns / best / 1e9
        return {"shape": [rows, depth, columns], "precision": name, "gflops": round(rate, 1)}

    def _seconds(self, left: torch.Tensor, right: torch.Tensor) -> float:
        wait(self._given)
        start = time.perf_counter()
        for _ in range(REPEATED):
            left @ right
        wait(self._given)
        return (time.perf_counter() - start) / REPEATED


if __name__ == "__main__":
    serve(Peak)
