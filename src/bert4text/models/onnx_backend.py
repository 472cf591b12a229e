"""ONNX Runtime backend: the exported graph of an encoder; neither torch nor transformers is imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bert4text.core.extras import require
from bert4text.models.stream_backend import Stream, StreamBackend
from bert4text.models.token_backend import Answers, Ids

GRAPH, WEIGHTS = "model.onnx", "model.onnx.data"
"""The graph, and its weights where they are too large to stand in it."""
SLOW = ["SkipLayerNormFusion"]
"""What ONNX Runtime is kept from: its norm with a residual takes five times as long as a sum and a norm."""


def opened(file: Path, *, threads: int) -> Any:
    """An ``InferenceSession`` of a graph on a processor; any number of callers may run it.

    Args:
        file: the graph.
        threads: that compute one call.
    """
    onnxruntime = require("onnxruntime")
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")  # leave the cores to others
    return onnxruntime.InferenceSession(
        str(file), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOW
    )


class OnnxBackend(StreamBackend):
    """Computes the graph that ``inference.exporting`` made of a fine-tuned encoder, on a processor."""

    name = "onnx"
    files = (GRAPH, WEIGHTS)
    fastest = 512

    def opened(self, *, threads: int, callers: int) -> Stream:
        """A session with some threads; any number of callers may run it."""
        del callers
        session = opened(self.file, threads=threads)
        labels, width = (int(output.shape[1]) for output in session.get_outputs())

        def run(ids: Ids) -> Answers:
            logits, embedding = session.run(["logits", "embedding"], {"input_ids": ids})
            return logits, embedding

        return Stream(run, (labels, width))
