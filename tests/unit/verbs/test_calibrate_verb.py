"""Calibrating anew: other reports, or another point; the weights stay, what was learned from is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bert4text
from bert4text.core.errors import DataError, LabelError, OutputError, PolicyError
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest, Parent
from bert4text.core.prediction import Manner
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.verbs.learned import check_not_dealt_anew
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
    with pytest.raises(PolicyError) as caught:  # those reports are used up for measuring
        bert4text.evaluate(made, corpus, config={"split": "train"})
    assert caught.value.values["use"] == "calibrate"
    bert4text.evaluate(made, corpus)
    bert4text.evaluate(made, corpus, config={"split": "validation"})
    again = bert4text.calibrate(made, corpus, config={"split": "validation"})  # as often as one likes
    assert again.info.manifest.notes["calibrated"]["on"] == {
        f"sha256:{corpus.fingerprint}": ["train", "validation"]
    }
    with pytest.raises(PolicyError):
        bert4text.calibrate(again, make_corpus(400), config={"split": "validation"})


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


def test_reports_that_were_dealt_anew_are_refused(model):
    remedies = {"prepare": {"split": {"train": 0.4, "validation": 0.2, "calibration": 0.2, "test": 0.2}}}
    dealt = make_corpus(400)
    mended = Manifest(
        kind="corpus",
        verb="audit",
        parents=tuple(Parent(kind="corpus", digest=digest) for digest in dealt.identities),
        config={"remedies": remedies},
    )
    with pytest.raises(PolicyError) as caught:
        check_not_dealt_anew(model.info.manifest, Dealt(mended), split="train")
    assert caught.value.error_code == "dealt-anew"


class Dealt:
    """A corpus of other fingerprints that an audit made of the one that was learned from."""

    identities = ("sha256:another",)

    def __init__(self, manifest):
        self.manifest = manifest


def test_a_budget_is_not_spent_behind_its_back(model):
    notes = {**model.info.manifest.notes, "private": {"epsilon": 8.0}}
    private = model.answering(Manner())
    manifest = model.info.manifest.model_copy(update={"notes": notes})
    private.info = model.info.model_copy(update={"manifest": manifest})
    with pytest.raises(PolicyError) as caught:
        bert4text.calibrate(private, other(), config={"split": "train"})
    assert caught.value.error_code == "not-private"


def test_the_guard_is_made_anew_or_left_out(model):
    bare = model.answering(Manner())
    bare.scope = None
    made = bert4text.calibrate(bare, other(), config={"split": "train"})
    assert made.scope.limit is not None
    assert bert4text.calibrate(model, other(), config={"split": "train", "false_alarms": 0}).scope is None


def test_the_scorecard_measures_the_sets_that_are_given(model):
    corpus = make_corpus(400)
    found = bert4text.evaluate(model, corpus, config={"resamples": 100})
    given_ = bert4text.predict(model.answering(Manner(guard=False)), corpus["test"])
    truth = [row[0] for row in corpus["test"].table["labels"].to_pylist()]
    held = np.mean([label in one.prediction_set for label, one in zip(truth, given_, strict=True)])
    size = np.mean([len(one.prediction_set) for one in given_])
    coverage = next(
        one
        for one in found.reliance.coverage
        if (one.level, one.promise, one.label) == (found.reliance.level, found.reliance.promise, None)
    )
    assert coverage.covered.value == pytest.approx(held)
    assert coverage.labels == pytest.approx(size)


def test_a_classifier_that_was_set_answers_in_its_own_manner(model):
    own = model.answering(Manner(coverage=0.99))
    texts = make_corpus(400)["test"].texts[:30]
    wide = [len(one.prediction_set) for one in bert4text.predict(own, texts)]
    narrow = [len(one.prediction_set) for one in bert4text.predict(own, texts, config={"coverage": 0.8})]
    assert sum(wide) > sum(narrow)


def test_reports_it_was_calibrated_on_are_no_reports_it_learned_from(model):
    corpus = other()
    made = bert4text.calibrate(model, corpus, config={"split": "validation"})
    with pytest.raises(PolicyError) as caught:
        bert4text.evaluate(made, corpus, config={"membership": {"on": True}})
    assert caught.value.error_code == "members-unknown"
    few = {"only": ["capitals"], "reports": 20}
    used = [
        bert4text.stress(made, corpus, config={**few, "split": name}).use for name in ("validation", "train")
    ]
    assert used == ["calibrate", None]
    assert bert4text.stress(made, make_corpus(400), config={**few, "split": "train"}).use == "fit"


def test_a_scorecard_says_that_it_was_calibrated_later(model, tmp_path):
    made = bert4text.calibrate(model, other(), config={"split": "train"})
    count = made.info.manifest.notes["calibrated"]["reports"]
    for one, told in ((model, False), (made, True)):
        page = tmp_path / f"{told}.html"
        bert4text.evaluate(one, other(seed=12), config={"resamples": 100}, html=page, language="en")
        assert (f"calibrated anew later, on {count} reports" in page.read_text(encoding="utf-8")) is told
