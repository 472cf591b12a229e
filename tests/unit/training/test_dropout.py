"""Cheap dropout is dropout: the share, the expectation, the gradient, the seed."""

from __future__ import annotations

import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training.dropout import CheapDropout, cheapen

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


def dropped(share, *, dtype, shape=(333, 401)):
    torch.manual_seed(3)
    values = torch.ones(shape, dtype=dtype, requires_grad=True)
    return values, CheapDropout(share).train()(values)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_share_and_expectation(share, dtype):
    _, got = dropped(share, dtype=getattr(torch, dtype))
    got = got.detach()
    gone = float((got == 0).float().mean())
    assert gone == pytest.approx(share, abs=0.005)
    assert float(got.float().mean()) == pytest.approx(1.0, abs=0.005)
    assert len(got.unique()) == 2


def test_every_place_is_dropped_as_often_as_another():
    """Four numbers are cut from each that is drawn: none of the four may be favoured."""
    got = dropped(0.5, dtype=torch.float32, shape=(200_000,))[1].detach()
    shares = (got.reshape(-1, 4) == 0).float().mean(dim=0)
    assert shares.tolist() == pytest.approx([0.5] * 4, abs=0.01)
    pairs = (got.reshape(-1, 4)[:, :-1] == got.reshape(-1, 4)[:, 1:]).float().mean()
    assert float(pairs) == pytest.approx(0.5, abs=0.01)


def test_the_gradient_passes_where_the_value_did():
    values, got = dropped(0.3, dtype=torch.float32)
    got.sum().backward()
    torch.testing.assert_close(values.grad, got.detach())


def test_a_seed_fixes_it_and_another_draws_anew():
    first = dropped(0.3, dtype=torch.float32)[1]
    assert torch.equal(first, dropped(0.3, dtype=torch.float32)[1])
    torch.manual_seed(4)
    assert not torch.equal(first, CheapDropout(0.3).train()(torch.ones(333, 401)))


@pytest.mark.parametrize(("share", "training"), [(0.0, True), (0.5, False)])
def test_nothing_is_dropped(share, training):
    values = torch.randn(7, 5)
    assert torch.equal(CheapDropout(share).train(mode=training)(values), values)


def test_everything_may_be_dropped():
    assert not CheapDropout(1.0).train()(torch.ones(7, 5)).any()


def test_a_model_keeps_its_weights_and_shares(tiny_encoder):
    model = load_encoder(str(tiny_encoder), labels=LabelSpace(task="binary", names=("a", "b")), seed=1).model
    before = list(model.state_dict())
    shares = [module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)]
    cheapen(model)
    kinds = {type(module) for module in model.modules() if isinstance(module, torch.nn.Dropout)}
    assert kinds == {CheapDropout}
    assert list(model.state_dict()) == before
    assert [module.p for module in model.modules() if isinstance(module, torch.nn.Dropout)] == shares
