"""What a student learns: the divergence is that of the formula, and each part has its weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.models.hybrid import told
from bert4text.training.config import LossConfig
from bert4text.training.distill_config import TargetsConfig

torch = pytest.importorskip("torch")

from bert4text.training.imitation import Imitation, Targets, divergence  # noqa: E402
from bert4text.training.objectives import objective  # noqa: E402

CPU = torch.device("cpu")
SPACES = {
    "multiclass": LabelSpace(task="multiclass", names=("a", "b", "c")),
    "ordinal": LabelSpace(task="ordinal", names=("1", "2", "3")),
    "multilabel": LabelSpace(task="multilabel", names=("a", "b", "c")),
}
N, K, WIDTH = 6, 3, 4
random = np.random.default_rng(5)
SAID = random.normal(size=(N, K)).astype(np.float32)
LOGITS = torch.from_numpy(random.normal(size=(N, K)).astype(np.float32))
STATES = random.normal(size=(N, WIDTH)).astype(np.float16)


def softmax(values):
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def targets(task, *, labelled=None, states=None):
    many = task == "multilabel"
    truth = np.array([[1, 0, 1]] * N) if many else np.arange(N) % K
    said = told(SAID, Calibrator.untouched(SPACES[task])).astype(np.float32)
    held = np.ones(N, dtype=bool) if labelled is None else np.array(labelled)
    return Targets(truth=truth, labelled=held, told=said, states=states)


def imitation(task, found, **weights):
    config = TargetsConfig.parse(weights, section="distill.targets")
    hard = objective(SPACES[task], found.truth, LossConfig(), device=CPU)
    return Imitation(hard, found, config, many=task == "multilabel", device=CPU), hard


def losses(what, *, beside=None):
    given = LOGITS if beside is None else torch.cat([LOGITS, beside], dim=1)
    return what(given, torch.arange(N)).numpy()


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("task", ["multiclass", "ordinal"])
def test_one_answer_is_compared_as_hinton_does(task, temperature):
    found = targets(task)
    what, _ = imitation(task, found, hard=0, soft=0.7, temperature=temperature)
    p = softmax(np.log(softmax(SAID)) / temperature)
    q = softmax(LOGITS.numpy() / temperature)
    wanted = 0.7 * temperature**2 * (p * (np.log(p) - np.log(q))).sum(axis=1)
    assert losses(what) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_several_labels_are_compared_one_by_one(temperature):
    found = targets("multilabel")
    what, _ = imitation("multilabel", found, hard=0, soft=1, temperature=temperature)
    p = 1 / (1 + np.exp(-SAID / temperature))
    q = 1 / (1 + np.exp(-LOGITS.numpy() / temperature))
    cross = -(p * np.log(q) + (1 - p) * np.log(1 - q)).mean(axis=1)
    own = -(p * np.log(p) + (1 - p) * np.log(1 - p)).mean(axis=1)
    assert losses(what) == pytest.approx(temperature**2 * (cross - own), abs=1e-5)


@given(st.lists(st.floats(-20, 20), min_size=3, max_size=3), st.floats(0.5, 10), st.booleans())
def test_who_answers_as_the_teacher_has_nothing_to_learn(row, temperature, many):
    said = torch.tensor([row], dtype=torch.float32)
    assert float(divergence(said, said, temperature=temperature, many=many)) == pytest.approx(0, abs=1e-5)
    other = said + torch.tensor([[1.0, -1.0, 0.0]])
    assert float(divergence(said, other, temperature=temperature, many=many)) >= -1e-6


@pytest.mark.parametrize("task", list(SPACES))
def test_true_labels_alone_are_the_loss_of_train(task):
    found = targets(task)
    what, hard = imitation(task, found, hard=1, soft=0)
    wanted = hard(LOGITS, torch.from_numpy(found.truth)).numpy()
    assert losses(what).tolist() == wanted.tolist()


@pytest.mark.parametrize("task", list(SPACES))
def test_a_report_without_a_label_has_the_teachers_answer_alone(task):
    found = targets(task, labelled=[True, False] * 3)
    both, hard = imitation(task, found, hard=0.5, soft=1)
    soft, _ = imitation(task, found, hard=0, soft=1)
    added = losses(both) - losses(soft)
    assert added[1::2].tolist() == [0, 0, 0]
    wanted = 0.5 * hard(LOGITS, torch.from_numpy(found.truth)).numpy()[::2]
    assert added[::2] == pytest.approx(wanted, abs=1e-6)


def test_hidden_states_are_compared_by_their_mean_squared_difference():
    beside = torch.from_numpy(random.normal(size=(N, WIDTH)).astype(np.float32))
    with_states, _ = imitation("multiclass", targets("multiclass", states=STATES), hidden=3.0)
    without, _ = imitation("multiclass", targets("multiclass"), hidden=3.0)
    added = losses(with_states, beside=beside) - losses(without)
    wanted = 3.0 * ((beside.numpy() - STATES.astype(np.float32)) ** 2).mean(axis=1)
    assert added == pytest.approx(wanted, rel=1e-4)
    ignored, _ = imitation("multiclass", targets("multiclass", states=STATES), hidden=0)
    assert losses(ignored, beside=beside).tolist() == losses(without).tolist()


def test_targets_are_found_by_their_places():
    found = targets("multiclass")
    what, _ = imitation("multiclass", found)
    places = torch.tensor([4, 0, 2])
    assert what(LOGITS[places], places).numpy() == pytest.approx(losses(what)[[4, 0, 2]])


def test_a_teacher_that_is_certain_gives_no_infinite_loss():
    sure = np.array([[900.0, -900.0, -900.0]] * N, dtype=np.float32)
    said = told(sure, Calibrator()).astype(np.float32)
    found = Targets(np.zeros(N, dtype=np.int64), np.ones(N, dtype=bool), said, None)
    what, _ = imitation("multiclass", found)
    logits = (-torch.from_numpy(sure)).requires_grad_()
    loss = what(logits, torch.arange(N)).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
