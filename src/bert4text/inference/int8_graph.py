"""Write products of a graph in 8 bits, with scales that were measured beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bert4text.core.extras import require
from bert4text.inference.int8 import Product, weight_products
from bert4text.inference.rounding import Floats, Form, signed, unsigned


def in_eight_bits(model: Any, chosen: Sequence[Product], *, form: Form) -> Any:
    """A copy of a graph with some of its products in 8 bits."""
    helper = require("onnx.helper")
    by_node = {product.node: product for product in chosen}
    copy = require("onnx").ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    biases = _biases(model) if form == "onnx" else {}
    added = {biases[name].name for name in by_node if name in biases}
    writer = _Writer(graph, helper)
    for node in model.graph.node:
        product = by_node.get(node.name)
        if product is None:
            if node.name not in added:
                writer.nodes.append(node)
        elif form == "onnx":
            writer.integers(node, product, bias=biases.get(node.name))
        else:
            writer.standard(node, product)
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

    def integers(self, node: Any, product: Product, *, bias: Any) -> None:
        """ONNX Runtime's product of unsigned activations with signed weights, and the sum with a bias."""
        scale, zero = unsigned(product.low, product.high)
        name = node.input[0]
        given = self._round(name, scale, np.uint8(zero), product.factors)
        values = self._weights(node, product)
        inputs = [f"{name}_q", values[0], given[0], values[1], given[1], values[2]]
        if bias is not None:
            inputs.append(next(each for each in bias.input if each != node.output[0]))
        outputs = list((node if bias is None else bias).output)
        self._add("MatMulIntegerToFloat", inputs, outputs, node, domain="com.microsoft")

    def standard(self, node: Any, product: Product) -> None:
        """Rounded activations and weights as numbers again: what compilers turn into an integer product."""
        name = node.input[0]
        given = self._round(name, signed(product.low, product.high), np.int8(0), product.factors)
        values = self._weights(node, product)
        if f"{name}_d" not in self._rounded:
            self._rounded.add(f"{name}_d")
            self._add("DequantizeLinear", [f"{name}_q", *given], [f"{name}_d"], node)
        whole = f"{node.output[0]}_w"
        self._add("DequantizeLinear", list(values), [whole], node, axis=1)
        self._add("MatMul", [f"{name}_d", whole], list(node.output), node)

    def _round(self, name: str, scale: float, zero: Any, factors: Floats | None) -> tuple[str, str]:
        names = (f"{name}_s", f"{name}_z")
        if name not in self._rounded:
            self._rounded.add(name)
            self._hold(names[0], np.float32(scale))
            self._hold(names[1], zero)
            given = name
            if factors is not None:
                given = f"{name}_e"
                self._hold(f"{name}_f", (1 / factors).astype(np.float32))
                self.nodes.append(self.helper.make_node("Mul", [name, f"{name}_f"], [given]))
            self.nodes.append(self.helper.make_node("QuantizeLinear", [given, *names], [f"{name}_q"]))
        return names

    def _weights(self, node: Any, product: Product) -> tuple[str, str, str]:
        zeros = np.zeros(len(product.scales), dtype=np.int8)
        names = (f"{node.output[0]}_wq", f"{node.output[0]}_ws", f"{node.output[0]}_wz")
        for name, value in zip(names, (product.weights, product.scales, zeros), strict=True):
            self._hold(name, value)
        return names

    def _hold(self, name: str, value: Any) -> None:
        self.graph.initializer.append(require("onnx.numpy_helper").from_array(np.asarray(value), name))

    def _add(self, kind: str, inputs: list[str], outputs: list[str], like: Any, **options: Any) -> None:
        made = self.helper.make_node(kind, inputs, outputs, **options)
        made.doc_string = like.doc_string
        self.nodes.append(made)


def _biases(model: Any) -> dict[str, Any]:
    """Name of a product -> the sum with a bias that alone reads it."""
    vectors = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 1}
    readers: dict[str, list[Any]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    found = {}
    for node in weight_products(model):
        reader = readers.get(node.output[0], [])
        if len(reader) == 1 and reader[0].op_type == "Add" and vectors & set(reader[0].input):
            found[node.name] = reader[0]
    return found
