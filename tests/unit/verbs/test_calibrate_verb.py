"""Calibrating anew: other reports, or another point; the weights stay, what was learned from is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import DataError, LabelError, OutputError, PolicyError
from bert4text.core.labels import LabelSpace
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.verbs.unproven import point_warnings
from conftest import POLICY, make_corpus

PLAIN = {"encoder": "tfidf"}


@pytest.fixture(scope="module")
def model():
    return bert4text.train(make_corpus(400), config=PLAIN)


def other(n=400, *, seed=11):
    """Reports of a hospital where one label is much rarer."""
    corpus = make_corpus(n, seed=seed)
    random = np.random.default_rng(seed)
    kept = [row != ["maligno"] or random.random() < 0.2 for row in corpus.table["labels"].to_pylist()]
    return corpus.select(kept)


def test_probabilities_become_believable_elsewhere(model, tmp_path):
    corpus = other(1200)
    made = bert4text.calibrate(model, corpus, config={"split": "train"}, out=tmp_path / "run")
    fresh = corpus["test"]
    held = np.array([row == ["maligno"] for row in fresh.table["labels"].to_pylist()])
    before, after = (one.probabilities(fresh.texts)[:, 1] for one in (model, made))
    assert abs(after.mean() - held.mean()) < abs(before.mean() - held.mean())
    assert made.info.manifest.notes["calibrated"]["reports"] == len(corpus["train"])
    logits = [one.backend.forward(fresh.texts).logits for one in (model, made)]
    np.testing.assert_array_equal(*logits)
    again = Classifier.load(tmp_path / "run")
    np.testing.assert_array_equal(again.probabilities(fresh.texts), made.probabilities(fresh.texts))
    assert again.digest != model.digest


def test_it_says_where_it_comes_from(model, tmp_path):
    corpus = other()
    project = Project(tmp_path)
    made = bert4text.calibrate(
        model, corpus, config={"split": "train", "point": {"sensitivity": {"benigno": 0.6}}}, project=project
    )
    manifest = made.info.manifest
    assert manifest.verb == "calibrate"
    kinds = {(parent.kind, parent.digest) for parent in manifest.parents}
    assert ("corpus", f"sha256:{corpus.fingerprint}") in kinds
    assert {("corpus", digest) for digest in make_corpus(400).identities} <= kinds
    assert manifest.notes["operating_point"]["sensitivity"]["benigno"]["proven"] >= 0.6
    assert made.info.operating_point == "sensitivity"
    lines = [json.loads(line) for line in (tmp_path / "trail.jsonl").read_text().splitlines()]
    assert lines[-1]["action"] == "model.calibrated"
    with pytest.raises(PolicyError):  # those reports are used up for measuring
        bert4text.evaluate(made, corpus, config={"split": "train"})
    bert4text.evaluate(made, corpus)


def test_what_answers_has_learned_from_is_refused(model):
    for split in ("train", "validation", "calibration"):
        with pytest.raises(PolicyError) as caught:
            bert4text.calibrate(model, make_corpus(400), config={"split": split})
        assert caught.value.error_code == "split-used"


def test_real_reports_need_a_declared_basis(model, tmp_path):
    corpus = other()
    reports = [report.model_copy(update={"origin": "real"}) for report in corpus]
    real = type(corpus).from_reports(reports, corpus.label_space, language="pt-BR")
    with pytest.raises(PolicyError):
        bert4text.calibrate(model, real, config={"split": "train"})
    project = Project(tmp_path, {"policy": POLICY})
    made = bert4text.calibrate(model, real, config={"split": "train"}, project=project)
    assert made.info.manifest.basis.law == "lgpd"


def test_reports_that_do_not_suit_are_refused(model):
    corpus = make_corpus(200, labels=("benigno", "maligno", "incerto"), seed=5)
    with pytest.raises(LabelError):
        bert4text.calibrate(model, corpus, config={"split": "train"})
    with pytest.raises(DataError) as caught:
        bert4text.calibrate(model, other(40), config={"split": "calibration"})
    assert caught.value.error_code == "too-few-to-calibrate"
    with pytest.raises(DataError):
        bert4text.calibrate(
            model, other(), config={"split": "train", "point": {"sensitivity": {"maligno": 0.99}}}
        )


def test_an_existing_folder_is_left_alone(model, tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(OutputError):
        bert4text.calibrate(model, other(), config={"split": "train"}, out=tmp_path / "run")


def test_the_question_stays(model):
    made = bert4text.calibrate(model, other(), config={"split": "train", "kind": "vector"})
    assert made.calibrator.kind == "vector"
    assert made.label_space == LabelSpace(task="binary", names=("benigno", "maligno"))
    assert model.calibrator.kind != "vector"


def test_what_is_not_proven_is_told(model):
    assert point_warnings(model) == []
    made = bert4text.calibrate(model, other(), config={"split": "train", "point": {"risk": 0.001}})
    assert [issue.code for issue in point_warnings(made)] == ["nothing-answered"]
    assert {one.status for one in bert4text.predict(made, ["nódulo oval"])} == {"abstained"}
    notes = {"sensitivity": {"maligno": {"wanted": 0.9, "proven": 0.7}}}
    manifest = made.info.manifest.model_copy(update={"notes": {"operating_point": notes}})
    made.info = made.info.model_copy(update={"manifest": manifest})
    assert [issue.code for issue in point_warnings(made)] == ["not-proven"]
