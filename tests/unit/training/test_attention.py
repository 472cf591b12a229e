"""Attention of training agrees with torch's, in every form, and is put back."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import attention
from bert4text.training.attention import NAME, fast_attention
from bert4text.training.frozen import WholeModel

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
TWO = LabelSpace(task="binary", names=("a", "b"))
ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, 30, 3]]
EVERY = np.arange(len(ROWS))


@pytest.fixture
def model(tiny_encoder):
    loaded = load_encoder(str(tiny_encoder), labels=TWO, seed=1).model
    torch.manual_seed(1)
    for parameter in loaded.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.1)
    return loaded


def learned(model, precision):
    """Logits, and the gradient of their sum for the first layer's queries."""
    model.zero_grad(set_to_none=True)
    logits = WholeModel(model, ROWS, precision=precision).logits(EVERY)
    (logits[:, 0] - logits[:, 1]).sum().backward()
    gradient = model.bert.encoder.layer[0].attention.self.query.weight.grad
    return logits.detach(), gradient.clone()


def test_attention_in_float32_is_the_same_and_is_put_back(model):
    wanted = learned(model, "float32")
    with fast_attention(model):
        assert model.config._attn_implementation == NAME
        got = learned(model, "float32")
    assert model.config._attn_implementation == "sdpa"
    torch.testing.assert_close(got[0], wanted[0], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(got[1], wanted[1], atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("longest", [0, 512])
def test_bfloat16_agrees_written_out_or_in_float32(model, monkeypatch, longest):
    monkeypatch.setattr(attention, "LONGEST", longest)
    wanted = learned(model, "float32")
    with fast_attention(model):
        got = learned(model, "bfloat16")
    assert got[0].dtype == torch.float32
    torch.testing.assert_close(got[0], wanted[0], atol=0.02, rtol=0.02)
    similarity = torch.nn.functional.cosine_similarity(got[1].flatten(), wanted[1].flatten(), dim=0)
    assert similarity > 0.99


def test_short_rows_in_bfloat16_are_written_out(model, monkeypatch):
    calls = []
    monkeypatch.setattr(attention, "_in_float32", lambda *given, **options: calls.append(given) or 1 / 0)
    with fast_attention(model):
        learned(model, "bfloat16")
        assert not calls
        with pytest.raises(ZeroDivisionError):
            learned(model, "float32")


def test_padding_is_not_attended_to(model):
    with fast_attention(model), torch.no_grad():
        source = WholeModel(model.eval(), ROWS, precision="bfloat16")
        together = source.logits(EVERY)
        alone = torch.cat([source.logits(EVERY[place : place + 1]) for place in EVERY])
    torch.testing.assert_close(together, alone, atol=0.02, rtol=0.02)


def test_windows_of_local_attention_stay(tiny_encoder):
    config = transformers.ModernBertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        pad_token_id=0, cls_token_id=2, sep_token_id=3, bos_token_id=None, eos_token_id=None,
        global_attn_every_n_layers=2, local_attention=4, num_labels=2,
    )  # fmt: skip
    torch.manual_seed(2)
    model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
    wanted = WholeModel(model, ROWS, precision="float32").logits(EVERY)
    with fast_attention(model):
        got = WholeModel(model, ROWS, precision="bfloat16").logits(EVERY)
    torch.testing.assert_close(got, wanted, atol=0.02, rtol=0.02)


def test_attention_may_drop(model):
    for module in model.modules():
        if type(module).__name__ == "BertSelfAttention":
            module.dropout.p = 0.5
    model.train()
    with fast_attention(model), torch.no_grad():
        source = WholeModel(model, ROWS, precision="bfloat16")
        first, second = source.logits(EVERY), source.logits(EVERY)
    assert not torch.equal(first, second)


def test_models_of_another_attention_are_left_alone(model):
    model.set_attn_implementation("eager")
    with fast_attention(model):
        assert model.config._attn_implementation == "eager"


def test_who_sees_only_what_came_before_still_does():
    torch.manual_seed(1)
    config = transformers.GPT2Config(
        vocab_size=40, n_embd=32, n_layer=2, n_head=2, n_positions=64, pad_token_id=0, num_labels=2
    )
    config.resid_pdrop = config.embd_pdrop = config.attn_pdrop = 0.0
    model = transformers.GPT2ForSequenceClassification(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    ids = torch.tensor([[5, 9, 8, 7], [6, 11, 12, 13]])

    def logits():
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            return model.score(model.transformer(input_ids=ids)[0]).float()

    wanted = logits()
    with fast_attention(model):
        assert model.config._attn_implementation == NAME
        got = logits()
    torch.testing.assert_close(got, wanted, atol=0.02, rtol=0.02)
