"""Training without padding takes the steps of training with it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from bert4text.core.labels import LabelSpace  # noqa: E402 - after importorskip
from bert4text.models.hub import load_encoder  # noqa: E402
from bert4text.models.unpadded import unpadded  # noqa: E402
from bert4text.training import adaptation, finetune  # noqa: E402
from bert4text.training import unpadded as module  # noqa: E402
from bert4text.training.batches import unpadded_parts  # noqa: E402
from bert4text.training.config import TrainConfig  # noqa: E402
from bert4text.training.frozen import WholeModel  # noqa: E402
from bert4text.training.sources import prepared  # noqa: E402
from bert4text.training.train import train  # noqa: E402
from bert4text.training.unpadded import UnpaddedModel, compile_body, learned_unpadded  # noqa: E402
from conftest import make_corpus  # noqa: E402

TWO = LabelSpace(task="binary", names=("a", "b"))
ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, 30, 31, 3]]


@pytest.fixture
def model(tiny_encoder):
    model = load_encoder(str(tiny_encoder), labels=TWO, seed=1).model
    adaptation.set_dropout(model, hidden=0.0, attention=0.0)
    return model


def config(**settings):
    return TrainConfig.parse(
        {"epochs": 2, "patience": 0, "batches": {"size": 8, "tokens": 128}, **settings}, section="train"
    )


@given(st.lists(st.integers(1, 500), min_size=1, max_size=60), st.integers(16, 2000))
def test_parts_hold_each_report_once_and_keep_the_budget(sizes, tokens):
    found = unpadded_parts(np.array(sizes, dtype=np.int64), tokens=tokens)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(sizes)))
    for part in found:
        assert len(part) == 1 or sum(sizes[place] for place in part) <= tokens


def test_logits_are_those_of_the_whole_model(model):
    rows = np.array([2, 0, 1, 3])
    source = UnpaddedModel(unpadded(model, precision="float32", learns=True), ROWS)
    with prepared(source, model, ROWS, steps=10):
        got = source.logits(rows)
    wanted = WholeModel(model, ROWS, precision="float32").logits(rows)
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize("windows", [{}, {"size": 12, "stride": 5}])
def test_a_training_takes_the_same_steps(tiny_encoder, tmp_path, monkeypatch, windows):
    corpus = make_corpus(80)
    settings = config(
        encoder=str(tiny_encoder),
        precision="float32",
        dropout={"hidden": 0.0},
        windows=windows,
        folds={"refit": False},
    )
    padded = train(corpus, settings, seed=7, work=tmp_path / "padded")
    seen = []

    def free(model, config):
        seen.append(unpadded(model, precision=config.precision, learns=True))
        return seen[0]

    monkeypatch.setattr(finetune, "learned_unpadded", free)
    trained = train(corpus, settings, seed=7, work=tmp_path / "unpadded")
    assert seen[0] is not None
    assert [step.loss for step in trained.steps] == pytest.approx(
        [step.loss for step in padded.steps], abs=1e-4
    )
    others = dict(padded.backend.model.named_parameters())
    for name, value in trained.backend.model.named_parameters():
        torch.testing.assert_close(value, others[name], atol=2e-3, rtol=0, msg=name)
    assert trained.backend.model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    "settings",
    [
        {"precision": "float32"},
        {"adaptation": "head"},
        {"dropout": {"attention": 0.1}},
        {"precision": "bfloat16"},
    ],
)
def test_what_does_not_suit_stays_padded(model, settings):
    assert learned_unpadded(model, config(**{"precision": "bfloat16", **settings})) is None


class OnGpu:
    """A model that says it is on a GPU, for what is decided before anything is computed."""

    device = torch.device("cuda")


def test_what_suits_is_tried(monkeypatch):
    monkeypatch.setattr(module, "unpadded", lambda model, **options: options)
    assert learned_unpadded(OnGpu(), config(precision="bfloat16")) == {
        "precision": "bfloat16",
        "learns": True,
    }


def test_short_trainings_and_processors_do_not_compile(model):
    free = unpadded(model, precision="float32", learns=True)
    assert not compile_body(free, ROWS, steps=module.COMPILED_FROM)
    assert free.body is model.base_model


@pytest.mark.parametrize("works", [True, False])
def test_a_body_is_compiled_where_that_works(model, monkeypatch, works, caplog):
    free = unpadded(model, precision="float32", learns=True)
    calls = []

    def compiled(body, *, dynamic):
        assert dynamic

        def run(**given):
            calls.append(given)
            return body(**given) if works else 1 / 0

        return run

    monkeypatch.setattr(torch, "compile", compiled)
    monkeypatch.setattr(module, "on_gpu", lambda model: True)
    state = torch.random.get_rng_state()
    assert not compile_body(free, ROWS, steps=module.COMPILED_FROM - 1)
    assert compile_body(free, ROWS, steps=module.COMPILED_FROM) == works
    assert (free.body is model.base_model) == (not works)
    assert len(calls) == (2 if works else 1)
    assert all(value.grad is None for value in model.parameters())
    assert torch.equal(torch.random.get_rng_state(), state)
    assert bool(caplog.records) == (not works)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_real_training_on_a_gpu(tiny_encoder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "COMPILED_FROM", 1)
    trained = train(
        make_corpus(300),
        config(encoder=str(tiny_encoder), precision="bfloat16", learning_rate=5e-3, epochs=6),
        seed=7,
        work=tmp_path / "work",
    )
    assert max(step.validation["macro_f1"] for step in trained.steps if step.validation) > 0.8
