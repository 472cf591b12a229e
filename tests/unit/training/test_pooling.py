"""Weights of windows that are learned: the backend's, found again after a break, and of use."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.core.seeds import rng
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend
from bert4text.models.windows import places
from bert4text.training import adaptation, finetune
from bert4text.training.batches import tokenize
from bert4text.training.config import TrainConfig
from bert4text.training.sources import prepared, source, whole_logits
from bert4text.training.train import train
from conftest import WORDS, make_corpus

torch = pytest.importorskip("torch")

from bert4text.models.unpadded import unpadded  # noqa: E402 - after importorskip
from bert4text.training.frozen import FrozenBody  # noqa: E402
from bert4text.training.pooling import LearnedPooling, WindowAttention, learned_weights, pooled  # noqa: E402
from bert4text.training.unpadded import UnpaddedModel  # noqa: E402

TWO = LabelSpace(task="binary", names=("a", "b"))
TEXTS = ["oval " * 60, "nódulo", "espiculado em mama " * 20, "lisos " * 31 + "nódulo", ""]
LEARNED = {"pooling": "learned", "size": 24}


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)


def config(**values):
    given = {"epochs": 2, "patience": 0, "learning_rate": 5e-3, "batches": {"size": 8}, "windows": LEARNED}
    return TrainConfig.parse({**given, "precision": "float32", **values}, section="train")


def parts(tiny_encoder):
    encoder = load_encoder(str(tiny_encoder), labels=TWO, seed=1)
    torch.manual_seed(2)
    for value in encoder.model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(value, std=0.2)
    backend = TorchBackend(encoder.model, encoder.tokenizer, window=24, pooling="learned")
    return encoder.model, backend, tokenize(backend, TEXTS, np.zeros(len(TEXTS), dtype=np.int64))


def drawn_weights(attention, seed=3):
    random = np.random.default_rng(seed)
    with torch.no_grad():
        for value in attention.parameters():
            value.copy_(torch.from_numpy(3 * random.normal(size=value.shape)))
    return attention


def test_scores_while_learning_are_those_of_the_answer():
    attention = drawn_weights(WindowAttention(8))
    embeddings = np.random.default_rng(1).normal(size=(7, 8)).astype(np.float32)
    counts = np.array([4, 1, 2])
    scores = attention(torch.from_numpy(embeddings), torch.from_numpy(places(counts))).detach()
    wanted = torch.cat([part.softmax(dim=0) for part in torch.split(scores, counts.tolist())])
    assert attention.weights().shares(embeddings, counts) == pytest.approx(wanted.numpy(), abs=1e-6)


@pytest.mark.parametrize("adapted", ["full", "head", "layers", "unpadded"])
def test_what_learns_answers_as_the_backend_does(tiny_encoder, adapted):
    model, backend, examples = parts(tiny_encoder)
    settings = config(adaptation="full" if adapted == "unpadded" else adapted, adapt={"layers": 1})
    adaptation.adapt(model, settings)
    free = unpadded(model, precision="float32") if adapted == "unpadded" else None
    own = source(model, examples.rows, settings, free=free, reads=2 * len(examples.rows))
    assert isinstance(own, FrozenBody) == (adapted == "head")
    assert isinstance(own, UnpaddedModel) == (adapted == "unpadded")
    attention = drawn_weights(WindowAttention(32))
    backend.weights = attention.weights()
    wanted = backend.forward(TEXTS)
    assert wanted.windows.max() > 2
    every = np.arange(len(examples.rows))
    with prepared(own, model, examples.rows, steps=1):
        model.eval()
        found = LearnedPooling(attention, own, examples.starts).logits(every, np.diff(examples.starts))
        whole = whole_logits(model, own, examples, settings, attention)
    assert found.detach().numpy() == pytest.approx(wanted.logits, abs=1e-5)
    assert whole == pytest.approx(wanted.logits, abs=1e-5)
    mean = TorchBackend(model, backend.tokenizer, window=24).forward(TEXTS).logits
    assert np.abs(mean - wanted.logits).max() > 1e-4


def test_some_windows_of_a_report_are_pooled_alone(tiny_encoder):
    model, _, examples = parts(tiny_encoder)
    adaptation.adapt(model, config())
    own = source(model, examples.rows, config(), free=None, reads=0)
    attention = drawn_weights(WindowAttention(32))
    model.eval()
    learned = LearnedPooling(attention, own, examples.starts)
    rows = np.array([1, 3, examples.starts[1]])
    logits, embeddings = own.answers(rows)
    where = torch.from_numpy(places(np.diff(examples.starts))[rows])
    shares = attention(embeddings, where)[:2].softmax(dim=0)
    found = learned.logits(rows, np.array([2, 1]))
    torch.testing.assert_close(found[0], shares @ logits[:2])
    torch.testing.assert_close(found[1], logits[2])


def test_pooling_without_weights_has_none(tiny_encoder):
    model, _, _ = parts(tiny_encoder)
    optimizer = adaptation.optimizer(model, config().optimizer, adaptation="full")
    groups = len(optimizer.param_groups)
    assert learned_weights(model, optimizer, config(windows={"pooling": "mean"})) is None
    assert len(optimizer.param_groups) == groups
    learned_weights(model, optimizer, config(learning_rate=2e-3))
    assert optimizer.param_groups[-1]["factor"] == pytest.approx(5.0)
    assert optimizer.param_groups[-1]["weight_decay"] == 0.0


def test_the_mean_and_the_largest_are_pooled_as_ever():
    logits = torch.tensor([[1.0, 0.0], [3.0, -2.0], [5.0, 5.0]])
    assert pooled(logits, np.array([2, 1]), how="mean").tolist() == [[2.0, -1.0], [5.0, 5.0]]


def hidden_sign(n=240):
    """Long reports of which one piece, anywhere, tells the label, among many words that do not."""
    corpus, random = make_corpus(n, signal=False), rng(5, "tests.pooling")
    texts = []
    for label in corpus.labels:
        words = list(random.choice(WORDS[:13], size=100))
        place = int(random.integers(0, 90))
        words[place:place] = (["espiculado", "irregular"] if label == "maligno" else ["oval", "lisos"]) * 3
        texts.append(" ".join(words) + ".")
    return corpus.with_column("text", texts)


def test_windows_that_tell_count_for_more(tiny_encoder, tmp_path):
    corpus = hidden_sign()
    settings = config(encoder=str(tiny_encoder), epochs=8, learning_rate=3e-3)
    trained = train(corpus, settings, seed=7, work=tmp_path / "work")
    backend = trained.backend
    read = backend.rows(corpus["test"].texts)
    _, embeddings = backend.run(read.rows)
    shares = backend.weights.shares(embeddings, read.counts)
    ids = {backend.tokenizer.token_to_id(word) for word in ("espiculado", "irregular", "oval", "lisos")}
    telling = np.array([len(ids & set(row)) > 0 for row in read.rows])
    several = np.repeat(read.counts, read.counts)
    assert telling.mean() < 0.6
    assert (shares * several)[telling].mean() > 1.5 * (shares * several)[~telling].mean()


def test_an_interrupted_training_finds_its_weights_again(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    corpus = hidden_sign(80)
    settings = config(encoder=str(tiny_encoder), batches={"size": 8, "checkpoint_steps": 1})
    whole = train(corpus, settings, seed=7, work=tmp_path / "whole")

    class Stop(Exception):
        pass

    real = finetune.steps

    def broken(fit):
        for step in real(fit):
            yield step
            if step.step == 9:
                raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(finetune, "steps", broken)
        with pytest.raises(Stop):
            train(corpus, settings, seed=7, work=tmp_path / "work")
    again = train(corpus, settings, seed=7, work=tmp_path / "work", resume=True)
    for name in ("query", "place"):
        one, other = (getattr(each.backend.weights, name) for each in (whole, again))
        np.testing.assert_array_equal(one, other)
        assert np.abs(one).max() > 0
    assert [step.loss for step in again.steps] == [step.loss for step in whole.steps]
