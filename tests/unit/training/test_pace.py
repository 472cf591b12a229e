"""The pace of a training: tokens that were learned from, beside what the processor multiplies."""

from __future__ import annotations

import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.training import pace as module
from bert4text.training.loop import Step
from bert4text.training.pace import expected, pace

pytest.importorskip("torch")
MEASURED = {"macro_f1": 0.5, "accuracy": 0.5, "loss": 1.0}


def steps(*seconds, tokens=100, validated=()):
    return [
        Step(
            step=number, epoch=1, loss=1.0, learning_rate=1e-4, tokens=tokens, seconds=at,
            validation=MEASURED if number in validated else None,
        )
        for number, at in enumerate(seconds, start=1)
    ]  # fmt: skip


@pytest.fixture
def model(tiny_encoder):
    return load_encoder(str(tiny_encoder), labels=LabelSpace(task="binary", names=("a", "b")), seed=1).model


@pytest.fixture
def peak(monkeypatch):
    asked = []
    monkeypatch.setattr(module, "_peak", lambda shapes, kind: asked.append((shapes, kind)) or 0.01)
    return asked


def test_neither_the_first_step_nor_validation_counts(model, peak):
    taken = steps(9.0, 11.0, 13.0, 90.0, 95.0, 97.0, validated={4})
    found = pace(taken, model, precision="float32")
    assert found.tokens_per_second == 50.0  # three steps of 100 tokens in two seconds each
    work = (4 + 3) * 32 * 32 + 2 * 32 * 64  # weights of a layer, and of the last until its attention
    assert found.gflops == pytest.approx(2 * 3 * 50 * work / 1e9, abs=0.05)
    assert [len(shapes) for shapes, _ in peak] == [9]


@pytest.mark.parametrize("taken", [[], steps(1.0), steps(1.0, 1.5, 2.0)])
def test_too_little_tells_nothing(model, peak, taken):
    assert pace(taken, model, precision="float32") is None
    assert not peak


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_products_are_measured(precision):
    found = expected([(32, 64), (64, 32)], precision=precision)
    assert found["peak"] > 0
    assert found["tokens_per_second"] > 0
