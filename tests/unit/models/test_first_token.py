"""A last layer that goes on with the first token alone learns as the whole layer, or is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.models.body import last_layer
from bert4text.models.first_token import first_token
from bert4text.training.frozen import WholeModel

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, 30, 31, 3]]
EVERY = np.arange(len(ROWS))
BERT = {
    "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "pad_token_id": 0, "num_labels": 2,
}  # fmt: skip
MODERN = {
    **BERT, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": None, "eos_token_id": None,
    "classifier_pooling": "mean",
}  # fmt: skip
DISTIL = {"vocab_size": 40, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "num_labels": 2}
READS_ONE = {
    "BertConfig": BERT,
    "RobertaConfig": BERT,
    "ElectraConfig": {**BERT, "embedding_size": 16},
    "MPNetConfig": BERT,
    "DebertaV2Config": BERT,
    "DistilBertConfig": DISTIL,
}

ATTENDS_ITS_WAY = {"MPNetConfig", "DebertaV2Config"}


def made(kind, settings):
    config = getattr(transformers, kind)(**settings)
    torch.manual_seed(5)
    model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
    for parameter in model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.1)
    return model


def test_a_head_over_every_token_is_left_alone_though_it_says_the_same_of_all():
    model = transformers.BertForTokenClassification(transformers.BertConfig(**BERT)).eval()
    torch.nn.init.zeros_(model.classifier.weight)
    assert first_token(model).part is None


def learned(model):
    model.zero_grad(set_to_none=True)
    logits = WholeModel(model, ROWS, precision="float32").logits(EVERY)
    (logits[:, 0] - logits[:, 1]).sum().backward()
    return logits.detach(), {name: value.grad for name, value in model.named_parameters()}


@pytest.mark.parametrize("kind", READS_ONE)
def test_logits_and_gradients_are_those_of_the_whole_layer(kind):
    model = made(kind, READS_ONE[kind])
    wanted, gradients = learned(model)
    found = first_token(model)
    assert found.part is not None
    assert not type(found.part).__name__.endswith("Output")  # before the feed-forward, not after it
    assert (found.attention is not None) == (kind not in ATTENDS_ITS_WAY)
    with found.alone():
        got, others = learned(model)
        with last_layer(model) as seen:
            WholeModel(model, ROWS, precision="float32").logits(EVERY)
        assert seen[0].shape[1] == 1
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    for name, gradient in gradients.items():
        if gradient is not None:
            torch.testing.assert_close(others[name], gradient, atol=1e-4, rtol=1e-3, msg=name)
    with last_layer(model) as seen:
        WholeModel(model, ROWS, precision="float32").logits(EVERY)
    assert seen[0].shape[1] > 1


@pytest.mark.parametrize(("kind", "settings"), [("ModernBertConfig", MODERN)])
def test_a_head_that_reads_all_tokens_is_left_alone(kind, settings):
    model = made(kind, settings)
    wanted, _ = learned(model)
    found = first_token(model)
    assert found.part is None
    with found.alone():
        got, _ = learned(model)
    torch.testing.assert_close(got, wanted)
