"""How logits become probabilities: a temperature, unless reports show beyond noise that more is needed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from bert4text.core.labels import LabelSpace
from bert4text.models.calibration import Calibrator
from bert4text.training.calibrate import losses
from bert4text.training.calibrators import fit_calibrator, fit_sets_of, out_of_fold

THREE = LabelSpace(task="multiclass", names=("a", "b", "c"))
MANY = LabelSpace(task="multilabel", names=("a", "b", "c"))


def true_of(random, probabilities, *, many):
    if many:
        return random.random(probabilities.shape) < probabilities
    drawn = (probabilities.cumsum(axis=1) > random.random((len(probabilities), 1))).argmax(axis=1)
    return np.eye(probabilities.shape[1], dtype=np.bool_)[drawn]


def world(random, n, *, space=THREE, bend=lambda logits: logits):
    """Logits, and labels drawn by what they should have been."""
    logits = random.normal(0, 2, (n, 3))
    link = expit if space is MANY else lambda values: softmax(values, axis=1)
    return logits, true_of(random, link(bend(logits)), many=space is MANY)


@pytest.mark.parametrize("space", [THREE, MANY])
def test_a_temperature_where_nothing_else_is_wrong(space):
    kinds = []
    for seed in range(8):
        logits, truth = world(np.random.default_rng(seed), 400, space=space, bend=lambda values: values / 2)
        found = fit_calibrator(logits, truth, label_space=space, seed=seed)
        kinds.append(found.kind)
        if found.kind == "temperature":
            assert 1.5 < found.temperature < 2.7
    assert kinds.count("temperature") >= 7


@pytest.mark.parametrize("space", [THREE, MANY])
def test_two_numbers_of_each_label_where_labels_differ(space):
    def bend(logits):
        return logits * [1.0, 0.4, 0.8] + [0.0, 1.5, -1.0]

    random = np.random.default_rng(2)
    logits, truth = world(random, 800, space=space, bend=bend)
    found = fit_calibrator(logits, truth, label_space=space, seed=2)
    assert found.kind == "vector"
    fresh, true = world(random, 4000, space=space, bend=bend)
    plain = fit_calibrator(logits, truth, label_space=space, kind="temperature")
    best = losses(bend(fresh), true, label_space=space).mean()
    lost = losses(found.scaled(fresh), true, label_space=space).mean()
    assert lost < losses(plain.scaled(fresh), true, label_space=space).mean() - 0.02
    assert lost < best + 0.01


def test_lines_where_neither_will_do():
    def bend(logits):
        return np.where(logits > 0, 4.0, -4.0) * (np.abs(logits) > 1)

    random = np.random.default_rng(3)
    logits, truth = world(random, 3000, space=MANY, bend=bend)
    found = fit_calibrator(logits, truth, label_space=MANY, seed=3)
    assert found.kind == "isotonic"
    fewer = fit_calibrator(logits[:900], truth[:900], label_space=MANY, seed=3)
    assert fewer.kind != "isotonic"
    said = found.probabilities(np.array([[-1e6, 0.0, 1e6]]))
    assert (said > 0).all()
    assert (said < 1).all()


@pytest.mark.parametrize("kind", ["temperature", "vector", "isotonic"])
@pytest.mark.parametrize("space", [THREE, MANY])
def test_each_kind_gives_probabilities_that_say_what_its_logits_say(space, kind):
    random = np.random.default_rng(4)
    logits, truth = world(random, 200, space=space)
    found = fit_calibrator(logits, truth, label_space=space, kind=kind)
    assert found.kind == kind
    said = found.probabilities(logits)
    assert np.isfinite(found.scaled(logits)).all()
    if space is THREE:
        np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-12)
        np.testing.assert_allclose(softmax(found.scaled(logits), axis=1), said, atol=1e-12)
    else:
        np.testing.assert_allclose(expit(found.scaled(logits)), said, atol=1e-12)
    assert Calibrator.model_validate_json(found.model_dump_json()) == found


def test_few_reports_are_left_as_they_are():
    logits, truth = world(np.random.default_rng(5), 9)
    assert fit_calibrator(logits, truth, label_space=THREE).kind == "none"
    assert fit_calibrator(logits, truth, label_space=THREE, kind="isotonic").kind == "none"


def test_a_label_without_reports_does_no_harm():
    logits, truth = world(np.random.default_rng(6), 200)
    truth = np.eye(3, dtype=np.bool_)[truth.argmax(axis=1) % 2]
    for kind in ("temperature", "vector", "isotonic"):
        said = fit_calibrator(logits, truth, label_space=THREE, kind=kind).probabilities(logits)
        assert np.isfinite(said).all()
        assert (said > 0).all()


def test_no_report_is_answered_by_what_was_fitted_on_it(monkeypatch):
    from bert4text.training import calibrators

    logits, truth = world(np.random.default_rng(7), 50)
    fold, seen = np.arange(50) % 5, []
    kept = calibrators.FITS["temperature"]

    def watched(inside, true, space):
        seen.append({tuple(row) for row in inside})
        return kept(inside, true, space)

    monkeypatch.setitem(calibrators.FITS, "temperature", watched)
    out_of_fold(logits, truth, fold, kind="temperature", label_space=THREE)
    assert len(seen) == 5
    for number, inside in enumerate(seen):
        assert not {tuple(row) for row in logits[fold == number]} & inside


def test_sets_are_of_what_was_fitted_without_the_report():
    """A line of each label follows its own reports; promises made on them would not be kept by others."""
    random, kept = np.random.default_rng(8), []
    for seed in range(30):
        logits, truth = world(random, 150)
        texts = [""] * 150
        fitted = fit_calibrator(logits, truth, label_space=THREE, kind="isotonic")
        sets = fit_sets_of(
            fitted,
            logits,
            truth,
            texts=texts,
            groups=[str(place) for place in range(150)],
            levels=(0.9,),
            score="lac",
            label_space=THREE,
            seed=seed,
        )
        fresh, true = world(random, 500)
        inside = sets.kept(fitted.probabilities(fresh), [""] * 500, 0.9, "overall")
        kept.append(inside[true].mean())
    assert np.mean(kept) > 0.885


def test_where_a_fold_leaves_too_few_reports_there_are_no_sets():
    """What is fitted on fewer than ten is no calibration, and its scores are not those of one."""
    random = np.random.default_rng(9)
    for n, whole in ((11, False), (14, True)):
        logits, truth = world(random, n)
        fitted = fit_calibrator(logits, truth, label_space=THREE, kind="temperature")
        found = fit_sets_of(
            fitted,
            logits,
            truth,
            texts=[""] * n,
            groups=[str(place) for place in range(n)],
            levels=(0.8,),
            score="lac",
            label_space=THREE,
            seed=1,
        )
        assert (found is not None) is whole
