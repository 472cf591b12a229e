"""Worker of a rival: OpenVINO over the graph as PyTorch exports it, in float32 or with its bfloat16 hint."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

from benchmarks.speed.answering import Answering, folder_of
from benchmarks.speed.padded import answering
from benchmarks.worker import serve

sys.modules.setdefault("openvino_telemetry", cast("ModuleType", None))  # it would call home
import openvino  # noqa: E402


def opening(given: Mapping[str, Any]) -> Answering:
    """Compile the plain graph for the processor."""
    core = openvino.Core()
    settings = {
        "INFERENCE_PRECISION_HINT": given["hint"],
        "INFERENCE_NUM_THREADS": given["threads"],
        "PERFORMANCE_HINT": "LATENCY",  # one request at a time on all threads
    }
    compiled = core.compile_model(core.read_model(folder_of(given) / "plain.onnx"), "CPU", settings)
    request = compiled.create_infer_request()

    def compute(ids: Any, mask: Any) -> Any:
        return request.infer({"input_ids": ids, "attention_mask": mask})["logits"]

    return Answering(given, answering(given, compute))


if __name__ == "__main__":
    serve(opening)
