"""Checkpoints: whole or not at all, bounded, and refused by another training."""

from __future__ import annotations

import json

import pytest

from bert4text.core.errors import ModelError
from bert4text.training.checkpoints import Checkpoints, State, copies, put, restore

torch = pytest.importorskip("torch")
WHO = {"corpus": "c", "settings": "s"}


def trained(seed=0):
    torch.manual_seed(seed)
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, fused=True)
    for _ in range(3):
        step(model, optimizer)
    return model, optimizer


def step(model, optimizer):
    optimizer.zero_grad()
    model(torch.arange(6.0).reshape(2, 3)).pow(2).sum().backward()
    optimizer.step()


def parameters(model):
    return dict(model.named_parameters())


def test_nothing_there_is_nothing_to_go_on_from(tmp_path):
    assert Checkpoints(tmp_path / "none", WHO).load() is None


def test_the_next_step_is_the_one_that_was_not_taken(tmp_path):
    model, optimizer = trained()
    kept = Checkpoints(tmp_path, WHO)
    state = State(identity=WHO, step=3, best=0.5, best_loss=0.1, best_step=2)
    best = copies(parameters(model))
    kept.save(state, parameters(model), optimizer, best=best)
    step(model, optimizer)

    fresh, other = trained(seed=9)
    found, weights, moments, best_found = Checkpoints(tmp_path, WHO).load()
    assert found == state
    restore(other, parameters(fresh), weights=weights, kept=moments)
    step(fresh, other)
    for name, value in parameters(model).items():
        assert torch.equal(value, parameters(fresh)[name])
        assert torch.equal(best[name], best_found[name])


def test_one_checkpoint_and_one_best_stay(tmp_path):
    model, optimizer = trained()
    kept = Checkpoints(tmp_path, WHO)
    for number, best_step in ((1, 0), (2, 2), (3, 2), (4, 4)):
        state = State(identity=WHO, step=number, best=None if not best_step else 0.5, best_step=best_step)
        kept.save(state, parameters(model), optimizer, best=parameters(model) if best_step else None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best-00000004.safetensors", "step-00000004"]
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".safetensors", ".json"}


def test_a_half_written_checkpoint_is_not_read(tmp_path):
    model, optimizer = trained()
    kept = Checkpoints(tmp_path, WHO)
    kept.save(State(identity=WHO, step=3), parameters(model), optimizer, best=None)
    (tmp_path / ".step-00000004.partial-999999999").mkdir()
    (tmp_path / ".best-00000004.safetensors.partial-999999999").write_bytes(b"half")
    state, *_ = Checkpoints(tmp_path, WHO).load()
    assert state.step == 3
    kept.save(State(identity=WHO, step=5), parameters(model), optimizer, best=None)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000005"]


def test_a_checkpoint_of_another_training_is_refused(tmp_path):
    model, optimizer = trained()
    Checkpoints(tmp_path, WHO).save(State(identity=WHO, step=3), parameters(model), optimizer, best=None)
    with pytest.raises(ModelError, match="another training: corpus differ") as caught:
        Checkpoints(tmp_path, {**WHO, "corpus": "d"}).load()
    assert caught.value.error_code == "checkpoint-mismatch"
    assert caught.value.values["parts"] == ["corpus"]


@pytest.mark.parametrize("damage", ["json", "tensors", "missing", "format"])
def test_a_broken_checkpoint_is_refused(tmp_path, damage):
    model, optimizer = trained()
    Checkpoints(tmp_path, WHO).save(State(identity=WHO, step=3), parameters(model), optimizer, best=None)
    place = tmp_path / "step-00000003"
    if damage == "json":
        (place / "state.json").write_text("{")
    elif damage == "tensors":
        (place / "model.safetensors").write_bytes(b"\x00" * 40)
    elif damage == "missing":
        (place / "optimizer.safetensors").unlink()
    else:
        state = json.loads((place / "state.json").read_text())
        (place / "state.json").write_text(json.dumps({**state, "format": "checkpoint/9"}))
    with pytest.raises(ModelError) as caught:
        Checkpoints(tmp_path, WHO).load()
    assert caught.value.error_code == "bad-checkpoint"
    assert caught.value.__cause__ is None


def test_writing_is_bounded_by_its_cost(tmp_path, monkeypatch):
    clock = iter([0.0, 10.0, 12.0, 20.0, 31.9, 32.1])
    monkeypatch.setattr("bert4text.training.checkpoints.time.monotonic", lambda: next(clock))
    model, optimizer = trained()
    kept = Checkpoints(tmp_path, WHO)
    kept.save(State(identity=WHO, step=3), parameters(model), optimizer, best=None)  # took 2 s
    assert [kept.affordable() for _ in range(3)] == [False, False, True]


def test_discarding_leaves_nothing(tmp_path):
    model, optimizer = trained()
    kept = Checkpoints(tmp_path / "kept", WHO)
    kept.save(State(identity=WHO, step=3), parameters(model), optimizer, best=None)
    kept.discard()
    assert not (tmp_path / "kept").exists()
    kept.discard()


def test_weights_are_put_back_in_place():
    model, _ = trained()
    before = copies(parameters(model))
    with torch.no_grad():
        model.weight.add_(1)
    place = model.weight.data_ptr()
    put(parameters(model), before)
    assert torch.equal(model.weight, before["weight"])
    assert model.weight.data_ptr() == place
