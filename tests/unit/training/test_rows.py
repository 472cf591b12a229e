"""Rows that a step has met learn as under AdamW; the others stay, and clipping counts both kinds."""

from __future__ import annotations

import copy

import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training.rows import RowAdamW, clip, sparse_embeddings

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

SETTINGS = {"lr": 0.01, "betas": (0.9, 0.98), "eps": 1e-7}


def pair():
    """The same table twice: with sparse and with dense gradients."""
    torch.manual_seed(1)
    sparse = torch.nn.Embedding(12, 5, sparse=True)
    dense = torch.nn.Embedding(12, 5)
    dense.weight.data.copy_(sparse.weight.data)
    return sparse, dense


def take(table, optimizer, ids, *, most=1e9):
    optimizer.zero_grad(set_to_none=True)
    (table(torch.tensor(ids)) * torch.arange(1.0, 6.0)).square().sum().backward()
    norm = clip([table.weight], most=most)
    optimizer.step()
    return norm


def test_rows_met_in_each_step_learn_as_under_adamw():
    sparse, dense = pair()
    before = sparse.weight.detach().clone()
    ours = RowAdamW(sparse.parameters(), weight_decay=0.1, **SETTINGS)
    theirs = torch.optim.AdamW(dense.parameters(), weight_decay=0.1, **SETTINGS)
    for _ in range(5):
        norms = [take(table, each, [3, 7, 3]) for table, each in ((sparse, ours), (dense, theirs))]
        torch.testing.assert_close(norms[0], norms[1])
    met = [3, 7]
    torch.testing.assert_close(sparse.weight[met], dense.weight[met], atol=1e-6, rtol=1e-5)
    others = [row for row in range(12) if row not in met]
    assert torch.equal(sparse.weight[others], before[others])
    assert not torch.equal(dense.weight[others], before[others])


def test_rows_met_now_and_then_learn_as_under_sparse_adam():
    sparse, dense = pair()
    dense.sparse = True
    ours = RowAdamW(sparse.parameters(), weight_decay=0.0, **SETTINGS)
    theirs = torch.optim.SparseAdam(dense.parameters(), **SETTINGS)
    for ids in ([1, 2], [2, 5], [1, 1], [9, 2], [1, 5]):
        take(sparse, ours, ids)
        take(dense, theirs, ids)
    torch.testing.assert_close(sparse.weight, dense.weight, atol=1e-5, rtol=1e-4)


def test_clipping_counts_sparse_and_dense_gradients():
    sparse, dense = pair()
    wanted = copy.deepcopy(dense)
    other = torch.nn.Parameter(torch.ones(3))
    for table in (sparse, dense):
        other.grad = None
        (table(torch.tensor([3, 7, 3])).sum() + other.square().sum()).backward()
        norm = clip([table.weight, other], most=1.0)
        whole = torch.cat([table.weight.grad.to_dense().flatten(), other.grad])
        assert float(whole.norm()) == pytest.approx(1.0, abs=1e-4)
        assert float(norm) > 1.0
    (wanted(torch.tensor([3, 7, 3])).sum()).backward()
    torch.testing.assert_close(sparse.weight.grad.to_dense() * norm, wanted.weight.grad, rtol=1e-4, atol=1e-4)


def test_its_state_is_taken_up_again():
    sparse, again = pair()
    again.sparse = True
    ours = RowAdamW(sparse.parameters(), weight_decay=0.1, **SETTINGS)
    for ids in ([1, 2], [2, 5]):
        take(sparse, ours, ids)
    again.weight.data.copy_(sparse.weight.data)
    other = RowAdamW(again.parameters(), weight_decay=0.1, **SETTINGS)
    other.load_state_dict(copy.deepcopy(ours.state_dict()))
    for table, each in ((sparse, ours), (again, other)):
        take(table, each, [2, 9])
    assert torch.equal(sparse.weight, again.weight)


def test_embeddings_of_a_model_are_sparse_for_a_while(tiny_encoder):
    model = load_encoder(str(tiny_encoder), labels=LabelSpace(task="binary", names=("a", "b")), seed=1).model
    with sparse_embeddings(model):
        model(input_ids=torch.tensor([[2, 9, 3]])).logits.sum().backward()
        gradient = model.get_input_embeddings().weight.grad
        assert gradient.is_sparse
        assert sorted(gradient.coalesce().indices()[0].tolist()) == [2, 3, 9]
    assert not model.get_input_embeddings().sparse
