"""Export an encoder: one trace of it, written for ONNX Runtime or OpenVINO, in 32 or 8 bits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from bert4text.core import machine
from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.inference import trace
from bert4text.inference.graph import write
from bert4text.inference.int8 import Product, products
from bert4text.inference.int8_graph import in_eight_bits
from bert4text.inference.rounding import Rounding
from bert4text.models import onnx_backend, openvino_backend
from bert4text.models.stream_backend import StreamBackend
from bert4text.models.torch_backend import TorchBackend

Format = Literal["onnx", "openvino"]
KINDS: dict[Format, type[StreamBackend]] = {
    "onnx": onnx_backend.OnnxBackend,
    "openvino": openvino_backend.OpenVinoBackend,
}


class Export:
    """One trace of an encoder, from which exports are written.

    Args:
        backend: what is exported; it is not changed.
        form: what will compute it.
        reduce_range: whether weights in 8 bits keep 7, so that any processor computes them; as this
            processor needs if not given.

    Raises:
        ModelError: the encoder cannot be traced (``not-exportable``).
        MissingExtraError: onnx, onnxscript or what computes the form is not installed.
    """

    def __init__(self, backend: TorchBackend, *, form: Format, reduce_range: bool | None = None) -> None:
        require("onnxruntime")  # scales are measured with it; before the long work
        require("onnxruntime" if form == "onnx" else "openvino")
        self.backend = backend
        self.form: Format = form
        self.rounding = Rounding(
            form, not machine.multiplies_int8() if reduce_range is None else reduce_range
        )
        self.model = trace.traced(backend)

    def products(self, texts: Sequence[str], *, seed: int) -> list[Product]:
        """Every product with weights, scaled on reports; those that lose most in 8 bits first.

        Raises:
            ModelError: the encoder has none (``not-quantizable``).
        """
        with trace.silent():
            found = products(self.model, self.backend.rows(texts).rows, rounding=self.rounding, seed=seed)
        if not found:
            raise ModelError(
                "this encoder has no products of weights that could be computed in 8 bits",
                hint="export with --precision float32",
                code="not-quantizable",
            )
        return found

    def write(self, folder: Path, *, chosen: Sequence[Product] = ()) -> StreamBackend:
        """Write a graph into an existing folder and open it.

        Args:
            folder: what stood there of an earlier one is replaced.
            chosen: the products in 8 bits; none for an export in float32.
        """
        with trace.silent():
            model = in_eight_bits(self.model, chosen, form=self.form) if chosen else self.model
            file = _written(model, folder, form=self.form)
        return KINDS[self.form](
            file,
            self.backend.tokenizer,
            window=self.backend.window,
            stride=self.backend.stride,
            pooling=self.backend.pooling,
            reading=self.backend.reading,
            weights=self.backend.weights,
            precision="int8" if chosen else "float32",
            reduce_range=bool(chosen) and self.rounding.reduce_range,
        )


def _written(model: Any, folder: Path, *, form: Format) -> Path:
    if form == "onnx":
        file = folder / onnx_backend.GRAPH
        for old in (file, folder / onnx_backend.WEIGHTS):
            old.unlink(missing_ok=True)
        write(model, file)
        return file
    openvino = require("openvino")
    file, passing = folder / openvino_backend.GRAPH, folder / "passing.onnx"
    try:
        write(model, passing)
        read = openvino.Core().read_model(str(passing))
        openvino.save_model(read, str(file), compress_to_fp16=False)
    finally:
        for part in folder.glob("passing.onnx*"):
            part.unlink()
    return file
