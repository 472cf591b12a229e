"""Worker: ONNX Runtime over the graph as PyTorch exports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnxruntime

from benchmarks.speed.answering import Answering, folder_of
from benchmarks.speed.padded import answering
from benchmarks.worker import serve


def opening(given: Mapping[str, Any]) -> Answering:
    """Open the plain graph with ONNX Runtime's own optimizations."""
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given["threads"]
    session = onnxruntime.InferenceSession(
        str(folder_of(given) / "plain.onnx"), options, providers=["CPUExecutionProvider"]
    )

    def compute(ids: Any, mask: Any) -> Any:
        return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]

    return Answering(given, answering(given, compute))


if __name__ == "__main__":
    serve(opening)
