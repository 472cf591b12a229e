"""Products of a graph in 8 bits: scales measured on reports, so that no answer depends on its neighbours.

Weights have one scale for each column. Activations have one for each product, found beforehand on reports
(static quantization, Jacob et al., 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference"), and clipped where that loses less than it gains (Nagel et al., 2021,
"A White Paper on Neural Network Quantization", section 3.1.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.core.seeds import rng
from bert4text.inference.graph import write

Floats = npt.NDArray[np.float32]
Form = Literal["onnx", "openvino"]
"""Whose operations are written: ONNX Runtime's product of unsigned by signed integers, or standard ones."""

REPORTS = 128
"""Windows of reports that scales are measured on."""
TOKENS = 4
"""Tokens of each whose activations are kept to choose the clip and to measure the error."""
CLIPS = np.linspace(1.0, 0.3, 15)
"""Shares of the widest range that are tried."""
SIGNED = 127
"""Largest weight, and largest activation where these are signed."""


@dataclass(frozen=True)
class Product:
    """A product of activations with weights, and its scales.

    Attributes:
        node: its name in the graph.
        layer: its name in the encoder.
        low, high: range of the activations that 8 bits cover; zero lies within.
        error: relative squared error of its results on the reports it was measured on.
    """

    node: str
    layer: str
    low: float
    high: float
    error: float


def products(model: Any, rows: Sequence[Sequence[int]], *, form: Form, seed: int) -> list[Product]:
    """Measure every product with weights of a graph, except those of its head.

    Args:
        model: a float32 graph of ``trace.traced``.
        rows: ids of windows of reports.
        form: in whose form it will be written.
        seed: draws the windows and tokens.

    Returns:
        The products, those that lose most first.
    """
    nodes = _nodes(model)
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    seen = _seen(model, [node.input[0] for node in nodes], rows, seed=seed)
    ranges: dict[str, tuple[float, float]] = {}
    found = []
    for node in nodes:
        kept, low, high = seen[node.input[0]]
        if node.input[0] not in ranges:
            ranges[node.input[0]] = _clipped(kept, low, high, form=form)
        low, high = ranges[node.input[0]]
        error = _error(kept, _array(weights[node.input[1]]), low, high, form=form)
        found.append(Product(node.name, node.doc_string, low, high, error))
    return sorted(found, key=lambda product: -product.error)


def in_eight_bits(model: Any, chosen: Sequence[Product], *, form: Form) -> Any:
    """A copy of a graph with some of its products in 8 bits."""
    helper = require("onnx.helper")
    by_node = {product.node: product for product in chosen}
    copy = require("onnx").ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    biases = _biases(model) if form == "onnx" else {}
    added = {biases[name].name for name in by_node if name in biases}
    writer = _Writer(graph, helper)
    for node in model.graph.node:
        product = by_node.get(node.name)
        if product is None:
            if node.name not in added:
                writer.nodes.append(node)
        elif form == "onnx":
            writer.integers(node, _array(weights[node.input[1]]), product, bias=biases.get(node.name))
        else:
            writer.standard(node, _array(weights[node.input[1]]), product)
    graph.ClearField("node")
    graph.node.extend(writer.nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    graph.ClearField("initializer")
    graph.initializer.extend(kept)
    if form == "onnx":
        copy.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return copy


class _Writer:
    """Writes steps in 8 bits; activations that several products read are rounded once."""

    def __init__(self, graph: Any, helper: Any) -> None:
        self.graph = graph
        self.helper = helper
        self.nodes: list[Any] = []
        self._rounded: set[str] = set()

    def integers(self, node: Any, weights: Floats, product: Product, *, bias: Any) -> None:
        """ONNX Runtime's product of unsigned activations with signed weights, and the sum with a bias."""
        scale, zero = _unsigned(product.low, product.high)
        name = node.input[0]
        given = self._round(name, scale, np.uint8(zero))
        values = self._weights(node, weights)
        inputs = [f"{name}_q", values[0], given[0], values[1], given[1], values[2]]
        if bias is not None:
            inputs.append(next(each for each in bias.input if each != node.output[0]))
        outputs = list((node if bias is None else bias).output)
        self._add("MatMulIntegerToFloat", inputs, outputs, node, domain="com.microsoft")

    def standard(self, node: Any, weights: Floats, product: Product) -> None:
        """Rounded activations and weights as numbers again: what compilers turn into an integer product."""
        name = node.input[0]
        given = self._round(name, _signed(product.low, product.high), np.int8(0))
        values = self._weights(node, weights)
        if f"{name}_d" not in self._rounded:
            self._rounded.add(f"{name}_d")
            self._add("DequantizeLinear", [f"{name}_q", *given], [f"{name}_d"], node)
        whole = f"{node.output[0]}_w"
        self._add("DequantizeLinear", list(values), [whole], node, axis=1)
        self._add("MatMul", [f"{name}_d", whole], list(node.output), node)

    def _round(self, name: str, scale: float, zero: Any) -> tuple[str, str]:
        names = (f"{name}_s", f"{name}_z")
        if name not in self._rounded:
            self._rounded.add(name)
            self._hold(names[0], np.float32(scale))
            self._hold(names[1], zero)
            self.nodes.append(self.helper.make_node("QuantizeLinear", [name, *names], [f"{name}_q"]))
        return names

    def _weights(self, node: Any, weights: Floats) -> tuple[str, str, str]:
        rounded, scales = _rounded(weights)
        names = (f"{node.output[0]}_wq", f"{node.output[0]}_ws", f"{node.output[0]}_wz")
        for name, value in zip(names, (rounded, scales, np.zeros(len(scales), dtype=np.int8)), strict=True):
            self._hold(name, value)
        return names

    def _hold(self, name: str, value: Any) -> None:
        self.graph.initializer.append(require("onnx.numpy_helper").from_array(np.asarray(value), name))

    def _add(self, kind: str, inputs: list[str], outputs: list[str], like: Any, **options: Any) -> None:
        made = self.helper.make_node(kind, inputs, outputs, **options)
        made.doc_string = like.doc_string
        self.nodes.append(made)


def _nodes(model: Any) -> list[Any]:
    """Products of every token with weights; a head reads one token, and is traced to other operations."""
    weights = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 2}
    return [node for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in weights]


def _biases(model: Any) -> dict[str, Any]:
    """Name of a product -> the sum with a bias that alone reads it."""
    vectors = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 1}
    readers: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    found = {}
    for node in _nodes(model):
        reader = readers.get(node.output[0], [])
        if len(reader) == 1 and reader[0].op_type == "Add" and vectors & set(reader[0].input):
            found[node.name] = reader[0]
    return found


def _seen(
    model: Any, names: Sequence[str], rows: Sequence[Sequence[int]], *, seed: int
) -> dict[str, tuple[Floats, float, float]]:
    """Of each activation, some tokens [tokens, d] and the range of all."""
    onnx, onnxruntime = require("onnx"), require("onnxruntime")
    random = rng(seed, "export.scales")
    chosen = random.permutation(len(rows))[:REPORTS]
    names = list(dict.fromkeys(names))
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    for name in names:
        if name not in {output.name for output in watched.graph.output}:
            watched.graph.output.append(
                onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            )
    kept: dict[str, list[Floats]] = {name: [] for name in names}
    ranges: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with TemporaryDirectory() as folder:
        write(watched, Path(folder) / "watched.onnx")
        session = onnxruntime.InferenceSession(
            str(Path(folder) / "watched.onnx"), providers=["CPUExecutionProvider"]
        )
        for row in (rows[place] for place in chosen):
            places = random.random(TOKENS)
            ids = np.array([row], dtype=np.int64)
            for name, values in zip(names, session.run(names, {"input_ids": ids}), strict=True):
                tokens = values.reshape(-1, values.shape[-1])
                kept[name].append(tokens[(places * len(tokens)).astype(int)])
                ranges[name].append((float(values.min()), float(values.max())))
    return {
        name: (
            np.concatenate(kept[name]),
            min(0.0, *(low for low, _ in ranges[name])),
            max(0.0, *(high for _, high in ranges[name])),
        )
        for name in names
    }


def _clipped(values: Floats, low: float, high: float, *, form: Form) -> tuple[float, float]:
    """The range within the widest one in which 8 bits lose least."""
    losses = [
        float(np.square(_through(values, low * clip, high * clip, form=form) - values).mean())
        for clip in CLIPS
    ]
    clip = float(CLIPS[int(np.argmin(losses))])
    return low * clip, high * clip


def _through(values: Floats, low: float, high: float, *, form: Form) -> Floats:
    """Values after 8 bits."""
    if form == "openvino":
        scale = _signed(low, high)
        return np.asarray(np.clip(np.rint(values / scale), -SIGNED - 1, SIGNED) * scale, dtype=np.float32)
    scale, zero = _unsigned(low, high)
    return np.asarray((np.clip(np.rint(values / scale) + zero, 0, 255) - zero) * scale, dtype=np.float32)


def _error(values: Floats, weights: Floats, low: float, high: float, *, form: Form) -> float:
    exact = values @ weights
    rounded, scales = _rounded(weights)
    got = _through(values, low, high, form=form) @ (rounded * scales)
    return float(np.square(got - exact).sum() / max(float(np.square(exact).sum()), 1e-30))


def _rounded(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Weights in 8 bits [d, e], and the scale of each column [e]."""
    scales = np.maximum(np.abs(weights).max(axis=0) / SIGNED, np.finfo(np.float32).tiny).astype(np.float32)
    return np.clip(np.rint(weights / scales), -SIGNED, SIGNED).astype(np.int8), scales


def _signed(low: float, high: float) -> float:
    return max(-low, high, 1e-12) / SIGNED


def _unsigned(low: float, high: float) -> tuple[float, int]:
    scale = max(high - low, 1e-12) / 255
    return scale, int(np.clip(np.rint(-low / scale), 0, 255))


def _array(tensor: Any) -> Floats:
    return np.asarray(require("onnx.numpy_helper").to_array(tensor), dtype=np.float32)
