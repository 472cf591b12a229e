"""What learns, how fast, and what decays."""

from __future__ import annotations

import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import adaptation
from bert4text.training.config import OptimizerConfig

torch = pytest.importorskip("torch")
TWO = LabelSpace(task="binary", names=("a", "b"))


@pytest.fixture
def model(tiny_encoder):
    return load_encoder(str(tiny_encoder), labels=TWO, seed=1).model


def test_full_learns_everything(model):
    adaptation.adapt(model, "full")
    assert len(adaptation.trainable(model)) == len(list(model.parameters()))


def test_head_learns_pooler_and_classifier_only(model):
    adaptation.adapt(model, "head")
    assert set(adaptation.trainable(model)) == {
        "bert.pooler.dense.weight",
        "bert.pooler.dense.bias",
        "classifier.weight",
        "classifier.bias",
    }


def test_vectors_do_not_decay_and_the_head_is_faster(model):
    adaptation.adapt(model, "full")
    optimizer = adaptation.optimizer(model, OptimizerConfig(head_factor=4.0), adaptation="full")
    names = {id(value): name for name, value in model.named_parameters()}
    seen = set()
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            name = names[id(parameter)]
            seen.add(name)
            assert (group["weight_decay"] > 0) == (parameter.ndim > 1), name
            is_head = "pooler" in name or "classifier" in name
            assert group["factor"] == (4.0 if is_head else 1.0), name
    assert seen == set(names.values())


def test_a_head_alone_has_no_factor(model):
    adaptation.adapt(model, "head")
    optimizer = adaptation.optimizer(model, OptimizerConfig(head_factor=4.0), adaptation="head")
    assert {group["factor"] for group in optimizer.param_groups} == {1.0}


def test_the_learning_rate_suits_the_size(model):
    assert adaptation.learning_rate(model, "full") == adaptation.LEARNING_RATES["small"]
    assert adaptation.learning_rate(model, "head") == adaptation.LEARNING_RATES["head"]
    model.config.hidden_size = 768
    assert adaptation.learning_rate(model, "full") == adaptation.LEARNING_RATES["base"]


def test_dropout_of_attention_apart_from_the_rest(model):
    def shares():
        found = {"attention": set(), "other": set()}
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.Dropout):
                found["attention" if name.endswith("attention.self.dropout") else "other"].add(module.p)
        return found

    adaptation.set_dropout(model, hidden=None, attention=0.0)
    assert shares() == {"attention": {0.0}, "other": {0.1}}
    adaptation.set_dropout(model, hidden=0.3, attention=0.2)
    assert shares() == {"attention": {0.2}, "other": {0.3}}
