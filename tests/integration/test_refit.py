"""Learned twice: validation stops and decides, then is learned from too; calibration and test never are."""

from __future__ import annotations

import numpy as np
import pytest

from bert4text.core.corpus import Corpus
from bert4text.core.seeds import rng
from bert4text.training import refit
from bert4text.training.config import TrainConfig
from bert4text.training.parts import read_parts
from bert4text.training.train import on_scale, train
from bert4text.verbs.model import evaluate
from bert4text.verbs.model import train as train_verb
from conftest import make_corpus

torch = pytest.importorskip("torch")
SETTINGS = {
    "epochs": 4,
    "learning_rate": 5e-3,
    "batches": {"size": 8},
    "calibration": {"deliver": "model"},
}


OFTEN = {"size": 8, "checkpoint_steps": 7}


def settings(encoder, **changes):
    return TrainConfig.parse({"encoder": str(encoder), **SETTINGS, **changes}, section="train")


@pytest.fixture(scope="module")
def made(_tiny_encoder, tmp_path_factory):
    """A corpus, what one training gives of it, and what two give."""
    folder, corpus = tmp_path_factory.mktemp("refit"), make_corpus(240)
    once = train(corpus, settings(_tiny_encoder, folds={"refit": False}), seed=7, work=folder / "once")
    twice = train(corpus, settings(_tiny_encoder), seed=7, work=folder / "twice")
    return corpus, once, twice, folder


@pytest.fixture(scope="module")
def encoder(_tiny_encoder):
    """The folder of an encoder that nothing here writes to."""
    return _tiny_encoder


def test_it_learns_from_training_and_validation_reports_for_as_long_as_was_best(made):
    corpus, once, twice, folder = made
    told = twice.notes["refit"]
    reports = corpus.splits["train"] + corpus.splits["validation"]
    best = max(
        (step for step in once.steps if step.validation),
        key=lambda step: (step.validation["score"], -step.validation["loss"]),
    )
    lines = (folder / "twice" / "refit" / "steps.jsonl").read_text(encoding="utf-8").splitlines()
    assert told["reports"] == reports
    assert told["epochs"] == max(2, best.epoch)  # half of the four at least
    assert len(lines) == told["epochs"] * -(-reports // 8)
    assert once.notes == {}
    assert [step.loss for step in twice.steps] == [step.loss for step in once.steps]


def test_what_it_learned_is_not_what_was_learned_first(made):
    corpus, once, twice, _ = made
    texts = corpus["test"].texts
    assert twice.notes["refit"]["kept"]
    assert not np.allclose(once.backend.forward(texts).logits, twice.backend.forward(texts).logits, atol=1e-3)
    assert twice.split_used["validation"] == "stop, thresholds, then fit"
    assert once.split_used["validation"] == "stop, thresholds"


def test_thresholds_and_who_answers_rest_on_reports_that_were_not_learned_from(made):
    corpus, once, twice, _ = made
    parts = read_parts(corpus, settings("tfidf"))
    first = once.backend.forward(parts.validation.texts).logits
    calibration = twice.backend.forward(parts.calibration.texts).logits
    expected = on_scale(
        first, parts.validation, (calibration, parts.calibration), label_space=parts.label_space
    )
    np.testing.assert_allclose(twice.told.validation, expected, atol=1e-4)
    np.testing.assert_allclose(twice.told.calibration, calibration, atol=1e-5)
    assert twice.out_of_fold is None


def altered(corpus, split):
    """The corpus with the texts of a split replaced by others."""
    random = rng(1, "tests.refit")
    reports = [
        report.model_copy(update={"text": f"{report.text} {random.integers(9)} espiculado"})
        if report.split == split
        else report
        for report in corpus
    ]
    return Corpus.from_reports(reports, corpus.label_space, language=corpus.language)


@pytest.mark.parametrize(("split", "same"), [("test", True), ("validation", False)])
def test_test_is_never_read(made, tmp_path, split, same):
    corpus, _, twice, _ = made
    config = twice.config.replace(precision="auto")
    other = train(altered(corpus, split), config, seed=7, work=tmp_path)
    texts = corpus["test"].texts
    before, after = (run.backend.forward(texts).logits for run in (twice, other))
    assert np.allclose(before, after, atol=1e-6) is same


def test_calibration_reports_are_not_learned_from(made, tmp_path):
    corpus, _, twice, _ = made
    other = train(
        altered(corpus, "calibration"), twice.config.replace(precision="auto"), seed=7, work=tmp_path
    )
    texts = corpus["test"].texts
    np.testing.assert_allclose(
        other.backend.forward(texts).logits, twice.backend.forward(texts).logits, atol=1e-6
    )
    assert other.calibrator.temperature != twice.calibrator.temperature


def test_a_second_that_is_worse_beyond_doubt_is_dropped(made, encoder, tmp_path, monkeypatch):
    corpus, once, _, _ = made
    learn = refit.finetune

    def spoiled(*args, **given):
        tuned = learn(*args, **given)
        if given.get("last"):
            with torch.no_grad():
                tuned.backend.model.classifier.weight.neg_()
        return tuned

    monkeypatch.setattr(refit, "finetune", spoiled)
    kept = train(corpus, settings(encoder), seed=7, work=tmp_path)
    assert not kept.notes["refit"]["kept"]
    assert kept.notes["refit"]["loss"]["after"] > kept.notes["refit"]["loss"]["before"]
    texts = corpus["test"].texts
    np.testing.assert_allclose(
        kept.backend.forward(texts).logits, once.backend.forward(texts).logits, atol=1e-6
    )
    assert kept.split_used == once.split_used


@pytest.mark.parametrize(
    ("changes", "reports"),
    [({"calibration": {"temperature": False}}, 5000), ({}, 100), ({"folds": {"refit": False}}, 5000)],
)
def test_it_is_left_out_where_nothing_could_judge_it_or_reports_are_many(
    made, encoder, tmp_path, monkeypatch, changes, reports
):
    corpus, _, _, _ = made
    monkeypatch.setattr(refit, "MOST", reports)
    found = train(corpus, settings(encoder, **changes), seed=7, work=tmp_path)
    assert "refit" not in found.notes
    assert not (tmp_path / "refit").exists()


def test_efforts_say_whether_it_is_done():
    def resolved(**given):
        return TrainConfig.parse(given, section="train").resolved().folds

    assert resolved().refit
    assert not resolved(effort="quick").refit
    assert resolved(effort="quick", folds={"refit": True}).refit
    assert not resolved(effort="thorough").refit
    assert resolved(effort="thorough", folds={"count": 1}).refit
    assert not resolved(folds={"count": 3, "refit": True}).refit


def test_a_training_that_was_killed_in_its_second_half_ends_as_one_that_was_not(
    made, encoder, tmp_path, monkeypatch
):
    corpus, _, twice, _ = made

    class Killed(Exception):
        pass

    learn = refit.finetune

    def killed(*args, **given):
        def stop(step):
            if step.step == 20:
                raise Killed

        return learn(*args, **given, observers=[stop] if given.get("last") else [])

    monkeypatch.setattr(refit, "finetune", killed)
    with pytest.raises(Killed):
        train(
            corpus,
            settings(encoder, batches=OFTEN),
            seed=7,
            work=tmp_path,
        )
    monkeypatch.setattr(refit, "finetune", learn)
    again = train(
        corpus,
        settings(encoder, batches=OFTEN),
        seed=7,
        work=tmp_path,
        resume=True,
    )
    texts = corpus["test"].texts
    np.testing.assert_allclose(
        again.backend.forward(texts).logits, twice.backend.forward(texts).logits, atol=1e-5
    )


def test_the_run_says_so_and_refuses_to_be_measured_on_what_it_learned(tiny_encoder, tmp_path):
    from bert4text.core.errors import Bert4TextError
    from bert4text.project import Project

    project = Project().changed("train", encoder=str(tiny_encoder), **SETTINGS)
    project = project.changed("audit", fail_on="never")
    corpus = make_corpus(240)
    classifier = train_verb(corpus, project=project, out=tmp_path / "run")
    manifest = classifier.info.manifest
    assert manifest.notes["refit"]["kept"]
    assert manifest.config["folds"] == {"count": 1, "refit": True}
    with pytest.raises(Bert4TextError):
        evaluate(
            tmp_path / "run",
            corpus,
            project=project.changed("evaluate", split="validation"),
            out=tmp_path / "evaluation",
        )
