"""Trace a fine-tuned encoder into an ONNX graph that reads rectangles without padding."""

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from bert4text.core.errors import ModelError
from bert4text.core.extras import require
from bert4text.inference.graph import LARGEST
from bert4text.models.attention import attention_exchanged
from bert4text.models.body import evaluating
from bert4text.models.first_token import first_token
from bert4text.models.hub import quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel
else:
    torch = require("torch")


_OPSET = 20
_ROWS, _TOKENS = 3, 17  # that the graph is traced with
_ATTENTION = "unpadded"


class Traceable(Protocol):
    """A model, and the id that fills its rows up."""

    @property
    def model(self) -> PreTrainedModel:
        """A transformers model with a head that gives logits."""

    @property
    def padding(self) -> int:
        """The id that fills up."""


def traced(backend: Traceable) -> Any:
    """The graph ``input_ids`` int64 [rows, tokens] -> ``logits`` [rows, k], ``embedding`` [rows, d].

    Of a model that classifies tokens the logits are [rows, tokens, k].

    Args:
        backend: what is traced, in float32; it is not changed.

    Returns:
        An ``onnx.ModelProto`` with its weights, and without any word on where it was made.

    Raises:
        ModelError: the encoder cannot be traced (``not-exportable``).
        MissingExtraError: onnx or onnxscript is not installed.
    """
    for module in ("onnx", "onnxscript"):  # before the long work
        require(module)
    with TemporaryDirectory() as folder, silent():
        graph = Path(folder) / "traced.onnx"
        program = _program(backend)
        program.save(str(graph), external_data=_bytes(backend.model) > LARGEST)
        model = require("onnx").load(str(graph))
    _rename(model, "embedding", "embedding_of_tokens")  # a name that the trace may have given
    _rename(model, "mean", "embedding")
    for node in model.graph.node:
        _keep_layer(node)
    return model


@contextmanager
def silent() -> Iterator[None]:
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
    """A classifier that gives its logits and the mean of what comes out of its last layer."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor, ...]:
        output = self.model(input_ids=input_ids, output_hidden_states=True)
        return output.logits.to(torch.float32), output.hidden_states[-1].to(torch.float32).mean(dim=1)


def _program(backend: Traceable) -> Any:
    model: Any = copy.deepcopy(backend.model)
    model.to("cpu", torch.float32)
    ids = torch.full((_ROWS, _TOKENS), backend.padding + 1, dtype=torch.int64)
    dynamic = torch.export.Dim.DYNAMIC
    first = first_token(model)
    try:
        with _unpadded(model), evaluating(model), first.alone(), torch.inference_mode():
            return torch.onnx.export(
                _Answers(model),
                (ids,),
                dynamo=True,
                verbose=False,
                dynamic_shapes=({0: dynamic, 1: dynamic},),
                input_names=["input_ids"],
                output_names=["logits", "mean"],
                opset_version=_OPSET,
            )
    except Exception:
        problem = ModelError(
            "this encoder cannot be exported: its computation cannot be traced",
            hint="predict with the run itself, or export another encoder",
            code="not-exportable",
        )
    raise problem


@contextmanager
def _unpadded(model: Any) -> Iterator[None]:
    """Let a model attend without a mask, except for windows of local attention."""
    with attention_exchanged(model, _ATTENTION, _attend, _mask) as exchanged:
        if not exchanged:  # an encoder that attends in its own way
            with quiet():
                model.set_attn_implementation("eager")
        yield


def _mask(*sizes: Any, **options: Any) -> Any:
    masking = require("transformers.masking_utils")
    if options.get("mask_function") is masking.bidirectional_mask_function:
        return None
    return masking.eager_mask(*sizes, **options)


def _attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **options: Any) -> Any:
    del module
    scores = torch.matmul(query, key.transpose(2, 3)) * options.get("scaling", query.shape[-1] ** -0.5)
    if attention_mask is not None:
        scores = scores + attention_mask
    return torch.matmul(scores.softmax(dim=-1), value).transpose(1, 2).contiguous(), None


def _bytes(model: Any) -> int:
    return sum(value.numel() * value.element_size() for value in model.parameters())


def _rename(model: Any, old: str, new: str) -> None:
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for value in (*model.graph.output, *model.graph.value_info):
        value.name = new if value.name == old else value.name


def _keep_layer(node: Any) -> None:
    """Of what the trace notes with a step, keep its layer; the rest names files of this machine."""
    scopes = {entry.key: entry.value for entry in node.metadata_props}.get("pkg.torch.onnx.name_scopes", "")
    names = [name for name in scopes.strip("[]").replace("'", "").split(", ") if name.startswith("model.")]
    del node.metadata_props[:]
    node.doc_string = names[-1].removeprefix("model.") if names else ""
