"""Hidden states beside logits: they are those of the model, read as its head reads, while it learns too."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend

torch = pytest.importorskip("torch")

from bert4text.models.unpadded import unpadded  # noqa: E402
from bert4text.training import adaptation  # noqa: E402
from bert4text.training.batches import tokenize  # noqa: E402
from bert4text.training.frozen import WholeModel  # noqa: E402
from bert4text.training.loop import pooled  # noqa: E402
from bert4text.training.sources import prepared  # noqa: E402
from bert4text.training.states import StatesBeside, project, release  # noqa: E402
from bert4text.training.unpadded import UnpaddedModel  # noqa: E402

TWO = LabelSpace(task="binary", names=("a", "b"))
TEXTS = ["nódulo oval", "mama direita com nódulo irregular e espiculado", "pele"]
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}


@pytest.fixture(params=["first", "mean"])
def loaded(request, tiny_encoder: Path):
    """An encoder of three layers whose head reads the first token, or the mean."""
    transformers = pytest.importorskip("transformers")
    if request.param == "first":
        config = transformers.BertConfig(vocab_size=220, pad_token_id=0, **SIZES)
    else:
        config = transformers.ModernBertConfig(
            vocab_size=220, pad_token_id=0, classifier_pooling="mean", **SIZES
        )
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(tiny_encoder)
    return load_encoder(str(tiny_encoder), labels=TWO, seed=1), request.param == "first"


def backend_of(encoder) -> TorchBackend:
    return TorchBackend(encoder.model, encoder.tokenizer, window=64)


def seen(model, rows) -> list[np.ndarray]:
    """All hidden states of each row alone, from transformers itself; the last one is the encoder's end."""
    model.eval()
    found = []
    for row in rows:
        with torch.no_grad():
            output = model.base_model(input_ids=torch.tensor([row]), output_hidden_states=True)
        states = [*output.hidden_states[1:-1], output.last_hidden_state]
        found.append(np.stack([state[0].numpy() for state in states]))
    return found


def read(states: np.ndarray, *, first: bool) -> np.ndarray:
    return states[:, 0] if first else states.mean(axis=1)


@pytest.mark.parametrize("how", ["plain", "prepared", "unpadded"])
def test_states_are_those_of_the_model(loaded, how) -> None:
    encoder, first = loaded
    model, examples = encoder.model, tokenize(backend_of(encoder), TEXTS, np.arange(3))
    adaptation.set_dropout(model, hidden=0.0, attention=0.0)
    whole = WholeModel(model, examples.rows, precision="float32")
    free = unpadded(model, precision="float32", learns=True) if how == "unpadded" else None
    assert (free is not None) is (how == "unpadded")
    inner = whole if free is None else UnpaddedModel(free, examples.rows)
    source = StatesBeside(inner, model, examples.rows, places=(0, 1))
    assert source.first_only is first
    model.eval()
    every = np.arange(3)
    around = nullcontext() if how == "plain" else prepared(source, model, examples.rows, steps=10**6)
    with torch.no_grad():
        with around:
            found = source.logits(every).numpy()
        logits = whole.logits(every).numpy()
    wanted = np.stack([read(states, first=first).ravel() for states in seen(model, examples.rows)])
    assert found[:, :2] == pytest.approx(logits, abs=1e-5)
    assert found[:, 2:] == pytest.approx(wanted, abs=1e-4)


def test_a_backend_reads_them_as_the_student_does(loaded) -> None:
    encoder, first = loaded
    plain, watching = backend_of(encoder), backend_of(encoder)
    watching.reads = (0, 1)
    before, after = plain.forward(TEXTS), watching.forward(TEXTS)
    rows = tokenize(plain, TEXTS, np.arange(3)).rows
    wanted = np.stack([read(states, first=first).ravel() for states in seen(encoder.model, rows)])
    assert after.logits.tolist() == before.logits.tolist()
    assert after.embedding == pytest.approx(wanted, abs=1e-4)
    assert after.embedding[:, -32:].tolist() == before.embedding.tolist()


def test_states_have_gradients(loaded) -> None:
    encoder, _ = loaded
    model, examples = encoder.model, tokenize(backend_of(encoder), TEXTS, np.arange(3))
    source = StatesBeside(
        WholeModel(model, examples.rows, precision="float32"), model, examples.rows, places=(0,)
    )
    torch.autograd.backward(source.logits(np.arange(3))[:, 2:34].square().sum())
    body = model.base_model
    learned = {name.split(".")[1]: weight.grad for name, weight in body.named_parameters() if "0." in name}
    assert any(gradient is not None and bool(gradient.any()) for gradient in learned.values())
    assert model.classifier.weight.grad is None or not model.classifier.weight.grad.any()


def test_a_projection_serves_the_comparison_alone(loaded) -> None:
    encoder, _ = loaded
    model, examples = encoder.model, tokenize(backend_of(encoder), TEXTS, np.arange(3))
    names = set(model.state_dict())
    project(model, width=32, seed=7)
    assert set(model.state_dict()) == names
    project(model, width=48, seed=7)
    assert set(model.state_dict()) > names
    source = StatesBeside(
        WholeModel(model, examples.rows, precision="float32"), model, examples.rows, places=(1,)
    )
    assert source.logits(np.arange(3)).shape == (3, 2 + 2 * 48)
    release(model)
    release(model)
    assert set(model.state_dict()) == names


def test_states_of_windows_are_averaged_however_logits_are_pooled() -> None:
    beside = torch.tensor([[1.0, 5.0, 2.0], [3.0, 1.0, 4.0], [7.0, 7.0, 7.0]])
    counts = np.array([2, 1])
    assert pooled(beside, counts, how="max", labels=2).tolist() == [[3.0, 5.0, 3.0], [7.0, 7.0, 7.0]]
    assert pooled(beside, counts, how="mean", labels=2).tolist() == [[2.0, 3.0, 3.0], [7.0, 7.0, 7.0]]
