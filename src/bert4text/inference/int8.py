"""Products of a graph in 8 bits: scales measured on reports, so that no answer depends on its neighbours.

Weights have one scale for each column. Activations have one for each product, found beforehand on reports
(static quantization, Jacob et al., 2018, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference"), and clipped where that loses less than it gains (Nagel et al., 2021,
"A White Paper on Neural Network Quantization", section 3.1.1). Where few of an activation's numbers are far
larger than the rest, each is divided by a factor of its own, by which the weights that meet it are multiplied
(Xiao et al., 2023, "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language
Models"). What rounding a weight loses is made up for by others (``compensation``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from bert4text.core.extras import require
from bert4text.core.seeds import rng
from bert4text.inference.compensation import compensated
from bert4text.inference.graph import write
from bert4text.inference.rounding import Floats, Rounding, rounded, through

REPORTS = 128
"""Windows of reports that scales are measured on."""
TOKENS = 4
"""Tokens of each whose activations are kept to choose the scales and to measure the error."""
CLIPS = np.linspace(1.0, 0.3, 15)
"""Shares of the widest range that are tried."""
SHARES = (0.25, 0.5, 0.75, 1.0)
"""How much of the spread of an activation's numbers is moved to the weights: what is tried beside none."""
HELD = 2**28
"""Bytes of products of activations that are held at a time; of more, one part is gathered after another."""
LEFT = 0.3
"""How much of what rounded weights lose is left, about, once the others have made up for it."""
WORTH = 0.8
"""Factors are kept where they bring the error down to this share: they cost one more multiplication."""


@dataclass(frozen=True, eq=False)
class Product:
    """A product of activations with weights, and its scales.

    Attributes:
        node: its name in the graph.
        layer: its name in the encoder.
        low, high: range of the activations, divided by their factors, that 8 bits cover; zero lies within.
        factors: float32 [d], of each number of the activations; None where all are 1.
        weights: int8 [d, e], those of the graph times the factors, rounded.
        scales: float32 [e], of each of their columns.
        error: relative squared error of its results on the reports it was measured on.
    """

    node: str
    layer: str
    low: float
    high: float
    factors: Floats | None
    weights: npt.NDArray[np.int8]
    scales: Floats
    error: float


@dataclass(frozen=True, eq=False)
class _Seen:
    """Of activations of width d.

    Attributes:
        kept: some tokens [tokens, d].
        low, high: the least and the largest of each number [d].
        gram: [d, d], the sum over all tokens of the products of each two numbers.
    """

    kept: Floats
    low: Floats
    high: Floats
    gram: npt.NDArray[np.float64]

    def divided(self, factors: Floats) -> _Seen:
        """The same, each number divided by its factor."""
        gram = self.gram / np.outer(factors, factors)
        return _Seen(self.kept / factors, self.low / factors, self.high / factors, gram)


@dataclass(frozen=True, eq=False)
class _Scales:
    """How activations are rounded, and what products that read them are expected to lose."""

    low: float
    high: float
    factors: Floats | None
    error: float


def products(model: Any, rows: Sequence[Sequence[int]], *, rounding: Rounding, seed: int) -> list[Product]:
    """Measure every product with weights of a graph, except those that read one token of a report.

    Those of the head do, and of the last layer where it goes on with the first token alone: they cost nothing
    worth saving.

    Args:
        model: a float32 graph of ``trace.traced``.
        rows: ids of windows of reports.
        rounding: how it will be written.
        seed: draws the windows and tokens.

    Returns:
        The products, those that lose most first.
    """
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    readers: dict[str, list[Any]] = {}
    for node in weight_products(model):
        readers.setdefault(node.input[0], []).append(node)
    wide = {name: int(weights[nodes[0].input[1]].dims[0]) for name, nodes in readers.items()}
    found: list[Product] = []
    for names in _parts(wide):
        for name, seen in _seen(model, names, rows, seed=seed).items():
            given = [array(weights[node.input[1]]) for node in readers[name]]
            scales = _scaled(seen, given, rounding=rounding)
            found += _rounded(readers[name], seen, given, scales, rounding=rounding)
    return sorted(found, key=lambda product: -product.error)


def _parts(wide: dict[str, int]) -> Iterator[list[str]]:
    """Names of activations, by their width, as many at a time as may be held."""
    part: list[str] = []
    held = 0
    for name, width in wide.items():
        size = 8 * width**2
        if part and held + size > HELD:
            yield part
            part, held = [], 0
        part.append(name)
        held += size
    if part:
        yield part


def _rounded(
    nodes: Sequence[Any], seen: _Seen, weights: Sequence[Floats], scales: _Scales, *, rounding: Rounding
) -> Iterator[Product]:
    """Products that read one activation, with their weights rounded: columns do not depend on each other."""
    whole = np.concatenate(weights, axis=1)
    if scales.factors is not None:
        seen, whole = seen.divided(scales.factors), whole * scales.factors[:, None]
    values, columns = compensated(whole, seen.gram, largest=rounding.largest)
    given = through(seen.kept, scales.low, scales.high, form=rounding.form)
    ends = np.cumsum([each.shape[1] for each in weights])
    for node, own in zip(nodes, map(slice, [0, *ends[:-1]], ends), strict=True):
        integers, steps = np.ascontiguousarray(values[:, own]), columns[own]
        error = _error(given @ np.asarray(integers * steps, dtype=np.float32), seen.kept @ whole[:, own])
        read = (scales.low, scales.high, scales.factors)
        yield Product(node.name, node.doc_string, *read, integers, steps, error)


def weight_products(model: Any) -> list[Any]:
    """Steps that multiply tokens with weights; a head reads one token, and is traced to other operations."""
    weights = {tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 2}
    return [node for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in weights]


def array(tensor: Any) -> Floats:
    """The numbers of a tensor of a graph."""
    return np.asarray(require("onnx.numpy_helper").to_array(tensor), dtype=np.float32)


def _seen(model: Any, names: Sequence[str], rows: Sequence[Sequence[int]], *, seed: int) -> dict[str, _Seen]:
    """What is seen of each activation of all tokens of some rows."""
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
    parts: dict[str, list[tuple[Floats, Floats, Floats]]] = {name: [] for name in names}
    grams: dict[str, npt.NDArray[np.float64]] = {}
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
                if len(tokens) > 1:
                    some = tokens[(places * len(tokens)).astype(int)]
                    parts[name].append((some, tokens.min(axis=0), tokens.max(axis=0)))
                    gram = np.asarray(tokens.T @ tokens, dtype=np.float64)
                    grams[name] = grams[name] + gram if name in grams else gram
    return {
        name: _Seen(
            np.concatenate([kept for kept, _, _ in found]),
            np.min([low for _, low, _ in found], axis=0),
            np.max([high for _, _, high in found], axis=0),
            grams[name],
        )
        for name, found in parts.items()
        if found
    }


def _scaled(seen: _Seen, weights: Sequence[Floats], *, rounding: Rounding) -> _Scales:
    """The scales with which the products of activations with some weights lose least."""
    exact = [seen.kept @ each for each in weights]
    plain = _clipped(seen, None, weights, exact, rounding=rounding)
    smooth = [_clipped(seen, each, weights, exact, rounding=rounding) for each in _factors(seen, weights)]
    best = min(smooth, key=lambda scales: scales.error)
    return best if best.error <= WORTH * plain.error else plain


def _factors(seen: _Seen, weights: Sequence[Floats]) -> Iterator[Floats]:
    """Factors [d] that move the spread of activations to the weights."""
    least = np.float32(1e-6)
    activations = np.maximum(np.maximum(-seen.low, seen.high), least)
    columns = np.maximum(np.max([np.abs(each).max(axis=1) for each in weights], axis=0), least)
    for share in SHARES:
        factors = activations**share / columns ** (1 - share)
        yield (factors / np.exp(np.log(factors).mean())).astype(np.float32)


def _clipped(
    seen: _Seen,
    factors: Floats | None,
    weights: Sequence[Floats],
    exact: Sequence[Floats],
    *,
    rounding: Rounding,
) -> _Scales:
    """The range within the widest one in which products lose least."""
    if factors is not None:
        seen = seen.divided(factors)
        weights = [each * factors[:, None] for each in weights]
    lowest, highest = min(0.0, float(seen.low.min())), max(0.0, float(seen.high.max()))
    whole = [values * scales for values, scales in (rounded(each, rounding.largest) for each in weights)]
    lost = LEFT * _lost(seen.kept, whole, exact)
    tried = []
    for clip in CLIPS:
        low, high = lowest * float(clip), highest * float(clip)
        given = through(seen.kept, low, high, form=rounding.form)
        tried.append(_Scales(low, high, factors, lost + _lost(given, weights, exact)))
    return min(tried, key=lambda scales: scales.error)


def _lost(given: Floats, weights: Sequence[Floats], exact: Sequence[Floats]) -> float:
    return sum(_error(given @ each, wanted) for each, wanted in zip(weights, exact, strict=True))


def _error(got: Floats, wanted: Floats) -> float:
    return float(np.square(got - wanted).sum() / max(float(np.square(wanted).sum()), 1e-30))
