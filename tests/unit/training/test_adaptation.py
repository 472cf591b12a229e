"""What learns, how fast, and what decays."""

from __future__ import annotations

import pytest

from bert4text.core.errors import ConfigError
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import adaptation
from bert4text.training.config import OptimizerConfig, TrainConfig

torch = pytest.importorskip("torch")
TWO = LabelSpace(task="binary", names=("a", "b"))


def config(kind, **settings):
    return TrainConfig.parse({"adaptation": kind, "adapt": settings}, section="train")


@pytest.fixture
def model(tiny_encoder):
    return load_encoder(str(tiny_encoder), labels=TWO, seed=1).model


def test_full_learns_everything(model):
    adaptation.adapt(model, config("full"))
    assert len(adaptation.trainable(model)) == len(list(model.parameters()))


def test_head_learns_pooler_and_classifier_only(model):
    adaptation.adapt(model, config("head"))
    assert set(adaptation.trainable(model)) == {
        "bert.pooler.dense.weight",
        "bert.pooler.dense.bias",
        "classifier.weight",
        "classifier.bias",
    }


def test_vectors_do_not_decay_and_the_head_is_faster(model):
    adaptation.adapt(model, config("full"))
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
    adaptation.adapt(model, config("head"))
    optimizer = adaptation.optimizer(model, OptimizerConfig(head_factor=4.0), adaptation="head")
    assert {group["factor"] for group in optimizer.param_groups} == {1.0}


def test_the_learning_rate_suits_the_size(model):
    assert adaptation.learning_rate(model, "full") == adaptation.LEARNING_RATES["small"]
    assert adaptation.learning_rate(model, "head") == adaptation.LEARNING_RATES["head"]
    model.config.num_hidden_layers = 12
    assert adaptation.learning_rate(model, "full") == adaptation.LEARNING_RATES["deep"]
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


def test_the_last_layers_learn_and_what_follows_them(model):
    adaptation.adapt(model, config("layers", layers=1))
    learn = set(adaptation.trainable(model))
    assert {name for name in learn if "encoder.layer.1." in name}
    assert all("encoder.layer.1." in name or "pooler" in name or "classifier" in name for name in learn)
    every = {name for name, _ in model.named_parameters()}
    assert learn >= {name for name in every if "encoder.layer.1." in name or "classifier" in name}
    with pytest.raises(ConfigError):
        adaptation.adapt(model, config("layers", layers=3))


def test_lower_layers_learn_slower(model):
    adaptation.adapt(model, config("full"))
    optimizer = adaptation.optimizer(
        model, OptimizerConfig(layer_decay=0.5, head_factor=3.0), adaptation="full"
    )
    rate = {id(value): group["factor"] for group in optimizer.param_groups for value in group["params"]}
    wanted = {"embeddings": 0.25, "layer.0.": 0.5, "layer.1.": 1.0, "pooler": 3.0, "classifier": 3.0}
    for name, value in model.named_parameters():
        assert rate[id(value)] == next(factor for part, factor in wanted.items() if part in name), name


IDS = [[2, 9, 8, 7, 3], [2, 11, 12, 13, 3]]


def logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=torch.tensor(IDS)).logits


def test_lora_adds_nothing_at_first_and_is_merged_into_an_ordinary_model(model):
    pytest.importorskip("peft")
    plain, names = logits(model), [name for name, _ in model.named_parameters()]
    adaptation.adapt(model, config("lora", rank=2))
    torch.testing.assert_close(logits(model), plain)
    learn = adaptation.trainable(model)
    added = [name for name in learn if ".lora_" in name]
    assert len(added) == 2 * 6 * 2  # matrices, products of a layer, layers
    assert all(".lora_" in name or "pooler" in name or "classifier" in name for name in learn)
    for name in added:
        torch.nn.init.normal_(learn[name], std=0.2)
    learned = logits(model)
    assert (learned - plain).abs().max() > 1e-3
    adaptation.merge(model)
    assert [name for name, _ in model.named_parameters()] == names
    torch.testing.assert_close(logits(model), learned, atol=1e-5, rtol=1e-5)
    assert all(parameter.requires_grad for parameter in model.parameters())
