"""Write ONNX graphs, their weights apart where they are too large for one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bert4text.core.extras import require

LARGEST = 1_900_000_000
"""Bytes up to which weights stand in the graph: one file of that format holds two gigabytes."""


def write(model: Any, file: Path) -> None:
    """Write an ``onnx.ModelProto``; where it is large, its weights stand in ``FILE.data``."""
    onnx = require("onnx")
    if model.ByteSize() <= LARGEST:
        onnx.save(model, str(file))
        return
    copy = onnx.ModelProto()  # saving weights apart takes them out of the graph
    copy.CopyFrom(model)
    onnx.save(copy, str(file), save_as_external_data=True, location=file.name + ".data")
