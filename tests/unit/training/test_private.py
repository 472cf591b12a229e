from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from bert4text.core.errors import ConfigError, ModelError
from bert4text.core.labels import LabelSpace
from bert4text.training.config import TrainConfig
from bert4text.training.parts import Part
from bert4text.training.private import PrivateSteps, unit_index
from bert4text.training.private_config import PrivateConfig
from bert4text.training.private_head import Anchor, centre, public_sentences
from bert4text.training.private_settings import private_settings
from bert4text.training.private_temperature import TRIED, draw_temperature
from bert4text.training.secret import Secret, Seeded, normal
from bert4text.training.spending import Plan, delta_of, planned, spent

pytest.importorskip("opacus")
torch = pytest.importorskip("torch")


def private(**given):
    return PrivateConfig.parse({"epsilon": 8, **given}, section="train.private")


def settings(**given):
    return TrainConfig.parse({"private": {"epsilon": 8}, **given}, section="train")


def exact(noise: float, delta: float) -> float:
    """Epsilon of one Gaussian mechanism (Balle & Wang, 2018, theorem 8)."""

    def excess(epsilon: float) -> float:
        first = norm.cdf(0.5 / noise - epsilon * noise)
        return first - math.exp(epsilon) * norm.cdf(-0.5 / noise - epsilon * noise) - delta

    return brentq(excess, 0, 60)


@pytest.mark.parametrize("noise", [0.8, 2.0, 10.0])
def test_what_is_charged_is_not_less_than_what_is_spent(noise: float) -> None:
    charged = spent([(noise, 1.0, 1)], delta=1e-5)
    assert exact(noise, 1e-5) <= charged <= 1.35 * exact(noise, 1e-5)


def test_many_mechanisms_cost_more_than_one_and_drawing_costs_less() -> None:
    once = spent([(2.0, 1.0, 1)], delta=1e-5)
    assert spent([(2.0, 1.0, 10)], delta=1e-5) > once > spent([(2.0, 0.1, 1)], delta=1e-5)


@pytest.mark.parametrize("epsilon", [0.5, 3.0, 20.0])
@pytest.mark.parametrize("centred", [True, False])
def test_a_plan_spends_the_budget_and_no_more(epsilon: float, centred: bool) -> None:
    plan = planned(private(epsilon=epsilon), units=500, rate=0.5, epochs=10, centred=centred)
    assert 0.98 * epsilon < plan.epsilon <= epsilon
    assert plan.steps == 20
    extra = [] if plan.mean_noise is None else [(plan.mean_noise, 1.0, 1)]
    assert (plan.mean_noise is not None) == centred
    assert spent([*extra, (plan.noise, 0.5, 20)], delta=plan.delta) == pytest.approx(plan.epsilon)


def test_a_smaller_budget_and_more_steps_want_more_noise() -> None:
    def noise(epsilon: float, epochs: int) -> float:
        return planned(private(epsilon=epsilon), units=500, rate=0.2, epochs=epochs, centred=False).noise

    assert noise(1, 4) > noise(8, 4) < noise(8, 16)


def test_delta_is_well_below_one_patient_in_all() -> None:
    assert delta_of(private(), units=1200) == pytest.approx(1e-5)
    assert all(delta_of(private(), units=n) * n <= 0.1 + 1e-9 for n in (2, 9, 10, 11, 999, 1000, 1001))
    with pytest.raises(ConfigError) as caught:
        delta_of(private(delta=1e-3), units=1200)
    assert caught.value.error_code == "private-delta"


def test_a_budget_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        planned(private(epsilon=1e-5), units=50, rate=1.0, epochs=1000, centred=False)
    assert caught.value.error_code == "private-budget"


@pytest.mark.parametrize("draws", [Secret(), Seeded(3)])
def test_noise_is_gaussian(draws) -> None:
    from scipy.stats import kstest

    found = normal(draws, 40_001)
    assert found.shape == (40_001,)
    assert kstest(found, "norm").pvalue > 1e-6
    assert kstest(draws.uniform(40_000), "uniform").pvalue > 1e-6


def test_secret_noise_never_repeats_and_seeded_noise_does() -> None:
    assert not np.array_equal(normal(Secret(), 8), normal(Secret(), 8))
    assert np.array_equal(normal(Seeded(3), 8), normal(Seeded(3), 8))
    assert not np.array_equal(normal(Seeded(3), 8), normal(Seeded(4), 8))


def stepping(units, *, rate=1.0, noise=0.0, clip=1.0, width=3, seed=0):
    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(width, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    plan = Plan(8, 1e-5, int(max(units)) + 1, rate, 10, noise, None)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    steps = PrivateSteps(optimizer, np.array(units), plan=plan, clip=clip, draws=Seeded(1))
    return model, steps


def gradient(units, rows, targets, *, clip):
    """The gradient of one step without noise, of all patients, in two parts."""
    model, steps = stepping(units, clip=clip)
    model.train()
    reports = np.arange(len(units))
    with steps.watching(model):
        steps.optimizer.zero_grad(set_to_none=True)
        ones = np.ones(len(units), dtype=np.int64)
        for part in steps.parts(reports, ones, ones, tokens=max(1, len(units) // 2)):
            said = model(torch.from_numpy(rows[part]))
            losses = torch.nn.functional.cross_entropy(
                said, torch.from_numpy(targets[part]), reduction="none"
            )
            steps.learn(losses, part, ones[part])
        steps.optimizer.add_noise()
        found = torch.cat([weight.grad.flatten() for weight in model.parameters()]).numpy()
    return found, model


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 5))
def test_what_one_patient_changes_is_bounded_whatever_its_reports_are(
    seed: int, patients: int, most: int
) -> None:
    random = np.random.default_rng(seed)
    units = np.repeat(np.arange(patients), random.integers(1, most + 1, size=patients))
    rows = (random.normal(size=(len(units), 3)) * 10 ** random.uniform(-2, 3)).astype(np.float32)
    targets = random.integers(2, size=len(units))
    clip = float(10 ** random.uniform(-2, 1))
    everybody, _ = gradient(units, rows, targets, clip=clip)
    kept = units != patients - 1
    others, _ = gradient(units[kept], rows[kept], targets[kept], clip=clip)
    change = np.linalg.norm(everybody * patients - others * (patients - 1))
    assert change <= clip * 1.0001


def test_the_gradient_is_the_sum_of_each_patients_mean_clipped() -> None:
    random = np.random.default_rng(5)
    units = np.array([0, 1, 1, 2, 2, 2])
    rows, targets = random.normal(size=(6, 3)).astype(np.float32), random.integers(2, size=6)
    found, model = gradient(units, rows, targets, clip=0.3)
    total = 0
    for unit in range(3):
        own = units == unit
        said = model(torch.from_numpy(rows[own]))
        loss = torch.nn.functional.cross_entropy(said, torch.from_numpy(targets[own]))
        parts = torch.autograd.grad(loss, list(model.parameters()))
        flat = torch.cat([part.flatten() for part in parts])
        total = total + flat * min(1.0, 0.3 / float(flat.norm()))
    np.testing.assert_allclose(found, (total / 3).numpy(), atol=1e-5)


def test_noise_is_added_where_nobody_was_drawn() -> None:
    model, steps = stepping([0, 1, 2], noise=5.0)
    before = [weight.detach().clone() for weight in model.parameters()]
    with steps.watching(model):
        steps.optimizer.zero_grad(set_to_none=True)
        steps.optimizer.step()
    assert all(bool((old != new).all()) for old, new in zip(before, model.parameters(), strict=True))


def test_an_encoder_that_mixes_reports_is_refused() -> None:
    _, steps = stepping([0, 1])
    mixing = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    with pytest.raises(ModelError) as caught, steps.watching(mixing):
        pass
    assert caught.value.error_code == "no-private-gradient"


def test_whole_patients_are_drawn_by_chance() -> None:
    units = unit_index(["b", "a", "b", "c", "a"] * 40 + [f"x{i}" for i in range(400)])
    _, steps = stepping(units, rate=0.25)
    order = [reports for _ in range(50) for reports in steps.order()]
    assert len(order) == 200
    counts = np.bincount(units)
    for reports in order:
        assert all(
            np.bincount(units[reports], minlength=len(counts))[units[reports]] == counts[units[reports]]
        )
    sizes = np.array([len(np.unique(units[reports])) for reports in order])
    assert abs(sizes.mean() - 0.25 * len(counts)) < 5
    assert sizes.std() > 4  # of a fixed number it would be 0


@pytest.mark.parametrize(
    "given",
    [
        {"adaptation": "full"},
        {"encoder": "tfidf"},
        {"patience": 2},
        {"folds": {"count": 5}},
        {"folds": {"refit": True}},
        {"batches": {"size": 8}},
        {"batches": {"balanced": True}},
        {"loss": {"class_weights": "sqrt"}},
        {"loss": {"logit_adjustment": 1.0}},
        {"calibration": {"thresholds": True}},
        {"calibration": {"deliver": "hybrid"}},
        {"optimizer": {"head_start": True}},
        {"windows": {"pooling": "learned"}},
    ],
)
def test_what_would_tell_of_reports_is_refused(given) -> None:
    with pytest.raises(ConfigError) as caught:
        private_settings(settings(**given))
    assert caught.value.error_code == "not-private"


def test_a_private_training_chooses_nothing_by_reports() -> None:
    found = private_settings(settings())
    assert found.adapt.reads == "first"  # their count, which `auto` asks for, is not told
    assert private_settings(settings(adapt={"reads": "mean"})).adapt.reads == "mean"
    assert (found.adaptation, found.patience, found.precision) == ("head", 0, "float32")
    assert found.loss.class_weights == "none"
    assert not found.optimizer.head_start
    assert not found.calibration.thresholds
    assert private_settings(settings(adaptation="lora", epochs=3)).epochs == 3


def test_settings_as_they_were_used_can_be_used_again() -> None:
    once = private_settings(settings(batches={"tokens": 512}))
    again = private_settings(TrainConfig.parse(once.model_dump(), section="train"))
    assert again == once


SPACE = LabelSpace(task="binary", names=("a", "b"))


def calibration_part(n=300, *, patients=None):
    random = np.random.default_rng(3)
    logits = random.normal(size=(n, 2)) * 2
    chance = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)  # the right temperature is 2
    drawn = (random.random(n) < chance[:, 1]).astype(int)
    groups = [f"p{i % (patients or n)}" for i in range(n)]
    return logits, Part([""] * n, groups, np.eye(2, dtype=bool)[drawn], False)


def test_a_generous_budget_finds_the_temperature_and_a_tiny_one_guesses() -> None:
    logits, part = calibration_part()

    def drawn(epsilon: float, seed: int) -> float:
        return draw_temperature(
            logits, part, label_space=SPACE, epsilon=epsilon, draws=Seeded(seed)
        ).temperature

    assert all(1.4 < drawn(50, seed) < 3 for seed in range(20))
    assert len({drawn(1e-6, seed) for seed in range(60)}) > len(TRIED) / 2


def test_one_patient_changes_the_chance_of_a_temperature_by_no_more_than_epsilon(monkeypatch) -> None:
    logits, part = calibration_part(40)
    epsilon, found = 0.7, []
    for rows in (np.arange(40), np.arange(39)):
        seen = []
        for seed in range(3000):
            some = part.select(rows)
            one = draw_temperature(
                logits[rows] * 30, some, label_space=SPACE, epsilon=epsilon, draws=Seeded(seed)
            )
            seen.append(one.temperature)
        found.append(np.array([np.mean(np.isclose(seen, value)) for value in TRIED]))
        seen.clear()
    common = (found[0] > 0.02) & (found[1] > 0.02)
    assert (np.abs(np.log(found[0][common] / found[1][common])) <= epsilon + 0.35).all()


def test_a_head_is_centred_on_a_mean_that_one_patient_hardly_moves() -> None:
    random = np.random.default_rng(0)
    common = random.normal(size=16) * 5
    features = common + random.normal(size=(2000, 16))
    anchor = Anchor(common + 0.5, 4.5)
    layer = torch.nn.Linear(16, 16)
    centre(layer, features, anchor=anchor, noise=0.0, draws=Seeded(0))
    with torch.no_grad():
        seen = layer(torch.from_numpy(features).float()).numpy()
    assert np.abs(seen.mean(axis=0)).max() < 0.15
    assert 0.5 < seen.std() < 1.5
    assert not layer.weight.requires_grad
    far = np.vstack([features, np.full((1, 16), 1e9)])
    before = layer.bias.detach().clone()
    centre(layer, far, anchor=anchor, noise=0.0, draws=Seeded(0))
    assert float((layer.bias - before).norm()) < 2 * 4 / 2000 * 4.5
    assert len(public_sentences()) > 20
