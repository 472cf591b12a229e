"""OpenVINO backend: the exported encoder in OpenVINO's form; neither torch nor transformers is imported."""

from __future__ import annotations

from queue import SimpleQueue
from typing import Any

from bert4text.core import machine
from bert4text.core.extras import require
from bert4text.models.stream_backend import Stream, StreamBackend
from bert4text.models.token_backend import Answers, Ids

GRAPH, WEIGHTS = "model.xml", "model.bin"
"""The graph and its weights."""


class OpenVinoBackend(StreamBackend):
    """Computes what ``inference.exporting`` made of a fine-tuned encoder, on a processor.

    In 8 bits, what is not a product of weights is computed in bfloat16 where the processor multiplies it.
    """

    name = "openvino"
    files = (GRAPH, WEIGHTS)
    fastest = 2048

    def opened(self, *, threads: int, callers: int) -> Stream:
        """A compiled model with a request for each caller, which waits for a free one."""
        openvino = require("openvino")
        reduced = self.precision == "int8" and machine.has_bf16()
        settings = {
            "INFERENCE_NUM_THREADS": threads * callers,
            "NUM_STREAMS": callers,
            "INFERENCE_PRECISION_HINT": "bf16" if reduced else "f32",
        }
        compiled = openvino.Core().compile_model(str(self.file), "CPU", settings)
        labels, width = (output.partial_shape[1].get_length() for output in compiled.outputs)
        free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(callers):
            free.put(compiled.create_infer_request())

        def run(ids: Ids) -> Answers:
            request = free.get()
            try:
                found = request.infer({0: ids})
                return found[0].copy(), found[1].copy()
            finally:
                free.put(request)

        return Stream(run, (labels, width))
