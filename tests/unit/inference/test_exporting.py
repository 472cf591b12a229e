"""Every kind of encoder gives the same answers when it is exported, whatever stands beside a report."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

import onnx
import torch
import transformers

from bert4text.core.errors import ModelError
from bert4text.inference.exporting import Export, Format
from bert4text.inference.rounding import REDUCED
from bert4text.models.onnx_backend import OnnxBackend
from bert4text.models.stream_backend import StreamBackend
from bert4text.models.tokenizer import open_tokenizer
from bert4text.models.torch_backend import TorchBackend
from conftest import needs_int8

SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64,
    "max_position_embeddings": 70,
}  # fmt: skip
DISTIL = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64, "max_position_embeddings": 70}
RELATIVE = {
    "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8, "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
}  # fmt: skip
LOCAL = {
    "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": None, "eos_token_id": None,
    "global_attn_every_n_layers": 2, "local_attention": 16,
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "BertConfig": SMALL,
    "RobertaConfig": {**SMALL, "pad_token_id": 0},
    "XLMRobertaConfig": {**SMALL, "pad_token_id": 0},
    "DistilBertConfig": DISTIL,
    "ElectraConfig": {**SMALL, "embedding_size": 32},
    "MPNetConfig": {**SMALL, "pad_token_id": 0},
    "DebertaV2Config": {**SMALL, **RELATIVE},
    "ModernBertConfig": {**SMALL, **LOCAL},
}
TEXTS = ["nódulo oval em mama direita", "", "a", "nódulo espiculado " * 40]


def made(kind: str, encoder: Path) -> TorchBackend:
    tokenizer = open_tokenizer(encoder / "tokenizer.json")
    config = getattr(transformers, kind)(vocab_size=tokenizer.get_vocab_size(), num_labels=3, **KINDS[kind])
    torch.manual_seed(3)
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    for parameter in model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.2)
    return TorchBackend(model.eval(), tokenizer, window=64)


FORMS: list[Format] = ["onnx", "openvino"]


def exported(
    run: TorchBackend,
    folder: Path,
    *,
    form: Format = "onnx",
    eight: bool = False,
    reduce_range: bool | None = None,
) -> StreamBackend:
    if form == "openvino":
        pytest.importorskip("openvino")
    export = Export(run, form=form, reduce_range=reduce_range)
    return export.write(folder, chosen=export.products(TEXTS * 8, seed=7) if eight else ())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_encoder(kind: str, form: Format, tiny_encoder: Path, tmp_path: Path) -> None:
    run = made(kind, tiny_encoder)
    export = exported(run, tmp_path, form=form)
    before, after = run.forward(TEXTS), export.forward(TEXTS)
    assert np.abs(before.logits).max() > 0.05
    np.testing.assert_allclose(after.logits, before.logits, atol=2e-4)
    np.testing.assert_allclose(after.embedding, before.embedding, atol=2e-4)
    alone = np.concatenate([export.forward([text]).logits for text in TEXTS])
    np.testing.assert_allclose(alone, after.logits, atol=1e-5)


@pytest.mark.parametrize("reduce_range", [pytest.param(False, marks=needs_int8), True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_eight_bits_answer_nearly_as_the_run_and_alike_in_any_company(
    kind: str, form: Format, tiny_encoder: Path, tmp_path: Path, reduce_range: bool
) -> None:
    run = made(kind, tiny_encoder)
    export = exported(run, tmp_path, form=form, eight=True, reduce_range=reduce_range)
    assert (export.precision, export.reduce_range) == ("int8", reduce_range)
    several = export.forward([*TEXTS, *TEXTS]).logits
    alone = np.concatenate([export.forward([text]).logits for text in TEXTS])
    np.testing.assert_allclose(alone, several[: len(TEXTS)], atol=1e-6)
    exact = run.forward(TEXTS).logits
    assert 1e-6 < np.abs(alone - exact).max() < 0.2 * np.abs(exact).max()


def test_the_log_stays_as_it_was_and_no_folder_of_this_machine_is_written(
    tiny_encoder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.root.manager.disable)
    exported(made("BertConfig", tiny_encoder), tmp_path, eight=True)
    assert (root.level, list(root.handlers), logging.root.manager.disable) == before
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["model.onnx"]
    written = (tmp_path / "model.onnx").read_bytes()
    assert b"site-packages" not in written
    assert str(Path(__file__).parent).encode() not in written


def test_the_product_that_loses_most_comes_first_and_is_named(tiny_encoder: Path) -> None:
    run = made("BertConfig", tiny_encoder)
    spoilt = run.model.get_submodule("bert.encoder.layer.0.intermediate.dense")
    with torch.no_grad():  # what all numbers of a token share takes the range, and cancels out
        run.model.get_submodule("bert.encoder.layer.0.attention.output.LayerNorm").bias[:] = 50.0
        spoilt.weight -= spoilt.weight.mean(dim=1, keepdim=True)
    found = Export(run, form="onnx").products(TEXTS * 8, seed=7)
    assert found[0].layer == "bert.encoder.layer.0.intermediate.dense"
    assert found[0].error > 10 * found[-1].error
    assert [each.error for each in found] == sorted((each.error for each in found), reverse=True)
    again = Export(run, form="onnx").products(TEXTS * 8, seed=7)
    assert [(each.node, each.low, each.high, each.error) for each in again] == [
        (each.node, each.low, each.high, each.error) for each in found
    ]


def test_products_of_the_first_token_alone_stay_in_thirty_two_bits(tiny_encoder: Path) -> None:
    found = Export(made("BertConfig", tiny_encoder), form="onnx").products(TEXTS * 8, seed=7)
    last = {each.layer.rsplit(".", 1)[1] for each in found if ".layer.1." in each.layer}
    assert last == {"query", "key", "value"}
    assert len(found) == 9


@pytest.mark.parametrize("form", FORMS)
def test_numbers_far_larger_than_the_rest_are_divided_by_factors(
    form: Format, tiny_encoder: Path, tmp_path: Path
) -> None:
    run = made("BertConfig", tiny_encoder)
    with torch.no_grad():
        run.model.get_submodule("bert.encoder.layer.0.attention.output.LayerNorm").weight[3] = 400.0
    export = Export(run, form=form)
    found = {each.layer: each for each in export.products(TEXTS * 8, seed=7)}
    factors = found["bert.encoder.layer.0.intermediate.dense"].factors
    assert factors is not None
    assert factors.argmax() == 3
    assert factors[3] > 5 * np.median(factors)
    exact = run.forward(TEXTS).logits
    eight = export.write(tmp_path, chosen=list(found.values())).forward(TEXTS).logits
    assert np.abs(eight - exact).max() < 0.1 * np.abs(exact).max()


def test_products_may_stay_in_thirty_two_bits(tiny_encoder: Path, tmp_path: Path) -> None:
    run = made("BertConfig", tiny_encoder)
    export = Export(run, form="onnx")
    products = export.products(TEXTS * 8, seed=7)
    exact = run.forward(TEXTS).logits
    lost = [
        float(np.abs(export.write(tmp_path, chosen=products[kept:]).forward(TEXTS).logits - exact).max())
        for kept in (0, 8, 9)
    ]
    assert lost[0] > lost[1] > lost[2]
    assert lost[2] < 1e-4


def test_what_cannot_be_traced_is_told_apart_from_what_cannot_be_written(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def save(self, path: str, *, external_data: bool) -> None:
            raise OSError(28, "No space left on device")

    def fails(*arguments: object, **options: object) -> None:
        raise RuntimeError("nódulo")

    run = made("BertConfig", tiny_encoder)
    monkeypatch.setattr(torch.onnx, "export", lambda *arguments, **options: Full())
    with pytest.raises(OSError, match="No space"):
        exported(run, tmp_path)
    monkeypatch.setattr(torch.onnx, "export", fails)
    with pytest.raises(ModelError) as caught:
        exported(run, tmp_path)
    assert caught.value.error_code == "not-exportable"
    assert "nódulo" not in repr((caught.value, caught.value.__context__))


def test_an_encoder_without_products_of_weights_is_refused_eight_bits(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.inference.int8.weight_products", lambda model: [])
    with pytest.raises(ModelError) as caught:
        exported(made("BertConfig", tiny_encoder), tmp_path, eight=True)
    assert caught.value.error_code == "not-quantizable"


@pytest.mark.parametrize("held", [1, 2 * 8 * 32**2])
def test_what_is_gathered_in_parts_is_what_is_gathered_at_once(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    export = Export(made("BertConfig", tiny_encoder), form="onnx")
    whole = {each.node: each for each in export.products(TEXTS * 8, seed=7)}
    monkeypatch.setattr("bert4text.inference.int8.HELD", held)
    for each in export.products(TEXTS * 8, seed=7):
        other = whole[each.node]
        ends = (other.low, other.high, other.error)
        assert (each.low, each.high, each.error) == pytest.approx(ends, rel=1e-3)
        assert (each.weights == other.weights).mean() > 0.99  # what else is asked for is fused otherwise


def on(monkeypatch: pytest.MonkeyPatch, *flags: str) -> None:
    """As if on a processor with these instructions."""
    monkeypatch.setattr("bert4text.core.machine.processor", lambda: ("a processor", frozenset(flags)))


def test_all_eight_bits_are_refused_where_sums_overflow(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "sse2", "avx_vnni")
    export = exported(made("BertConfig", tiny_encoder), tmp_path, eight=True)
    assert not export.reduce_range
    assert "reduce_range" not in export.settings
    export.tokenizer.save(str(tmp_path / "tokenizer.json"))
    on(monkeypatch, "sse2", "avx2")
    with pytest.raises(ModelError) as caught:
        OnnxBackend.load(tmp_path, window=64, precision=export.precision)
    assert caught.value.error_code == "no-int8"
    on(monkeypatch, "asimddp")
    OnnxBackend.load(tmp_path, window=64, precision=export.precision)


def test_seven_bits_of_weights_are_what_an_old_processor_gets(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "sse2", "avx2")
    export = exported(made("BertConfig", tiny_encoder), tmp_path, eight=True)
    assert export.settings["reduce_range"]
    export.save(tmp_path)
    again = OnnxBackend.load(tmp_path, window=64, precision="int8", reduce_range=True)
    assert again.forward(TEXTS).logits.tolist() == export.forward(TEXTS).logits.tolist()
    graph = onnx.load(tmp_path / "model.onnx")
    weights = [
        onnx.numpy_helper.to_array(tensor).astype(int)
        for tensor in graph.graph.initializer
        if tensor.name.endswith("_wq")
    ]
    assert {np.abs(each).max() for each in weights} == {REDUCED}


def test_a_graph_of_others_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    tokenizer = open_tokenizer(tiny_encoder / "tokenizer.json")
    with pytest.raises(ModelError, match="exported encoder"):
        OnnxBackend(tmp_path / "model.onnx", tokenizer, window=64)
