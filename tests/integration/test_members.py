"""Several encoders: each answers what it has not seen, all answer together, saved and reopened."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from bert4text.cli.main import run as command
from bert4text.core.errors import BundleError, ModelError
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.training.config import TrainConfig
from bert4text.training.folds import folds
from bert4text.training.parts import read_parts
from bert4text.verbs.delivery import export
from bert4text.verbs.model import evaluate, train
from conftest import make_corpus

torch = pytest.importorskip("torch")
SETTINGS = {
    "epochs": 4,
    "patience": 0,
    "learning_rate": 5e-3,
    "batches": {"size": 8},
    "folds": {"count": 3},
    "calibration": {"deliver": "model"},
}


@pytest.fixture(scope="module")
def made(_tiny_encoder, tmp_path_factory):
    """A corpus, the folder of its run, and what trained it."""
    folder = tmp_path_factory.mktemp("members")
    corpus = make_corpus(240)
    path = folder / "corpus.parquet"
    write_corpus(corpus, path, overwrite=False)
    project = Project().changed("train", encoder=str(_tiny_encoder), **SETTINGS)
    project = project.changed("audit", fail_on="never")
    classifier = train(path, project=project, out=folder / "run")
    return corpus, path, folder / "run", classifier, project


def test_all_answer_together_and_are_reopened_as_they_were(made):
    corpus, _, run, classifier, _ = made
    again = Classifier.load(run)
    texts = ["mama direita nódulo " * 60, *corpus["test"].texts]
    said = classifier.backend.forward(texts).logits
    np.testing.assert_allclose(again.backend.forward(texts).logits, said, atol=1e-5)
    members = classifier.backend.members
    assert len(members) == 3
    alone = [member.forward(texts).logits for member in members]
    np.testing.assert_allclose(said, np.mean(alone, axis=0), atol=1e-6)
    assert not np.allclose(alone[0], alone[1], atol=1e-3)
    assert again.backend.settings["members"] == 3
    assert again.probabilities(corpus["test"].texts) == pytest.approx(
        classifier.probabilities(corpus["test"].texts), abs=1e-5
    )


def test_plain_transformers_opens_the_first(made):
    transformers = pytest.importorskip("transformers")
    corpus, _, run, classifier, _ = made
    model = transformers.AutoModelForSequenceClassification.from_pretrained(run).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(run)
    text = corpus["test"].texts[0]
    with torch.no_grad():
        logits = model(**tokenizer(text, return_tensors="pt")).logits.numpy()
    np.testing.assert_allclose(logits, classifier.backend.members[0].forward([text]).logits, atol=1e-4)


def test_what_was_said_out_of_fold_is_of_the_member_that_has_not_seen_it(made):
    corpus, _, run, classifier, project = made
    table = pq.read_table(run / "out-of-fold.parquet").to_pydict()
    parts = read_parts(corpus, TrainConfig.parse(SETTINGS, section="train"))
    ids = [report.id for split in ("train", "validation") for report in corpus[split]]
    assert table["id"] == ids
    said = np.array(table["probabilities"])
    for fold in folds(parts.pool, parts.label_space, count=3, seed=project.seed):
        own = classifier.backend.members[fold.number].forward(fold.held.texts).logits
        spread = np.log(said[fold.rows, 1] / said[fold.rows, 0])
        expected = own[:, 1] - own[:, 0]
        ratio = spread[abs(expected) > 0.2] / expected[abs(expected) > 0.2]
        assert ratio == pytest.approx(np.full(len(ratio), np.median(ratio)), rel=1e-2)  # a temperature apart


def test_each_member_keeps_its_steps(made):
    _, _, run, _, _ = made
    for place in (run, run / "members" / "2", run / "members" / "3"):
        lines = (place / "steps.jsonl").read_text().splitlines()
        assert json.loads(lines[-1])["epoch"] == 4
    assert not (run / "members" / "4").exists()


def test_a_member_that_is_missing_or_altered_is_noticed(made, tmp_path):
    _, _, run, _, _ = made
    copied = shutil.copytree(run, tmp_path / "run")
    (copied / "members" / "3" / "model.safetensors").unlink()
    with pytest.raises(BundleError) as caught:
        Classifier.load(copied)
    assert caught.value.error_code == "missing-file"
    altered = shutil.copytree(run, tmp_path / "altered")
    shutil.copy(altered / "model.safetensors", altered / "members" / "2" / "model.safetensors")
    with pytest.raises(BundleError) as caught:
        Classifier.load(altered)
    assert caught.value.error_code == "altered"


def test_it_is_evaluated_and_not_exported(made, tmp_path):
    _, path, run, classifier, project = made
    evaluation = evaluate(run, path, project=project)
    assert {system.name for system in evaluation.systems} >= {"model", "tfidf"}
    with pytest.raises(ModelError) as caught:
        export(run, path, project=project, out=tmp_path / "export")
    assert caught.value.error_code == "ensemble-not-exported"
    manifest = classifier.info.manifest
    assert manifest.split_used["train"] == "fit and stop, in folds"
    assert "| 3 |" in (run / "README.md").read_text(encoding="utf-8")


def test_a_training_goes_on_with_the_member_that_was_cut_short(made, tmp_path, monkeypatch):
    _, path, _, classifier, project = made
    from bert4text.training import members as module

    class Killed(Exception):
        pass

    calls, learn = [], module.finetune

    def killed(*args, **kwargs):
        calls.append(kwargs["work"].name)
        if len(calls) == 2:
            raise Killed
        return learn(*args, **kwargs)

    monkeypatch.setattr(module, "finetune", killed)
    with pytest.raises(Killed):
        train(path, project=project, out=tmp_path / "run")
    monkeypatch.setattr(module, "finetune", learn)
    again = train(path, project=project, out=tmp_path / "run", resume=True)
    texts = make_corpus(40)["test"].texts
    np.testing.assert_allclose(
        again.backend.forward(texts).logits, classifier.backend.forward(texts).logits, atol=1e-5
    )


def test_thorough_means_five(tiny_encoder):
    assert TrainConfig.parse({"effort": "thorough"}, section="train").resolved().folds.count == 5
    assert TrainConfig.parse({"effort": "standard"}, section="train").resolved().folds.count == 1
    fixed = {"effort": "thorough", "folds": {"count": 2}}
    assert TrainConfig.parse(fixed, section="train").resolved().folds.count == 2


def test_the_command_predicts_with_members(made, tmp_path):
    _, _, run, _, _ = made
    reports = tmp_path / "new.csv"
    reports.write_text("id,texto\n1,mama direita nódulo espiculado irregular\n", encoding="utf-8")
    assert command(["predict", str(run), str(reports), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["status"] == "ok"
