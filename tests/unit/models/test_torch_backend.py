from __future__ import annotations

import itertools
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.core.machine import cores
from bert4text.core.progress import hearing
from bert4text.models.calibration import Calibrator
from bert4text.models.hub import load_encoder

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from bert4text.models.body import evaluating  # noqa: E402 - after importorskip
from bert4text.models.torch_backend import TorchBackend  # noqa: E402 - after importorskip
from bert4text.models.unpadded import unpadded  # noqa: E402 - after importorskip

LABELS = LabelSpace(task="multiclass", names=("benigno", "maligno", "indeterminado"))
TEXTS = ["nódulo oval", "", "mama direita com nódulo irregular e espiculado " * 12, "exame .", "12 mm"]


def _backend(encoder: Path, **options: Any) -> TorchBackend:
    loaded = load_encoder(str(encoder), labels=LABELS, seed=7)
    return TorchBackend(loaded.model, loaded.tokenizer, **{"window": loaded.info.window, **options})


@pytest.fixture
def backend(tiny_encoder: Path) -> TorchBackend:
    return _backend(tiny_encoder)


def test_shapes_and_counts(backend: TorchBackend) -> None:
    output = backend.forward(TEXTS)
    assert output.logits.shape == (5, 3)
    assert output.logits.dtype == np.float32
    assert output.embedding is not None
    assert output.embedding.shape == (5, 32)
    assert output.tokens.tolist() == [4, 2, 12 * 7 + 2, 4, 5]
    assert output.windows.tolist() == [1, 1, 2, 1, 1]
    assert np.isfinite(output.logits).all()


class _Heard:
    def __init__(self) -> None:
        self.told: list[int] = []

    def advance(self, n: int = 1) -> None:
        self.told.append(n)

    def note(self, key: str, value: float | str) -> None:
        raise AssertionError


def test_texts_are_told_of_while_they_are_computed(tiny_encoder: Path) -> None:
    backend, heard = _backend(tiny_encoder, batch_tokens=64), _Heard()
    with hearing(heard):
        backend.forward(TEXTS)
        assert sum(heard.told) == len(TEXTS)
        assert len(heard.told) > 1
        backend.forward([])
    assert sum(heard.told) == len(TEXTS)


def test_texts_without_padding_are_answered_alike(
    backend: TorchBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = backend.forward(TEXTS)
    free = unpadded(backend.model, precision="float32")
    monkeypatch.setattr(TorchBackend, "_free", lambda self: free)
    for tokens in (16, 4096):
        backend.batch_tokens = tokens
        got = backend.forward(TEXTS)
        assert got.logits == pytest.approx(wanted.logits, abs=1e-5)
        assert got.embedding == pytest.approx(wanted.embedding, abs=1e-5)
        assert got.windows.tolist() == wanted.windows.tolist()
    assert backend.model.config._attn_implementation == "sdpa"


def test_on_a_processor_nothing_is_tried_without_padding(tiny_encoder: Path) -> None:
    assert _backend(tiny_encoder, precision="bfloat16")._free() is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_answers_as_the_processor_does(backend: TorchBackend) -> None:
    wanted = backend.forward(TEXTS)
    backend.model.cuda()
    assert backend.forward(TEXTS).logits == pytest.approx(wanted.logits, abs=1e-4)
    backend.precision = "bfloat16"
    assert backend._free() is not None
    assert backend.forward(TEXTS).logits == pytest.approx(wanted.logits, abs=0.05)


@pytest.mark.parametrize(("asked", "threads"), [("1", 1), ("2,1", None), ("", None)])
def test_threads_are_those_of_the_machine_unless_asked(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch, asked: str, threads: int | None
) -> None:
    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    try:
        _backend(tiny_encoder)
        assert torch.get_num_threads() == (threads or cores())
    finally:
        torch.set_num_threads(before)


def test_nothing_in_nothing_out(backend: TorchBackend) -> None:
    output = backend.forward([])
    assert output.logits.shape == (0, 3)
    assert output.embedding is not None
    assert output.embedding.shape == (0, 32)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(5)), tokens=st.sampled_from([1, 70, 200, 4096]))
def test_batches_and_order_change_no_probability(
    backend: TorchBackend, order: list[int], tokens: int
) -> None:
    backend.batch_tokens = 1
    alone = backend.forward(TEXTS).logits[order]
    backend.batch_tokens = tokens
    together = backend.forward([TEXTS[place] for place in order]).logits
    probabilities = Calibrator().probabilities
    np.testing.assert_allclose(probabilities(together), probabilities(alone), atol=1e-5, rtol=0)


def test_agrees_with_transformers_called_by_hand(backend: TorchBackend) -> None:
    text = "nódulo irregular na mama direita"
    ids = torch.tensor([backend.tokenizer.encode(text).ids])
    with torch.inference_mode(), evaluating(backend.model):
        wanted = backend.model(input_ids=ids, output_hidden_states=True)
    output = backend.forward(["nódulo", text, text * 3])
    np.testing.assert_allclose(output.logits[1], wanted.logits[0], atol=1e-6)
    assert output.embedding is not None
    np.testing.assert_allclose(output.embedding[1], wanted.hidden_states[-1][0][0], atol=1e-6)


def test_a_long_text_is_the_mean_or_the_maximum_of_its_windows(tiny_encoder: Path) -> None:
    text = TEXTS[2]
    mean = _backend(tiny_encoder, window=32, stride=20)
    ids = mean.tokenizer.encode(text, add_special_tokens=False).ids
    starts = [0, 20, 40, len(ids) - 30]
    rows = [[2, *ids[start : start + 30], 3] for start in starts]
    logits, embeddings = mean.run(rows)
    output = mean.forward([text])
    assert output.windows.tolist() == [4]
    np.testing.assert_allclose(output.logits[0], logits.mean(axis=0), atol=1e-6)
    assert output.embedding is not None
    np.testing.assert_allclose(output.embedding[0], embeddings.mean(axis=0), atol=1e-6)
    most = _backend(tiny_encoder, window=32, stride=20, pooling="max").forward([text])
    np.testing.assert_allclose(most.logits[0], logits.max(axis=0), atol=1e-6)


def test_the_end_of_a_long_text_is_read(backend: TorchBackend) -> None:
    start = "mama direita " * 60
    one, other = backend.forward([start + "espiculado", start + "circunscrito"]).logits
    assert not np.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize(("window", "stride"), [(32, 31), (32, 0), (2, None), (1, None)])
def test_windows_that_lose_tokens_are_refused(tiny_encoder: Path, window: int, stride: int | None) -> None:
    with pytest.raises(ConfigError):
        _backend(tiny_encoder, window=window, stride=stride)


def test_the_models_mode_comes_back(backend: TorchBackend) -> None:
    backend.model.train()
    first, second = backend.forward(TEXTS).logits, backend.forward(TEXTS).logits
    assert backend.model.training
    np.testing.assert_array_equal(first, second)
    backend.model.eval()
    backend.forward(TEXTS)
    assert not backend.model.training
    assert all(parameter.grad is None for parameter in backend.model.parameters())


def test_one_call_of_the_model_for_each_batch(backend: TorchBackend) -> None:
    calls = []
    backend.forward(TEXTS[:2])  # the first tries what the last layer can be spared
    handle = backend.model.register_forward_hook(lambda *_: calls.append(1))
    backend.forward(TEXTS[:2])
    handle.remove()
    assert len(calls) == 1
    assert not backend.model.base_model._forward_hooks


def test_bfloat16_is_near_and_gives_float32(tiny_encoder: Path) -> None:
    exact = _backend(tiny_encoder).forward(TEXTS)
    rough = _backend(tiny_encoder, precision="bfloat16")
    output = rough.forward(TEXTS)
    assert rough.precision == "bfloat16"
    assert output.logits.dtype == np.float32
    assert not np.array_equal(output.logits, exact.logits)
    np.testing.assert_allclose(output.logits, exact.logits, atol=0.05)


def test_threads_get_each_their_own_answer(backend: TorchBackend) -> None:
    wanted = {text: backend.forward([text]).logits for text in TEXTS}
    right: list[bool] = []

    def ask(text: str) -> None:
        right.extend(np.allclose(backend.forward([text]).logits, wanted[text], atol=1e-6) for _ in range(5))

    threads = [threading.Thread(target=ask, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 25


TINY = {
    "vocab_size": 220,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 72,
    "pad_token_id": 0,
}
FAMILIES = {
    "roberta": TINY,
    "xlm-roberta": TINY,
    "electra": {**TINY, "embedding_size": 32},
    "distilbert": {
        "vocab_size": 220,
        "dim": 32,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 64,
        "max_position_embeddings": 72,
        "pad_token_id": 0,
    },
    "modernbert": {**TINY, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3},
    "deberta-v2": {**TINY, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    "albert": {**TINY, "embedding_size": 32},
    "mpnet": TINY,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_other_families_go_the_whole_way(tiny_encoder: Path, tmp_path: Path, family: str) -> None:
    config = transformers.AutoConfig.for_model(family, **FAMILIES[family])
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(tiny_encoder)
    backend = _backend(tiny_encoder)
    output = backend.forward(TEXTS)
    alone = np.concatenate([backend.forward([text]).logits for text in TEXTS])
    np.testing.assert_allclose(output.logits, alone, atol=1e-5)
    assert output.embedding is not None
    assert output.embedding.shape == (5, 32)
    assert output.windows[2] > 1
    folder = tmp_path / "saved"
    folder.mkdir()
    backend.save(folder)
    again = TorchBackend.load(folder, window=backend.window)
    np.testing.assert_array_equal(again.forward(TEXTS).logits, output.logits)
    classify = transformers.pipeline("text-classification", model=str(folder), top_k=None)
    short = [TEXTS[0], TEXTS[3]]
    answers = [{row["label"]: row["score"] for row in rows} for rows in classify(short)]
    wanted = Calibrator().probabilities(backend.forward(short).logits)
    for (text, answer), label in itertools.product(enumerate(answers), LABELS.names):
        assert answer[label] == pytest.approx(wanted[text, LABELS.index(label)], abs=1e-5)


@pytest.mark.minilm
def test_minilm_answers_a_long_report_alike_in_every_batch() -> None:
    loaded = load_encoder("minilm", labels=LABELS, seed=7)
    backend = TorchBackend(loaded.model, loaded.tokenizer, window=loaded.info.window)
    texts = ["Nódulo irregular, 12 mm. " * n for n in (1, 8, 40, 120)]
    probabilities = Calibrator().probabilities
    together = probabilities(backend.forward(texts).logits)
    alone = np.concatenate([probabilities(backend.forward([text]).logits) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5, rtol=0)
    assert backend.forward(texts).windows.tolist() == [1, 1, 1, 3]
