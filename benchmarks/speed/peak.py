"""Worker: how fast this machine multiplies the matrices of an encoder, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch

from benchmarks.worker import serve

LEAST = 0.3
"""Seconds that a product is repeated."""


class Peak:
    """Measures each product in each precision, the fastest of many."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        torch.set_num_threads(given["threads"])
        self._products: Sequence[Sequence[int]] = given["products"]
        self._threads: int = given["threads"]
        self._rows: list[dict[str, Any]] = []

    def round(self) -> Mapping[str, float]:
        """Measure all."""
        self._rows = []
        for rows, depth, columns in self._products:
            shape = (rows, depth, columns)
            self._tell(shape, "float32", _by_torch(shape, torch.float32))
            self._tell(shape, "bfloat16", _by_torch(shape, torch.bfloat16))
            self._tell(shape, "int8 (PyTorch)", _in_eight_bits(shape))
            self._tell(shape, "int8 (ONNX Runtime)", _by_onnxruntime(shape, threads=self._threads))
        return {}

    def facts(self) -> Mapping[str, Any]:
        """Shape, precision and rate of each."""
        return {"peak": self._rows}

    def _tell(self, shape: Sequence[int], precision: str, multiply: Callable[[], object]) -> None:
        seconds = _fastest(multiply)
        if seconds is not None:
            rows, depth, columns = shape
            rate = 2 * rows * depth * columns / seconds / 1e9
            self._rows.append({"shape": list(shape), "precision": precision, "gflops": round(rate, 1)})


def _fastest(multiply: Callable[[], object]) -> float | None:
    """Seconds of the fastest product, or None where the machine or the library cannot do it."""
    try:
        multiply()
    except (RuntimeError, NotImplementedError):
        return None
    best, end = float("inf"), time.perf_counter() + LEAST
    while time.perf_counter() < end:
        start = time.perf_counter()
        multiply()
        best = min(best, time.perf_counter() - start)
    return best


def _by_torch(shape: Sequence[int], kind: torch.dtype) -> Callable[[], object]:
    rows, depth, columns = shape
    left, right = torch.randn(rows, depth).to(kind), torch.randn(columns, depth).to(kind)
    return lambda: torch.nn.functional.linear(left, right)


def _in_eight_bits(shape: Sequence[int]) -> Callable[[], object]:
    rows, depth, columns = shape
    left = torch.randint(-127, 128, (rows, depth), dtype=torch.int8)
    right = torch.randint(-127, 128, (columns, depth), dtype=torch.int8).t()
    return lambda: torch._int_mm(left, right)


def _by_onnxruntime(shape: Sequence[int], *, threads: int) -> Callable[[], object]:
    """One product of whole numbers with weights that are known beforehand, as those of a layer are."""
    rows, depth, columns = shape
    random = np.random.default_rng(1)
    weights = random.integers(-127, 128, size=(depth, columns), dtype=np.int8)
    helper, kinds = onnx.helper, onnx.TensorProto
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["left", "right"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", kinds.UINT8, [rows, depth])],
        [helper.make_tensor_value_info("product", kinds.INT32, [rows, columns])],
        [onnx.numpy_helper.from_array(weights, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    left = random.integers(0, 256, size=(rows, depth), dtype=np.uint8)
    return lambda: session.run(None, {"left": left})


if __name__ == "__main__":
    serve(Peak)
