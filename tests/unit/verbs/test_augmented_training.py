"""``train`` with copies: what it learned from is told in the run, by ``evaluate``, and by ``stress``."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.core.copies import copies_said
from bert4text.core.errors import ConfigError
from bert4text.core.manifest import Manifest
from bert4text.core.messages import load
from bert4text.core.stress import Rate, Stress, Stressed
from bert4text.data.write import write_corpus
from bert4text.estimator import BertTextClassifier
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.robustness.wording import remarks
from bert4text.verbs.augmenting import copies_warnings
from bert4text.verbs.learning import of_teacher
from bert4text.verbs.model import warnings_of
from conftest import make_corpus

CORPUS = make_corpus(200)
NAMES = ["accents", "key-slipped", "decimal-mark"]


def project(folder: Path | None = None, **augmentation: Any) -> Project:
    train = {"encoder": "tfidf", "batches": {"augmentation": augmentation}}
    return Project(folder, {"train": train, "audit": {"fail_on": "never"}})


@pytest.fixture(scope="module")
def plain() -> Classifier:
    return bert4text.train(CORPUS, project=project())


@pytest.fixture(scope="module")
def practiced() -> Classifier:
    return bert4text.train(CORPUS, project=project(perturbations=NAMES, share=0.5))


def test_the_run_tells_how_many_copies_of_which_perturbation_were_made(
    plain: Classifier, practiced: Classifier
) -> None:
    told = practiced.info.manifest.notes["augmentation"]
    reports = len(CORPUS["train"])
    assert (told["reports"], told["of"], told["copies"]) == (reports // 2, reports, reports // 2)
    assert set(told["perturbations"]) == {"accents-lost", "key-slipped", "decimal-mark"}
    assert told["perturbations"]["decimal-mark"] == 0
    assert "augmentation" not in plain.info.manifest.notes
    for name in ("reports", "train_labels"):  # of reports, not of their copies
        assert practiced.info.manifest.notes[name] == plain.info.manifest.notes[name]
    said = f"{reports // 2} / {reports} (accents-lost {told['perturbations']['accents-lost']}, "
    assert said in practiced.info.card
    assert "training reports | – |" in plain.info.card
    settings = practiced.info.manifest.config["batches"]["augmentation"]
    assert settings == {"perturbations": NAMES, "share": 0.5, "copies": 1}


def test_what_made_no_copy_is_warned_of(plain: Classifier, practiced: Classifier) -> None:
    (issue,) = copies_warnings(practiced)
    assert issue.values == {"perturbations": ["decimal-mark"]}
    assert issue in warnings_of(practiced, CORPUS)
    assert not copies_warnings(plain)


def test_the_same_seed_gives_the_same_model_and_copies_give_another(
    plain: Classifier, practiced: Classifier
) -> None:
    again = bert4text.train(CORPUS, project=project(perturbations=NAMES, share=0.5))
    texts = CORPUS["test"].texts
    said, same, without = (one.probabilities(texts) for one in (practiced, again, plain))
    np.testing.assert_array_equal(said, same)
    assert np.abs(said - without).max() > 1e-3


def test_stress_tells_what_was_practiced_in_json_page_and_words(
    plain: Classifier, practiced: Classifier, tmp_path: Path
) -> None:
    only = ["accents", "typing-errors", "said-twice"]
    out = tmp_path / "stressed"
    found = bert4text.stress(practiced, CORPUS, config={"only": only}, out=out, language="pt-BR")
    assert found.practiced == ("accents-lost", "key-slipped")
    kept = json.loads((out / "stress.json").read_text(encoding="utf-8"))
    assert kept["practiced"] == ["accents-lost", "key-slipped"]
    of = {one.name: found.practice(one) for one in found.perturbations}
    assert {name for name, practice in of.items() if practice == "all"} == {"accents-lost", "key-slipped"}
    assert {name for name, practice in of.items() if practice == "none"} == {
        "letters-transposed", "letter-left-out", "said-twice"
    }  # fmt: skip
    wider = {one.name: found.practice(one) for one in found.capabilities}
    assert wider == {"accents": "all", "typing-errors": "part", "duplication": "none"}
    page = (out / "stress.html").read_text(encoding="utf-8")
    assert "erros de digitação (praticada em parte)" in page
    assert "(key-slipped) (praticada)" in page
    assert "laudos mudados por accents-lost, key-slipped" in page
    assert any("accents-lost" in sentence for sentence in remarks(found, load("en")))
    without = bert4text.stress(plain, CORPUS, config={"only": only})
    assert without.practiced == ()
    assert {without.practice(one) for one in (*without.perturbations, *without.capabilities)} == {"none"}


def test_a_perturbation_that_is_named_as_its_capability_is_told_by_itself() -> None:
    common = {"capability": "capitals", "verdict": "holds", "at_most": 0.05}
    tried = tuple(
        Stressed(name=name, expectation="invariance", **common) for name in ("capitals", "small-letters")
    )
    found = Stress(
        split="test",
        reports=1,
        patients=1,
        languages={"pt": 1},
        tolerance=0.1,
        capabilities=(Rate(name="capitals", **common),),
        perturbations=tried,
        practiced=("small-letters",),
    )
    assert [found.practice(one) for one in (*tried, *found.capabilities)] == ["none", "all", "part"]


def test_the_scorecard_tells_of_the_copies(practiced: Classifier, plain: Classifier, tmp_path: Path) -> None:
    for model, there in ((practiced, True), (plain, False)):
        page = tmp_path / f"{there}.html"
        bert4text.evaluate(model, CORPUS, html=page, language="en", config={"effort": "quick"})
        assert ("changed copies of" in page.read_text(encoding="utf-8")) is there


def test_a_student_is_told_what_its_teacher_has_practiced(practiced: Classifier, plain: Classifier) -> None:
    own = Manifest(kind="model", verb="distill", notes={"distilled": {}})
    taught = of_teacher(own, practiced).notes
    assert taught["augmentation"]["by"] == "teacher"
    assert (copies_said(taught, load("en")) or "").startswith("of its teacher: ")
    assert of_teacher(own, plain).notes == own.notes
    assert copies_said(own.notes, load("en")) is None


@pytest.mark.parametrize("names", [["negation"], ["capitals", "one-sentence"], ["nonsense"]])
def test_what_may_not_be_practiced_is_refused_before_any_work(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        bert4text.train(CORPUS, project=project(tmp_path, perturbations=names), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_tuning_refuses_it_too_and_a_private_training_does(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    pytest.importorskip("opacus")
    given = {"encoder": "minilm", "batches": {"augmentation": {"perturbations": ["negation"]}}}
    never = {"audit": {"fail_on": "never"}}
    with pytest.raises(ConfigError) as caught:
        bert4text.tune(CORPUS, project=Project(tmp_path, {"train": given, **never}))
    assert caught.value.error_code == "answer-may-change"
    given = {**given, "batches": {"augmentation": {"perturbations": ["accents"]}}, "private": {"epsilon": 8}}
    with pytest.raises(ConfigError) as caught:
        bert4text.train(CORPUS, project=Project(tmp_path, {"train": given, **never}))
    assert caught.value.error_code == "not-private"


def test_the_estimator_learns_from_copies_too() -> None:
    texts, labels = CORPUS.texts, [report.labels[0] for report in CORPUS if report.labels]
    copies = {"batches": {"augmentation": {"perturbations": ["capitals", "decimal-mark"], "share": 1.0}}}
    estimator = BertTextClassifier(encoder="tfidf", origin="synthetic", settings=copies)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator.fit(texts, labels)
    told = estimator.classifier_.info.manifest.notes["augmentation"]
    assert told["perturbations"]["capitals"] == told["copies"] > 140
    assert any("decimal-mark" in str(one.message) for one in caught)


def test_the_command_takes_names_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bert4text.cli.main import run

    write_corpus(CORPUS, tmp_path / "corpus.parquet", overwrite=False)
    words = ["train", str(tmp_path / "corpus.parquet"), "-o", str(tmp_path / "run"), "--encoder", "tfidf"]
    words += [
        "--augment",
        "accents",
        "--augment",
        "said-twice",
        "--language",
        "en",
        "--set",
        'audit.fail_on="never"',
    ]
    assert run(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "changed copies of 60 of 120 training reports: accents-lost" in shown
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["notes"]["augmentation"]["perturbations"]) == {"accents-lost", "said-twice"}
    toml = (tmp_path / "run" / "config.toml").read_text(encoding="utf-8")
    assert "[train.batches.augmentation]" in toml
