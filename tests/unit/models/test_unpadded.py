"""Rows laid end to end give the logits, embeddings and gradients of the padded model."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from bert4text.models import varlen  # noqa: E402 - after importorskip
from bert4text.models.body import last_layer  # noqa: E402
from bert4text.models.token_batches import pad  # noqa: E402
from bert4text.models.unpadded import first_position, unpadded  # noqa: E402

ROWS = [[2, 9, 8, 7, 3], [2, 3], [2, 11, 12, 13, 14, 15, 16, 3], [2, *range(4, 39), 3], [2]]
BERT = {
    "vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "pad_token_id": 0, "num_labels": 2, "max_position_embeddings": 200,
    "attention_probs_dropout_prob": 0.0,
}  # fmt: skip
ROBERTA = {**BERT, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
MODERN = {
    **BERT, "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": None, "eos_token_id": None,
    "global_attn_every_n_layers": 2, "local_attention": 8,
}  # fmt: skip
CAN = {
    "bert": ("BertConfig", BERT),
    "roberta": ("RobertaConfig", ROBERTA),
    "xlm-roberta": ("XLMRobertaConfig", ROBERTA),
    "distilbert": (
        "DistilBertConfig",
        {
            "vocab_size": 40,
            "dim": 16,
            "n_layers": 2,
            "n_heads": 2,
            "hidden_dim": 32,
            "num_labels": 2,
            "attention_dropout": 0.0,
        },
    ),
    "electra": ("ElectraConfig", {**BERT, "embedding_size": 8}),
    "modernbert": ("ModernBertConfig", {**MODERN, "classifier_pooling": "cls"}),
    "modernbert, mean": ("ModernBertConfig", {**MODERN, "classifier_pooling": "mean"}),
}
CANNOT = {
    "deberta": ("DebertaV2Config", BERT),
    "mpnet": ("MPNetConfig", BERT),
    "gpt2": (
        "GPT2Config",
        {"vocab_size": 40, "n_embd": 16, "n_layer": 1, "n_head": 2, "num_labels": 2, "pad_token_id": 0},
    ),
}


def made(kind):
    name, settings = {**CAN, **CANNOT}[kind]
    torch.manual_seed(5)
    config = getattr(transformers, name)(**settings)
    model = transformers.AutoModelForSequenceClassification.from_config(config).eval()
    for parameter in model.parameters():  # as far apart as those of a trained one
        torch.nn.init.normal_(parameter, std=0.1)
    return model


def padded(model, rows):
    ids, mask = (torch.from_numpy(side) for side in pad(rows, padding=model.config.pad_token_id))
    with last_layer(model) as seen:
        logits = model(input_ids=ids, attention_mask=mask).logits
    weights = mask[:, :, None].float()
    return logits, (seen[0] * weights).sum(dim=1) / weights.sum(dim=1)


def end_to_end(found, rows):
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    together = found.packed(np.concatenate([np.array(row, dtype=np.int64) for row in rows]), lengths)
    hidden = found.hidden(together)
    assert hidden.shape[0] == sum(map(len, rows))
    return found.logits(hidden, together), found.means(hidden, together)


def gradients(model, logits, means):
    model.zero_grad(set_to_none=True)
    (logits[:, 0] - logits[:, 1]).sum().add(means.square().sum()).backward()
    return {name: value.grad for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("kind", CAN)
def test_answers_and_gradients_are_those_of_the_padded_model(kind):
    model = made(kind)
    found = unpadded(model, precision="float32", learns=True)
    assert found is not None
    assert found.first_only == (kind != "modernbert, mean")
    wanted, wanted_means = padded(model, ROWS)
    wanted_gradients = gradients(model, wanted, wanted_means)
    got, means = end_to_end(found, ROWS)
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(means, wanted_means, atol=1e-5, rtol=1e-5)
    got_gradients = gradients(model, got, means)
    assert got_gradients.keys() == wanted_gradients.keys()
    for name, gradient in wanted_gradients.items():
        torch.testing.assert_close(got_gradients[name], gradient, atol=1e-4, rtol=1e-3, msg=name)


@pytest.mark.parametrize("kind", CANNOT)
def test_a_model_that_attends_or_answers_in_its_own_way_stays_padded(kind):
    model = made(kind)
    wanted, _ = padded(model, ROWS[:4]) if kind != "gpt2" else (None, None)
    assert unpadded(model, precision="float32") is None
    if wanted is not None:
        torch.testing.assert_close(padded(model, ROWS[:4])[0], wanted, atol=0, rtol=0)


@pytest.mark.parametrize("kind", CAN)
def test_nothing_is_left_on_the_model(kind):
    model = made(kind).train()
    before = (model.base_model, model.config._attn_implementation, copy.deepcopy(model.config.to_dict()))
    state = torch.random.get_rng_state()
    found = unpadded(model, precision="float32", learns=True)
    assert torch.equal(torch.random.get_rng_state(), state)
    end_to_end(found, ROWS)
    after = (model.base_model, model.config._attn_implementation, model.config.to_dict())
    assert before == after
    assert model.training
    assert not any(hooked(module) for module in model.modules())


def hooked(module):
    return [hook for hook in module._forward_hooks.values() if "bert4text" in hook.__module__]


@pytest.mark.parametrize(
    ("kind", "first"), [("bert", 0), ("roberta", 2), ("distilbert", 0), ("modernbert", 0)]
)
def test_the_first_position_is_the_models_own(kind, first):
    assert first_position(made(kind)) == first


def test_padding_inside_a_text_has_the_position_the_model_gives_it():
    model = made("roberta")
    rows = [[0, 9, 1, 8, 2], [0, 1, 1, 7, 2], [0, 5, 2]]
    wanted, _ = padded(model, rows)
    torch.testing.assert_close(end_to_end(unpadded(model, precision="float32"), rows)[0], wanted)


def test_attention_that_drops_cannot_be_trained_so():
    config = transformers.BertConfig(**{**BERT, "attention_probs_dropout_prob": 0.1})
    model = transformers.AutoModelForSequenceClassification.from_config(config)
    assert unpadded(model, precision="float32") is not None
    assert unpadded(model, precision="float32", learns=True) is None


@pytest.fixture(scope="module")
def roberta():
    model = made("roberta")
    return unpadded(model, precision="float32")


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.lists(st.integers(2, 39), min_size=1, max_size=60), min_size=1, max_size=7),
    order=st.randoms(),
)
def test_neither_order_nor_neighbours_change_an_answer(roberta, rows, order):
    with torch.no_grad():
        alone = [end_to_end(roberta, [row]) for row in rows]
        mixed = list(range(len(rows)))
        order.shuffle(mixed)
        logits, means = end_to_end(roberta, [rows[place] for place in mixed])
    for place, row in enumerate(mixed):
        torch.testing.assert_close(logits[place], alone[row][0][0], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(means[place], alone[row][1][0], atol=1e-5, rtol=1e-5)


def one_call(
    query, key, value, cu_seq_q, cu_seq_k, max_q, max_k, *, return_aux=None, scale=None,
    window_size=(-1, -1), enable_gqa=False, seqused_k=None, block_table=None, num_splits=None,
):  # fmt: skip
    """As torch's kernel: all that it takes and refuses, computed another way than by our reference."""
    assert query.ndim == key.ndim == value.ndim == 3
    assert query.shape == key.shape == value.shape
    assert query.dtype in varlen.HALF
    assert all(states.stride(-1) == 1 for states in (query, key, value))
    assert cu_seq_q.dtype == cu_seq_k.dtype == torch.int32
    lengths = cu_seq_q.diff()
    assert isinstance(max_q, int)
    assert max_q == max_k == int(lengths.max())
    row = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    place = torch.arange(len(query))
    seen = row[:, None] == row[None, :]
    left, right = window_size
    if left >= 0:
        seen &= place[:, None] - place[None, :] <= left
    if right >= 0:
        seen &= place[None, :] - place[:, None] <= right
    scores = torch.einsum("qhd,khd->hqk", query.float(), key.float()) * (scale or query.shape[-1] ** -0.5)
    shares = scores.masked_fill(~seen, -torch.inf).softmax(dim=-1)
    return torch.einsum("hqk,khd->qhd", shares, value.float()).to(query.dtype)


def test_the_kernel_is_called_as_torch_has_it():
    function = pytest.importorskip("torch.nn.attention.varlen").varlen_attn
    told = inspect.signature(function).parameters.values()
    known = inspect.signature(one_call).parameters.values()
    assert [(one.name, one.kind, one.default) for one in told] == [
        (one.name, one.kind, one.default) for one in known
    ]
    assert varlen.varlen_attn is function


@pytest.mark.parametrize("kind", CAN)
def test_one_call_for_all_rows_gives_the_same(kind, monkeypatch):
    model = made(kind)
    wanted, wanted_means = padded(model, ROWS)
    calls = []

    def counted(*states, **options):
        calls.append(options["window_size"])
        return one_call(*states, **options)

    monkeypatch.setattr(varlen, "varlen_attn", counted)
    monkeypatch.setattr(varlen, "fused", lambda query: query.dtype in varlen.HALF)
    found = unpadded(model, precision="bfloat16", learns=True)
    got, means = end_to_end(found, ROWS)
    assert set(calls) == ({(-1, -1), (4, 4)} if kind.startswith("modern") else {(-1, -1)})
    torch.testing.assert_close(got, wanted, atol=0.05, rtol=0.05)
    torch.testing.assert_close(means, wanted_means, atol=0.05, rtol=0.05)
    with_gradient = gradients(model, got, means)
    likeness = torch.nn.functional.cosine_similarity
    for name, gradient in gradients(model, *padded(model, ROWS)).items():
        if gradient.norm() > 1e-3:
            assert likeness(with_gradient[name].flatten(), gradient.flatten(), dim=0) > 0.98, name


@pytest.mark.parametrize("absent", [ImportError, AttributeError])
def test_a_torch_without_the_kernel_goes_without(absent, monkeypatch):
    def fail(name):
        raise absent

    monkeypatch.setattr(varlen.importlib, "import_module", fail)
    assert varlen._found() is None


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("kind", CAN)
def test_the_real_kernel_gives_the_same(kind):
    model = made(kind)
    wanted, wanted_means = padded(model, ROWS)
    found = unpadded(model.cuda(), precision="bfloat16", learns=True)
    assert found is not None
    got, means = end_to_end(found, ROWS)
    torch.testing.assert_close(got.cpu(), wanted, atol=0.05, rtol=0.05)
    torch.testing.assert_close(means.cpu(), wanted_means, atol=0.05, rtol=0.05)
    assert all(torch.isfinite(value).all() for value in gradients(model, got, means).values())
