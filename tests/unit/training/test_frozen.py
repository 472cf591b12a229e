"""A frozen body run once gives the logits that the whole model gives."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import adaptation
from bert4text.training.config import TrainConfig
from bert4text.training.frozen import FrozenBody, WholeModel, head_stands_alone, widened

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
TWO = LabelSpace(task="binary", names=("a", "b"))
ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, 30, 3]]


@pytest.fixture
def model(tiny_encoder):
    return load_encoder(str(tiny_encoder), labels=TWO, seed=1).model


def small(kind):
    settings = {
        "vocab_size": 40,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "pad_token_id": 0,
        "num_labels": 2,
    }
    if kind == "distilbert":
        settings = {
            "vocab_size": 40,
            "dim": 16,
            "n_layers": 1,
            "n_heads": 2,
            "hidden_dim": 32,
            "num_labels": 2,
        }
    if kind == "longformer":
        settings |= {"attention_window": 8, "max_position_embeddings": 40}
    if kind == "gpt2":
        settings = {
            "vocab_size": 40,
            "n_embd": 16,
            "n_layer": 1,
            "n_head": 2,
            "pad_token_id": 0,
            "bos_token_id": 2,
            "eos_token_id": 3,
            "num_labels": 2,
        }
    if kind == "bart":
        settings = {
            "vocab_size": 40,
            "d_model": 16,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "encoder_ffn_dim": 32,
            "decoder_ffn_dim": 32,
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "pad_token_id": 0,
            "bos_token_id": 2,
            "eos_token_id": 3,
            "num_labels": 2,
        }
    if kind == "modernbert":
        settings |= {
            "cls_token_id": 2,
            "sep_token_id": 3,
            "bos_token_id": 2,
            "eos_token_id": 3,
            "classifier_pooling": "mean",
        }
    config = transformers.AutoConfig.for_model(kind, **settings)
    torch.manual_seed(3)
    return transformers.AutoModelForSequenceClassification.from_config(config).eval()


def compared(model):
    adaptation.adapt(model, TrainConfig.parse({"adaptation": "head"}, section="train"))
    model.eval()
    whole = WholeModel(model, ROWS, precision="float32")
    frozen = FrozenBody(model, ROWS, tokens=16, precision="float32")
    rows = np.array([2, 0, 1, 3])
    return whole.logits(rows), frozen.logits(rows), frozen


def test_both_sources_agree(model):
    whole, frozen, source = compared(model)
    assert frozen.detach().numpy() == pytest.approx(whole.detach().numpy(), abs=1e-6)
    assert {len(states) for states in source.hidden} == {1}  # BERT's head reads the first token alone


@pytest.mark.parametrize("kind", ["roberta", "distilbert", "electra", "modernbert"])
def test_other_heads_agree_too(kind):
    whole, frozen, source = compared(small(kind))
    assert frozen.detach().numpy() == pytest.approx(whole.detach().numpy(), abs=1e-5)
    if kind == "modernbert":  # its head takes the mean of all tokens
        assert [len(states) for states in source.hidden] == [len(row) for row in ROWS]


def test_only_the_head_gets_a_gradient(model):
    _, frozen, _ = compared(model)
    frozen.sum().backward()
    with_gradient = {name for name, value in model.named_parameters() if value.grad is not None}
    assert with_gradient == set(adaptation.head_parameters(model))


def test_the_body_comes_back(model):
    before = model.base_model
    compared(model)
    assert model.base_model is before


@pytest.mark.parametrize(
    ("width", "wanted"), [(1, 8), (8, 8), (9, 16), (39, 40), (128, 128), (129, 144), (500, 512)]
)
def test_rows_are_widened_to_few_shapes(width, wanted):
    ids, mask = widened(np.full((2, width), 5), np.ones((2, width), dtype=np.int64), 9)
    assert ids.shape == mask.shape == (2, wanted)
    assert (ids[:, :width] == 5).all()
    assert (ids[:, width:] == 9).all()
    assert mask.sum() == 2 * width


def test_a_head_that_reads_hidden_states_alone_stands_alone(model):
    assert head_stands_alone(model, ROWS)


@pytest.mark.parametrize("kind", ["longformer", "deberta-v2"])
def test_so_do_heads_whose_body_hands_on_more(kind):
    assert head_stands_alone(small(kind), ROWS)


@pytest.mark.parametrize("kind", ["gpt2", "bart"])
def test_a_head_that_looks_at_token_ids_does_not(kind):
    assert not head_stands_alone(small(kind), ROWS)
