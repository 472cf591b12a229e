"""A head that starts from what the frozen encoder tells apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend
from bert4text.training import head_start
from bert4text.training.batches import Examples, tokenize
from bert4text.training.frozen import FrozenBody
from bert4text.training.head_start import drawn, start_head

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
TEXTS = [f"{'espiculado' if i % 3 == 0 else 'lisos'} nódulo {'oval ' * (i % 5)}" for i in range(60)]


WIDE = {"largest_scale": math.inf}
"""A tiny random body hardly varies from report to report."""


def prepared(tiny_encoder, names, targets, task="multiclass", window=64):
    encoder = load_encoder(str(tiny_encoder), labels=LabelSpace(task=task, names=names), seed=1)
    backend = TorchBackend(encoder.model, encoder.tokenizer, window=window)
    examples = tokenize(backend, TEXTS, targets)
    body = FrozenBody(encoder.model, examples.rows, tokens=4096, precision="float32")
    return encoder.model, backend, examples, body


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "never")])
def test_it_answers_before_anything_else_learned(tiny_encoder, names):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, backend, examples, body = prepared(tiny_encoder, names, targets)
    before = (backend.forward(TEXTS).logits.argmax(axis=1) == targets).mean()
    assert start_head(model, body, examples, weighting="balanced", seed=7, **WIDE)
    after = (backend.forward(TEXTS).logits.argmax(axis=1) == targets).mean()
    assert before < 0.75
    assert after == 1.0


def test_a_pooler_that_tells_nothing_is_passed_by(tiny_encoder):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, backend, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
    pooler = model.bert.pooler.dense
    with torch.no_grad():
        pooler.weight.zero_()
    assert start_head(model, body, examples, weighting="balanced", seed=7, **WIDE)
    assert (backend.forward(TEXTS).logits.argmax(axis=1) == targets).all()
    weight = pooler.weight.detach()
    assert torch.equal(weight, torch.diag(weight.diagonal()))


def test_a_pooler_that_tells_more_is_kept(tiny_encoder, monkeypatch):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, backend, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
    before = model.bert.pooler.dense.weight.detach().clone()
    losses = iter([0.5, 0.5])  # through the identity, then through the pooler: a tie keeps what came
    monkeypatch.setattr(head_start, "_loss", lambda *_, **__: next(losses))
    assert start_head(model, body, examples, weighting="balanced", seed=7, **WIDE)
    after = model.bert.pooler.dense.weight.detach()
    same = torch.nn.functional.cosine_similarity(before, after, dim=1)
    assert same.numpy() == pytest.approx(np.ones(len(same)), abs=1e-5)
    assert (backend.forward(TEXTS).logits.argmax(axis=1) == targets).mean() > 0.9


def test_several_labels(tiny_encoder):
    targets = np.array([[int(i % 3 == 0), int(i % 3 != 0), 0] for i in range(60)])
    model, backend, examples, body = prepared(tiny_encoder, ("a", "b", "c"), targets, task="multilabel")
    assert start_head(model, body, examples, weighting="none", seed=7, **WIDE)
    logits = backend.forward(TEXTS).logits
    assert ((logits[:, :2] > 0) == targets[:, :2]).all()


def test_each_of_several_labels_counts_as_it_is_weighed(tiny_encoder):
    targets = np.array([[int(i % 3 == 0), int(i % 4 == 0)] for i in range(60)])
    weights = np.ones((60, 2))
    weights[::5, 0] = 8.0

    def head(times):
        model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets, task="multilabel", window=6)
        assert len(examples.rows) > len(examples)
        start_head(model, body, examples, weighting="sqrt", seed=7, times=times, **WIDE)
        return model.classifier.weight.detach().numpy().copy()

    plain, same, mended = head(None), head(np.ones((60, 2))), head(weights)
    assert same == pytest.approx(plain, abs=1e-6)
    assert mended[1] == pytest.approx(plain[1], abs=1e-6)
    assert not np.allclose(mended[0], plain[0], atol=1e-3)


def test_windows_share_their_report(tiny_encoder):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets, window=6)
    assert len(examples.rows) > len(examples)
    assert start_head(model, body, examples, weighting="sqrt", seed=7, **WIDE)
    assert not model.training


def test_the_pooler_varies_as_it_should(tiny_encoder):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
    start_head(model, body, examples, weighting="none", seed=7, **WIDE)
    first = torch.stack([states[0] for states in body.hidden])
    outputs = model.bert.pooler.dense(first).detach()
    assert outputs.mean(dim=0).abs().max() < 1e-3
    assert outputs.std(dim=0, correction=0).numpy() == pytest.approx(np.ones(32), abs=1e-2)


def test_scaling_has_a_limit(tiny_encoder, monkeypatch):
    monkeypatch.setattr(head_start, "_loss", lambda *_, **__: 0.5)  # a tie keeps the pooler as it came
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
    before = model.bert.pooler.dense.weight.clone()
    start_head(model, body, examples, weighting="none", seed=7, largest_scale=3.0)
    assert (model.bert.pooler.dense.weight / before).max() <= 3.0 + 1e-5


def test_the_body_is_left_alone_and_the_result_repeats(tiny_encoder):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    results = []
    for _ in range(2):
        model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
        before = {name: value.clone() for name, value in model.bert.encoder.state_dict().items()}
        start_head(model, body, examples, weighting="none", seed=7, **WIDE)
        after = model.bert.encoder.state_dict()
        assert all(torch.equal(value, after[name]) for name, value in before.items())
        results.append(model.classifier.weight.clone())
    assert torch.equal(*results)


def test_a_head_of_another_build_is_left_as_it_was(tiny_encoder):
    targets = np.array([int(i % 3 == 0) for i in range(60)])
    model, _, examples, body = prepared(tiny_encoder, ("a", "b"), targets)
    model.classifier = torch.nn.Sequential(torch.nn.Linear(32, 8), torch.nn.Linear(8, 2))
    model.classifier[1] = torch.nn.Bilinear(8, 8, 2)
    model.classifier.forward = lambda hidden: torch.zeros(len(hidden), 2)
    assert not start_head(model, body, examples, weighting="none", seed=7, **WIDE)


@pytest.mark.parametrize("kind", ["roberta", "electra", "distilbert"])
def test_heads_of_other_families(kind):
    settings = {
        "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "intermediate_size": 32, "pad_token_id": 0, "num_labels": 2,
    }  # fmt: skip
    if kind == "distilbert":
        settings = {
            "vocab_size": 40,
            "dim": 16,
            "n_layers": 1,
            "n_heads": 2,
            "hidden_dim": 32,
            "num_labels": 2,
        }
    torch.manual_seed(3)
    config = transformers.AutoConfig.for_model(kind, **settings)
    model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
    rows = [[2, 10 + i % 2, 20 + i % 7, 3] for i in range(40)]
    targets = np.array([i % 2 for i in range(40)])
    examples = Examples(rows, np.arange(41), targets)
    body = FrozenBody(model, rows, tokens=400, precision="float32")
    assert start_head(model, body, examples, weighting="none", seed=7, **WIDE)
    answers = body.logits(np.arange(40)).argmax(dim=1).numpy()
    assert (answers == targets).mean() > 0.8


def test_many_reports_are_sampled_by_the_seed(monkeypatch):
    monkeypatch.setattr(head_start, "MOST_REPORTS", 5)
    starts = np.arange(0, 41, 2)
    examples = Examples([[i] for i in range(40)], starts, np.arange(20))
    chosen = drawn(examples, seed=7)
    assert len(chosen) == 5
    assert len(chosen.rows) == 10
    for place, target in enumerate(chosen.targets):
        assert chosen.rows[2 * place : 2 * place + 2] == [[2 * target], [2 * target + 1]]
    assert (drawn(examples, seed=7).targets == chosen.targets).all()
    monkeypatch.setattr(head_start, "MOST_REPORTS", 20)
    assert drawn(examples, seed=7) is examples
