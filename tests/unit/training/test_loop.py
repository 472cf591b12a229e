"""The loop: parts add up, seeds decide, early stopping stops, best weights come back."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.errors import GuardError
from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend
from bert4text.training import adaptation
from bert4text.training.batches import tokenize
from bert4text.training.checkpoints import State, copies
from bert4text.training.config import LossConfig, TrainConfig
from bert4text.training.frozen import WholeModel
from bert4text.training.loop import Fit, over, pooled, steps
from bert4text.training.objectives import objective

torch = pytest.importorskip("torch")
TWO = LabelSpace(task="binary", names=("a", "b"))
TEXTS = [f"{word} nódulo {'oval ' * (i % 7)}" for i, word in enumerate(["lisos", "espiculado"] * 16)]
TARGETS = np.array([0, 1] * 16)


def fit(tiny_encoder, *, scores=None, hidden=None, **settings):
    config = TrainConfig.parse(
        {"epochs": 2, "patience": 0, "learning_rate": 1e-3, "precision": "float32", **settings},
        section="train",
    )
    encoder = load_encoder(str(tiny_encoder), labels=TWO, seed=1)
    backend = TorchBackend(
        encoder.model, encoder.tokenizer, window=config.windows.size or 64, stride=config.windows.stride
    )
    adaptation.adapt(encoder.model, config)
    adaptation.set_dropout(encoder.model, hidden=hidden, attention=0.0)
    examples = tokenize(backend, TEXTS, TARGETS)
    given = iter(scores or [0.1 * i for i in range(1, 100)])
    return Fit(
        model=encoder.model,
        source=WholeModel(encoder.model, examples.rows, precision="float32"),
        examples=examples,
        objective=objective(TWO, TARGETS, LossConfig(), device=torch.device("cpu")),
        optimizer=adaptation.optimizer(encoder.model, config.optimizer, adaptation=config.adaptation),
        validate=lambda: {"score": next(given), "accuracy": 0.0, "loss": 1.0},
        config=config,
        seed=7,
        state=State(identity={}),
    )


def run(what):
    return list(steps(what)), copies(what.parameters)


def test_each_step_is_told(tiny_encoder):
    told, _ = run(fit(tiny_encoder))
    assert [step.step for step in told] == [1, 2, 3, 4]
    assert [step.epoch for step in told] == [1, 1, 2, 2]
    assert [step.validation is not None for step in told] == [False, True, False, True]
    assert all(step.tokens > 16 * 4 for step in told)
    assert [step.seconds for step in told] == sorted(step.seconds for step in told)


@pytest.mark.parametrize("windows", [{}, {"size": 8, "stride": 3}])
def test_parts_of_a_step_equal_the_step_at_once(tiny_encoder, windows):
    whole, one = run(fit(tiny_encoder, hidden=0.0, batches={"tokens": 8192}, windows=windows))
    parted, other = run(fit(tiny_encoder, hidden=0.0, batches={"tokens": 16 * 4}, windows=windows))
    assert [s.loss for s in parted] == pytest.approx([s.loss for s in whole], abs=1e-6)
    for name, value in one.items():
        assert other[name].numpy() == pytest.approx(value.numpy(), abs=2e-5), name


def test_the_seed_decides_everything(tiny_encoder):
    told, weights = run(fit(tiny_encoder))
    again, same = run(fit(tiny_encoder))
    assert [s.loss for s in told] == [s.loss for s in again]
    assert all(torch.equal(value, same[name]) for name, value in weights.items())
    other = fit(tiny_encoder)
    other.seed = 8
    _, different = run(other)
    assert not torch.equal(weights["classifier.weight"], different["classifier.weight"])


def test_the_callers_random_state_is_left_alone(tiny_encoder):
    what = fit(tiny_encoder)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    run(what)
    assert torch.equal(torch.rand(3), expected)


def test_it_stops_when_it_no_longer_gets_better(tiny_encoder):
    what = fit(tiny_encoder, scores=[0.5, 0.7, 0.6, 0.7, 0.9], epochs=9, patience=2)
    told, _ = run(what)
    assert told[-1].epoch == 4
    assert what.state.best_step == 4
    assert over(what)
    assert list(steps(what)) == []


def test_without_patience_it_goes_on(tiny_encoder):
    told, _ = run(fit(tiny_encoder, scores=[0.5, 0.4, 0.3, 0.2], epochs=4))
    assert told[-1].epoch == 4


def test_the_best_weights_come_back(tiny_encoder):
    what = fit(tiny_encoder, scores=[0.9, 0.1])
    running = steps(what)
    best = [copies(what.parameters) for step in running if step.epoch == 1][-1]
    assert not all(torch.equal(value, best[name]) for name, value in what.parameters.items())
    what.restore_best()
    assert all(torch.equal(value, best[name]) for name, value in what.parameters.items())


def test_a_loss_that_is_no_number_stops_training(tiny_encoder):
    what = fit(tiny_encoder)
    what.objective = lambda logits, targets: logits.sum(dim=1) * float("nan")
    before = copies(what.parameters)
    with pytest.raises(GuardError) as caught:
        run(what)
    assert caught.value.error_code == "diverged"
    assert all(torch.equal(value, before[name]) for name, value in what.parameters.items())


def test_the_head_learns_faster_by_its_factor(tiny_encoder):
    what = fit(tiny_encoder, optimizer={"head_factor": 3.0, "warmup": 0.0})
    told, _ = run(what)
    assert told[0].learning_rate == pytest.approx(1e-3)
    rates = {group["factor"]: group["lr"] for group in what.optimizer.param_groups}
    assert rates[3.0] == pytest.approx(3 * rates[1.0])


def test_windows_are_pooled_as_the_backend_pools_them():
    logits = torch.tensor([[1.0, 0.0], [3.0, -2.0], [5.0, 5.0]])
    counts = np.array([2, 1])
    assert pooled(logits, counts, how="mean").tolist() == [[2.0, -1.0], [5.0, 5.0]]
    assert pooled(logits, counts, how="max").tolist() == [[3.0, 0.0], [5.0, 5.0]]
    assert pooled(logits, np.ones(3, dtype=int), how="mean") is logits


def test_dropout_follows_the_seed_and_not_what_torch_drew_before(tiny_encoder):
    torch.manual_seed(1)
    told, _ = run(fit(tiny_encoder, hidden=0.4))
    torch.manual_seed(2)
    again, _ = run(fit(tiny_encoder, hidden=0.4))
    assert [step.loss for step in again] == [step.loss for step in told]
    other = fit(tiny_encoder, hidden=0.4)
    other.seed = 8
    assert [step.loss for step in run(other)[0]] != [step.loss for step in told]


@pytest.mark.parametrize("last", [False, True])
def test_the_best_weights_come_back_or_the_last(tiny_encoder, last):
    what = fit(tiny_encoder, scores=[0.9, 0.1])
    what.last = last
    _, after = run(what)
    what.restore_best()
    kept = copies(what.parameters)
    assert all(torch.equal(value, after[name]) for name, value in kept.items()) is last
