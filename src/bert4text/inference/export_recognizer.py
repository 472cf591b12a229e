"""Export a recognizer: its graph in 8 bits where that finds the same words, else in 32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from bert4text.core import machine
from bert4text.core.extras import require
from bert4text.inference import trace
from bert4text.inference.graph import write
from bert4text.inference.int8 import products
from bert4text.inference.int8_graph import in_eight_bits
from bert4text.inference.rounding import Rounding
from bert4text.models.onnx_backend import GRAPH, opened

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WORST = 0.005
"""Share of the tokens whose tag may become another by rounding."""
STEPS = (1.0, 0.8, 0.6, 0.4)
"""Shares of the products that are tried in 8 bits, those that lose least first."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        precision: ``int8`` or ``float32``.
        reduce_range: whether weights in 8 bits keep 7, as this processor needs.
        changed: share of the tokens of held-out reports whose tag is another than before.
        score: F1 of their tokens that are of any identifier.
    """

    precision: str
    reduce_range: bool
    changed: float
    score: float


@dataclass(frozen=True)
class _Traced:
    model: PreTrainedModel
    padding: int


def export_recognizer(
    model: PreTrainedModel,
    rows: Sequence[Sequence[int]],
    tags: Sequence[Sequence[int]],
    folder: Path,
    *,
    seed: int,
) -> Exported:
    """Write ``model.onnx`` into an existing folder.

    Args:
        model: for token classification, float32.
        rows: ids of windows of reports that it did not learn from: scales are measured on them.
        tags: of each id; negative for special tokens.
        folder: where the graph is written.
        seed: draws the windows that scales are measured on.

    Raises:
        ModelError: the encoder cannot be traced.
        MissingExtraError: onnx, onnxscript or onnxruntime is not installed.
    """
    require("onnxruntime")
    with trace.silent():
        graph = trace.traced(_Traced(model, int(model.config.pad_token_id or 0)))
        del graph.graph.output[1:]  # the mean of the tokens is not asked for
        rounding = Rounding("onnx", reduce_range=not machine.multiplies_int8())
        found = products(graph, rows, rounding=rounding, seed=seed)
    exact = _tags(graph, rows)
    truth = np.concatenate([np.asarray(row) for row in tags])
    for share in STEPS if found else ():
        kept = found[len(found) - round(share * len(found)) :]
        with trace.silent():
            small = in_eight_bits(graph, kept, form="onnx")
        told = _tags(small, rows)
        changed = float((told != exact)[truth >= 0].mean())
        if changed <= WORST:
            write(small, folder / GRAPH)
            return Exported("int8", rounding.reduce_range, changed, _f1(told, truth))
    write(graph, folder / GRAPH)
    return Exported("float32", reduce_range=False, changed=0.0, score=_f1(exact, truth))


def _tags(graph: Any, rows: Sequence[Sequence[int]]) -> Any:
    """The likeliest tag of each token of all rows, one after the other."""
    with TemporaryDirectory() as folder:
        write(graph, Path(folder) / GRAPH)
        session = opened(Path(folder) / GRAPH, threads=machine.threads())
        found = [
            session.run(["logits"], {"input_ids": np.array([row], dtype=np.int64)})[0][0] for row in rows
        ]
    return np.concatenate([logits.argmax(axis=1) for logits in found])


def _f1(found: Any, truth: Any) -> float:
    there = truth >= 0
    told, asked = found[there] > 0, truth[there] > 0
    return float(2 * (told & asked).sum() / max(1, told.sum() + asked.sum()))
