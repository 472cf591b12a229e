"""Worker of a rival: sentence-transformers encodes by an ONNX graph in 8 bits; the head is added in NumPy.

Its pooling takes the first token, so that pooler and head make of it what the whole classifier makes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model
from sentence_transformers.models import Pooling, Transformer

from benchmarks.speed.answering import Answering, folder_of
from benchmarks.speed.padded import BATCH, probabilities
from benchmarks.worker import serve

FORM = "avx512_vnni"
_GRAPH = f"onnx/model_qint8_{FORM}.onnx"


def opening(given: Mapping[str, Any]) -> Answering:
    """Open the quantized graph; who comes first exports it, in a process of its own."""
    target = folder_of(given) / "sentence-transformers"
    if not (target / _GRAPH).is_file():
        command = [
            sys.executable,
            "-m",
            "benchmarks.speed.sentence_encoder",
            str(target),
            str(given["window"]),
        ]
        subprocess.run(command, check=True, stdout=sys.stderr)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given["threads"]
    encoder = SentenceTransformer(
        str(target),
        backend="onnx",
        device="cpu",
        model_kwargs={
            "file_name": _GRAPH,
            "provider": "CPUExecutionProvider",
            "session_options": options,
        },
    )
    with np.load(folder_of(given) / "head.npz") as kept:
        head = dict(kept)

    def answer(texts: Sequence[str]) -> list[list[float]]:
        first = encoder.encode(list(texts), batch_size=BATCH, show_progress_bar=False)
        pooled = np.tanh(first @ head["pooler"].T + head["pooler_bias"])
        logits = pooled @ head["weight"].T + head["bias"]
        return probabilities(logits, many=bool(head["many"])).tolist()  # type: ignore[no-any-return]

    return Answering(given, answer)


def export(target: Path, *, window: int) -> None:
    """Make the quantized graph of the encoder that lies beside."""
    body = Transformer(str(target.parent / "torch"), max_seq_length=window)
    pooling = Pooling(body.get_word_embedding_dimension(), pooling_mode="cls")
    SentenceTransformer(modules=[body, pooling], device="cpu").save(str(target))
    traced = SentenceTransformer(str(target), backend="onnx", device="cpu")
    export_dynamic_quantized_onnx_model(traced, FORM, str(target))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        export(Path(sys.argv[1]), window=int(sys.argv[2]))
    else:
        serve(opening)
