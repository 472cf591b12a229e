"""What frozen layers give, computed once: the same losses, or computed as ever where that cannot be."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from bert4text.core import machine
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import adaptation, sources
from bert4text.training.config import TrainConfig
from bert4text.training.train import train
from conftest import make_corpus

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from bert4text.training import lower  # noqa: E402 - after importorskip
from bert4text.training.frozen import WholeModel  # noqa: E402
from bert4text.training.lower import LowerLayers, found_cut, lower_layers  # noqa: E402

TWO = LabelSpace(task="binary", names=("a", "b"))
ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, 30, 3]]
SMALL = {
    "vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2,
    "intermediate_size": 32, "pad_token_id": 0, "num_labels": 2, "max_position_embeddings": 40,
}  # fmt: skip
KINDS = {
    "bert": SMALL,
    "roberta": SMALL,
    "electra": {**SMALL, "embedding_size": 16},
    "distilbert": {
        "vocab_size": 60, "dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32, "num_labels": 2,
        "pad_token_id": 0,
    },
    "modernbert": {
        **SMALL, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3,
        "local_attention": 8,
    },
    "mpnet": SMALL,
    "deberta-v2": {
        **SMALL, "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8,
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)


def config(**values):
    given = {
        "adaptation": "layers",
        "adapt": {"layers": 1},
        "epochs": 3,
        "patience": 0,
        "precision": "float32",
    }
    return TrainConfig.parse(
        {**given, "learning_rate": 2e-3, "batches": {"size": 8}, **values}, section="train"
    )


def small(kind):
    torch.manual_seed(3)
    made = transformers.AutoConfig.for_model(kind, **KINDS[kind])
    model = transformers.AutoModelForSequenceClassification.from_config(made).eval()
    adaptation.adapt(model, config())
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_upper_layers_answer_as_the_whole_model(kind):
    model = small(kind)
    cut = found_cut(model)
    assert cut is not None
    assert len(cut.below) == 2
    rows = np.array([2, 0, 1, 3])
    kept = LowerLayers(cut, ROWS, tokens=16, precision="float32")
    wanted = WholeModel(model, ROWS, precision="float32").logits(rows)
    called = []
    handles = [layer.attention.register_forward_hook(lambda *_: called.append(1)) for layer in cut.below
               if hasattr(layer, "attention")]  # fmt: skip
    found = WholeModel(model, ROWS, precision="float32", kept=kept).logits(rows)
    assert not called
    for handle in handles:
        handle.remove()
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    assert all("forward" not in vars(layer) for layer in cut.below)
    assert not cut.above._forward_pre_hooks
    again = WholeModel(model, ROWS, precision="float32").logits(rows)
    torch.testing.assert_close(again, wanted)


def test_only_the_upper_layers_get_a_gradient():
    model = small("bert")
    kept = LowerLayers(found_cut(model), ROWS, tokens=16, precision="float32")
    WholeModel(model, ROWS, precision="float32", kept=kept).logits(np.arange(4)).sum().backward()
    with_gradient = {name for name, value in model.named_parameters() if value.grad is not None}
    assert with_gradient == set(adaptation.trainable(model))


def test_layers_that_hand_on_more_than_hidden_states_are_not_cut():
    model = small("bert")

    class Handing(torch.nn.Module):
        """A layer that changes what the next one is given."""

        def __init__(self, layer):
            super().__init__()
            self.layer = layer

        def forward(self, hidden, mask=None, *rest, **options):
            model.handed = getattr(model, "handed", 0.0) + float(hidden.abs().mean())
            return self.layer(hidden, mask, *rest, **options) + model.handed

    stacked = model.bert.encoder.layer
    for place in range(len(stacked)):
        stacked[place] = Handing(stacked[place])
    assert found_cut(model) is None


def test_nothing_is_cut_where_all_layers_learn():
    model = small("bert")
    for adaptation_, learn in (("full", {}), ("layers", {"layers": 3})):
        adaptation.adapt(model, config(adaptation=adaptation_, adapt=learn))
        assert found_cut(model) is None


def test_what_is_read_once_or_does_not_fit_is_computed_anew(monkeypatch, caplog):
    model = small("bert")
    assert lower_layers(model, ROWS, config(), reads=len(ROWS)) is None
    assert lower_layers(model, [], config(), reads=9) is None
    needed = sum(map(len, ROWS)) * 16 * 4
    monkeypatch.setattr(machine, "free_memory_bytes", lambda: int(needed / lower.FREE))
    assert isinstance(lower_layers(model, ROWS, config(), reads=9), LowerLayers)
    assert not caplog.records
    monkeypatch.setattr(machine, "free_memory_bytes", lambda: int(needed / lower.FREE) - 9)
    with caplog.at_level(logging.WARNING):
        assert lower_layers(model, ROWS, config(), reads=9) is None
    assert [record.bytes for record in caplog.records] == [needed]
    monkeypatch.setattr(machine, "free_memory_bytes", lambda: None)
    assert isinstance(lower_layers(model, ROWS, config(), reads=9), LowerLayers)
    monkeypatch.setattr(machine, "memory_gib", lambda: None)
    assert lower_layers(model, ROWS, config(), reads=9) is None


def test_states_are_kept_in_the_arithmetic_of_training():
    model = small("bert")
    rough = LowerLayers(found_cut(model), ROWS, tokens=64, precision="bfloat16")
    exact = LowerLayers(found_cut(model), ROWS, tokens=64, precision="float32")
    for one, other, row in zip(rough.states, exact.states, ROWS, strict=True):
        assert one.shape == other.shape == (len(row), 16)
        torch.testing.assert_close(one.float(), other, atol=0.1, rtol=0.1)
        assert other.dtype is torch.float32
    rows = np.arange(4)
    got = WholeModel(model, ROWS, precision="bfloat16", kept=rough).logits(rows)
    wanted = WholeModel(model, ROWS, precision="bfloat16").logits(rows)
    torch.testing.assert_close(got, wanted, atol=0.02, rtol=0.02)


@pytest.mark.parametrize("windows", [{}, {"size": 16, "most": 3}])
def test_a_training_takes_the_same_steps(tiny_encoder, tmp_path, monkeypatch, windows):
    """Dropout of the layers that learn is on: what is drawn does not depend on the frozen ones."""
    corpus = make_corpus(80)
    same = {"head_start": False}  # scaled to a random encoder, a head would blow up what rounding does
    settings = config(encoder=str(tiny_encoder), windows=windows, optimizer=same, folds={"refit": False})
    made = []

    def counted(*given, **options):
        made.append(lower_layers(*given, **options))
        return made[-1]

    monkeypatch.setattr(sources, "lower_layers", counted)
    kept = train(corpus, settings, seed=7, work=tmp_path / "kept")
    assert [type(each) for each in made] == [LowerLayers, LowerLayers]
    monkeypatch.setattr(sources, "lower_layers", lambda *given, **options: None)
    anew = train(corpus, settings, seed=7, work=tmp_path / "anew")
    assert [step.loss for step in kept.steps] == pytest.approx([s.loss for s in anew.steps], abs=1e-5)
    others = dict(anew.backend.model.named_parameters())
    for name, value in kept.backend.model.named_parameters():
        torch.testing.assert_close(value, others[name], atol=2e-4, rtol=0, msg=name)
    assert kept.pace is None


def test_frozen_layers_drop_nothing_and_the_others_do(tiny_encoder):
    model = load_encoder(str(tiny_encoder), labels=TWO, seed=1).model
    adaptation.adapt(model, config())
    own = sources.source(model, ROWS, config(), free=None, reads=0)
    assert own.kept is None
    model.train()
    own.logits(np.arange(4))
    modes = {name: module.training for name, module in model.named_modules()}
    assert not modes["bert.embeddings.dropout"]
    assert not modes["bert.encoder.layer.0.output.dropout"]
    assert modes["bert.encoder.layer.1.output.dropout"]
    assert modes["dropout"]


def test_a_resumed_training_ends_as_an_unbroken_one(tiny_encoder, tmp_path, monkeypatch):
    from bert4text.training import finetune

    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    corpus, settings = (
        make_corpus(60),
        config(encoder=str(tiny_encoder), batches={"size": 8, "checkpoint_steps": 1}),
    )
    whole = train(corpus, settings, seed=7, work=tmp_path / "whole")
    real = finetune.steps

    def broken(fit):
        for step in real(fit):
            yield step
            if step.step == 6:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(finetune, "steps", broken)
        with pytest.raises(KeyboardInterrupt):
            train(corpus, settings, seed=7, work=tmp_path / "work")
    again = train(corpus, settings, seed=7, work=tmp_path / "work", resume=True)
    others = dict(again.backend.model.named_parameters())
    assert all(torch.equal(value, others[name]) for name, value in whole.backend.model.named_parameters())
