"""Make the ONNX graph of a fine-tuned encoder: traced, norms and GELU fused, weights in 32 or 8 bits."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.models.onnx_backend import GRAPH, PADDING, WEIGHTS, OnnxBackend
from bert4text.models.torch_backend import TorchBackend, evaluating

if TYPE_CHECKING:
    import torch
else:
    torch = require("torch")

Precision = Literal["float32", "int8"]
LARGEST = 1_900_000_000
"""Bytes of weights up to which they stand in the graph: one file of that format holds two gigabytes."""
BLOCK = 32
"""Weights that share a scale, and values of a row of activations that do.

Each row of activations is scaled by itself, so no report's answer depends on those beside it (dynamic
quantization takes one scale from the whole batch).
"""
_OPSET = 20
_ROWS, _TOKENS, _PADDED = (
    3,
    17,
    10,
)  # that the graph is traced with; where the padding of the first row begins


def onnx_backend(backend: TorchBackend, folder: Path, *, precision: Precision) -> OnnxBackend:
    """Export an encoder into a folder and open it.

    Args:
        backend: what is exported; it is not changed.
        folder: an existing folder; ``model.onnx`` is written into it.
        precision: of the weights of its linear layers; ``int8`` computes with 8-bit activations too.

    Raises:
        ModelError: the encoder cannot be traced (``not-exportable``).
        MissingExtraError: onnx, onnxscript or onnxruntime is not installed.
    """
    for module in ("onnx", "onnxruntime", "onnxscript"):  # before the long work
        require(module)
    graph = folder / GRAPH
    with _silent():
        _traced(backend, graph)
        _fused(graph, padding=backend.padding)
        if precision == "int8":
            _in_eight_bits(graph)
    return OnnxBackend(
        graph,
        backend.tokenizer,
        window=backend.window,
        stride=backend.stride,
        pooling=backend.pooling,
        precision=precision,
    )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the tools of the export from logging, and from setting up the logging of the whole process."""
    root = logging.getLogger()
    level, handlers, disabled = root.level, list(root.handlers), logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        root.handlers[:] = handlers
        root.setLevel(level)


class _Answers(torch.nn.Module):
    """A classifier that gives its logits and the masked mean of its last layer."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        weights = attention_mask.unsqueeze(-1).to(torch.float32)
        last = output.hidden_states[-1].to(torch.float32)
        return output.logits.to(torch.float32), (last * weights).sum(dim=1) / weights.sum(dim=1)


def _traced(backend: TorchBackend, graph: Path) -> None:
    model: Any = copy.deepcopy(backend.model)
    model.to("cpu", torch.float32)
    model.set_attn_implementation("eager")  # the form that is fused
    ids = torch.full((_ROWS, _TOKENS), backend.padding + 1, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[0, _PADDED:] = 0
    shape = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    try:
        with evaluating(model), torch.inference_mode():
            program: Any = torch.onnx.export(
                _Answers(model),
                (ids, mask),
                dynamo=True,
                verbose=False,
                dynamic_shapes=(shape, shape),
                input_names=["input_ids", "attention_mask"],
                output_names=["logits", "mean"],
                opset_version=_OPSET,
            )
    except Exception:
        problem = ModelError(
            "this encoder cannot be exported: its computation cannot be traced",
            hint="predict with the run itself, or export another encoder",
            code="not-exportable",
        )
    else:
        program.save(str(graph), external_data=_bytes(model) > LARGEST)
        return
    raise problem


def _bytes(model: Any) -> int:
    return sum(value.numel() * value.element_size() for value in model.parameters())


def _fused(graph: Path, *, padding: int) -> None:
    """Fuse what runs as one step, name the outputs, and note the padding."""
    onnx, optimizer = require("onnx"), require("onnxruntime.transformers.optimizer")
    try:
        model = optimizer.optimize_model(str(graph), model_type="bert", opt_level=0).model
    except Exception:  # it knows no norm without a bias, as ModernBERT has: unfused the answers are the same
        model = onnx.load(str(graph))
    _rename(model, "embedding", "embedding_of_tokens")  # a name that the trace may have given
    _rename(model, "mean", "embedding")
    onnx.helper.set_model_props(model, {PADDING: str(padding)})
    _write(model, graph)


def _rename(model: Any, old: str, new: str) -> None:
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for value in (*model.graph.output, *model.graph.value_info):
        value.name = new if value.name == old else value.name


def _in_eight_bits(graph: Path) -> None:
    onnx = require("onnx")
    quantizer = require("onnxruntime.quantization.matmul_nbits_quantizer")
    config = quantizer.DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8
    )
    model = quantizer.MatMulNBitsQuantizer(onnx.load(str(graph)), algo_config=config)
    model.process()
    _write(model.model.model, graph)


def _write(model: Any, graph: Path) -> None:
    onnx = require("onnx")
    for old in (graph, graph.with_name(WEIGHTS)):
        old.unlink(missing_ok=True)
    large = model.ByteSize() > LARGEST
    onnx.save(model, str(graph), save_as_external_data=large, location=WEIGHTS if large else None)
