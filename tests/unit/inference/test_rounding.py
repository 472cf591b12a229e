"""What is rounded to 8 or 7 bits, and that processors add products of 7 without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import onnx

from bert4text.inference.int8 import Product
from bert4text.inference.int8_graph import in_eight_bits
from bert4text.inference.rounding import Form, Rounding, rounded
from bert4text.models.onnx_backend import opened
from conftest import needs_int8

FORMS: list[Form] = ["onnx", "openvino"]
NUMBERS = arrays(np.float32, (5, 3), elements=st.floats(-1e3, 1e3, width=32))


@given(NUMBERS, st.sampled_from(FORMS), st.booleans())
def test_weights_lose_half_a_step_and_no_pair_of_reduced_ones_overflows(weights, form, reduce_range):
    rounding = Rounding(form, reduce_range=reduce_range)
    values, scales = rounded(weights, rounding.largest)
    whole = values.astype(np.float64) * scales
    assert (np.abs(whole - weights) <= scales * 0.501).all()
    assert np.abs(values.astype(int)).max() <= rounding.largest
    pair = 2 * 255 * rounding.largest
    assert (pair <= np.iinfo(np.int16).max) == reduce_range


@pytest.mark.parametrize("reduce_range", [pytest.param(False, marks=needs_int8), True])
@pytest.mark.parametrize("form", FORMS)
def test_the_largest_numbers_lose_nothing(form: Form, tmp_path: Path, reduce_range: bool) -> None:
    """Activations and weights as far from zero as can be: their sums come closest to the end of 16 bits."""
    random = np.random.default_rng(5)
    weights = random.choice([-1.0, 1.0], size=(384, 48), p=[0.1, 0.9]).astype(np.float32)
    low = -1.0 if form == "openvino" else 0.0  # activations are signed there, and unsigned here
    given = random.choice([low, 1.0], size=(32, 384), p=[0.1, 0.9]).astype(np.float32)
    values, scales = rounded(weights, Rounding(form, reduce_range=reduce_range).largest)
    ends = {"low": low, "high": 1.0, "factors": None}
    product = Product("product", "layer", **ends, weights=values, scales=scales, error=0.0)
    graph = in_eight_bits(one_product(weights), [product], form=form)
    onnx.save(graph, tmp_path / "one.onnx")
    np.testing.assert_allclose(computed(tmp_path / "one.onnx", given, form=form), given @ weights, atol=1e-3)


def one_product(weights: Any) -> Any:
    """A graph that multiplies activations with weights."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    depth, width = weights.shape
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")],
        "one",
        [helper.make_tensor_value_info("x", kind, ["rows", depth])],
        [helper.make_tensor_value_info("y", kind, ["rows", width])],
        [onnx.numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def computed(file: Path, values: Any, *, form: Form) -> Any:
    """What either engine makes of it."""
    if form == "onnx":
        return opened(file, threads=1).run(None, {"x": values})[0]
    openvino = pytest.importorskip("openvino")
    return openvino.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(values)[0]
