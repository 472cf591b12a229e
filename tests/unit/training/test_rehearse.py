"""A rehearsal changes nothing, chooses what is faster, and foretells what the training takes."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.labels import LabelSpace
from bert4text.models.hub import load_encoder
from bert4text.models.torch_backend import TorchBackend
from bert4text.training import rehearse
from bert4text.training.adaptation import optimizer
from bert4text.training.batches import tokenize
from bert4text.training.checkpoints import State, copies
from bert4text.training.config import LossConfig, TrainConfig
from bert4text.training.frozen import WholeModel
from bert4text.training.loop import Fit, steps
from bert4text.training.objectives import objective
from bert4text.training.rehearse import Rehearsal, rehearsed

torch = pytest.importorskip("torch")
TWO = LabelSpace(task="binary", names=("a", "b"))
TEXTS = [f"{word} nódulo {'oval ' * (i % 7)}" for i, word in enumerate(["lisos", "espiculado"] * 16)]
TARGETS = np.array([0, 1] * 16)
CONFIG = TrainConfig.parse(
    {"epochs": 8, "patience": 0, "learning_rate": 1e-3, "precision": "float32", "batches": {"size": 2}},
    section="train",
)


@pytest.fixture
def make(tiny_encoder):
    encoder = load_encoder(str(tiny_encoder), labels=TWO, seed=1)
    backend = TorchBackend(encoder.model, encoder.tokenizer, window=64, stride=32)
    examples = tokenize(backend, TEXTS, TARGETS)

    def made(config):
        return Fit(
            model=encoder.model,
            source=WholeModel(encoder.model, examples.rows, precision=config.precision),
            examples=examples,
            objective=objective(TWO, TARGETS, LossConfig(), device=torch.device("cpu")),
            optimizer=optimizer(encoder.model, config.optimizer, adaptation=config.adaptation),
            validate=lambda: {"score": 0.0, "accuracy": 0.0, "loss": 1.0},
            config=config,
            seed=7,
            state=State(identity={}),
        )

    return made


def clocked(monkeypatch, seconds):
    """Let a step of each precision take so long."""
    taken = []

    def measured(fit, reports, windows):
        taken.append((fit.source.precision, len(reports)))
        return seconds[fit.source.precision]

    monkeypatch.setattr(rehearse, "_seconds", measured)
    return taken


def test_what_was_rehearsed_learns_as_what_was_not(make, tmp_path):
    plain = make(CONFIG)
    before = copies(plain.parameters)
    fit, foretold = rehearsed(make, CONFIG, choice=("float32",), answered=0, work=tmp_path)
    assert foretold is not None
    assert foretold.seconds > 0
    for name, value in before.items():
        assert torch.equal(fit.parameters[name].detach(), value), name
    assert not fit.optimizer.state
    told = list(steps(fit))
    for name, value in before.items():
        fit.parameters[name].data.copy_(value)
    assert [step.loss for step in steps(make(CONFIG))] == [step.loss for step in told]


@pytest.mark.parametrize(
    ("float32", "chosen"), [(2.0, "bfloat16"), (1.0, "bfloat16"), (0.6, "bfloat16"), (0.4, "float32")]
)
def test_float32_is_taken_where_it_is_clearly_faster(make, tmp_path, monkeypatch, float32, chosen):
    taken = clocked(monkeypatch, {"bfloat16": 1.0, "float32": float32})
    config = CONFIG.replace(precision="bfloat16")
    fit, foretold = rehearsed(make, config, choice=("bfloat16", "float32"), answered=0, work=tmp_path)
    assert {precision for precision, _ in taken} == {"bfloat16", "float32"}
    assert foretold.precision == fit.config.precision == fit.source.precision == chosen


def test_a_step_too_short_to_be_measured_keeps_bfloat16(make, tmp_path, monkeypatch):
    taken = clocked(monkeypatch, {"bfloat16": 0.02, "float32": 0.001})
    config = CONFIG.replace(precision="bfloat16")
    fit, _ = rehearsed(make, config, choice=("bfloat16", "float32"), answered=0, work=tmp_path)
    assert {precision for precision, _ in taken} == {"bfloat16"}
    assert fit.config.precision == "bfloat16"


def test_time_grows_with_epochs_and_with_what_is_answered(make, tmp_path, monkeypatch):
    clocked(monkeypatch, {"float32": 0.1})
    tokens = int(make(CONFIG).examples.lengths.sum())

    def seconds(config, answered):
        work = tmp_path / f"{config.epochs}-{answered}"
        return rehearsed(make, config, choice=("float32",), answered=answered, work=work)[1].seconds

    once = seconds(CONFIG, 0)
    assert once == pytest.approx(8 * 16 * 0.1, rel=0.3)  # steps differ in size
    assert seconds(CONFIG.replace(epochs=16), 0) == pytest.approx(2 * once, rel=0.01)
    assert seconds(CONFIG, 3 * tokens) == pytest.approx(2 * once, rel=0.01)


def test_a_training_that_goes_on_keeps_its_arithmetic(make, tmp_path, monkeypatch):
    clocked(monkeypatch, {"bfloat16": 1.0, "float32": 0.3})
    config, choice = CONFIG.replace(precision="bfloat16"), ("bfloat16", "float32")
    _, first = rehearsed(make, config, choice=choice, answered=0, work=tmp_path)
    taken = clocked(monkeypatch, {"bfloat16": 1.0, "float32": 2.0})
    fit, again = rehearsed(make, config, choice=choice, answered=0, work=tmp_path)
    assert not taken
    assert again == first
    assert fit.config.precision == "float32"


def test_a_short_training_is_not_rehearsed(make, tmp_path, monkeypatch):
    taken = clocked(monkeypatch, {"float32": 1.0})
    config = CONFIG.replace(epochs=2)
    work = tmp_path / "work"
    assert rehearsed(make, config, choice=("float32",), answered=0, work=work)[1] is None
    assert not taken
    assert not work.exists()


def test_what_is_long_is_told():
    class Bar:
        def __init__(self):
            self.notes = {}

        def advance(self, n=1):
            pass

        def note(self, key, value):
            self.notes[key] = value

    bar = Bar()
    Rehearsal(seconds=59, memory=2**30, step={"float32": 1}, precision="float32").tell(bar)
    assert not bar.notes
    Rehearsal(seconds=90, memory=2**31, step={"float32": 1}, precision="float32").tell(bar)
    assert bar.notes == {"memory_gib": 2.0, "expected_minutes": 1.5}
