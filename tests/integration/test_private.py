"""Private training from end to end: what the run holds, says and refuses, and what an attack finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, DataError, PolicyError
from bert4text.project import Project
from bert4text.training import tracking
from conftest import make_corpus

pytest.importorskip("opacus")

LEARNS = {"epochs": 20, "private": {"epsilon": 8}}


def project_of(folder: Path, encoder: Path, **train: Any) -> Project:
    sections = {
        "train": {"encoder": str(encoder), **LEARNS, **train},
        "audit": {"fail_on": "never"},
        "evaluate": {"effort": "quick", "membership": {"on": True}},
    }
    return Project(folder, sections)


@pytest.fixture(scope="module")
def encoder(_tiny_encoder: Path) -> Path:
    return _tiny_encoder


@pytest.fixture(scope="module")
def place(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    from bert4text.data.write import write_corpus

    write_corpus(make_corpus(400), folder / "corpus.parquet", overwrite=False)
    project = project_of(folder, _tiny_encoder)
    bert4text.train(folder / "corpus.parquet", project=project, out=folder / "run")
    return folder


def test_the_run_holds_nothing_of_reports_but_what_the_budget_paid(place: Path) -> None:
    run = place / "run"
    names = {path.name for path in run.rglob("*")}
    assert not names & {"baseline", "steps.jsonl", "vocabulary.json", "out-of-fold.parquet"}
    notes = json.loads((run / "manifest.json").read_text())["notes"]
    assert not notes.keys() & {"train_labels", "decision", "refit", "cut", "pace", "foretold"}
    private = notes["private"]
    assert 7.8 < private["epsilon"] <= 8
    assert private["delta"] * private["units"] <= 0.1
    assert (private["unit"], private["noise"]) == ("patient", "secret")
    train = make_corpus(400)["train"]
    assert private["units"] == len(set(train.groups)) < len(train)
    assert json.loads((run / "calibration.json").read_text())["systems"]["model"]["kind"] == "temperature"


@pytest.mark.parametrize(("language", "said"), [("en", "epsilon 8"), ("pt-BR", "épsilon 8")])
def test_the_card_says_what_is_covered(place: Path, language: str, said: str) -> None:
    from bert4text.models.card import model_card
    from bert4text.models.classifier import Classifier

    classifier = Classifier.load(place / "run")
    card = model_card(classifier, manifest=classifier.info.manifest, language=language)
    assert said in card
    assert "1e-0" in card
    assert "{" not in card


def test_it_is_measured_with_an_attack(place: Path, encoder: Path) -> None:
    project = project_of(place, encoder)
    found = bert4text.evaluate(
        place / "run", place / "corpus.parquet", project=project, out=place / "evaluation", language="en"
    )
    assert {system.name for system in found.systems} == {"model", "majority"}
    membership = found.membership
    assert membership.members == len(make_corpus(400)["train"])
    assert membership.others == len(make_corpus(400)["test"])
    assert {one.system for one in membership.metrics} == {"loss", "calibrated", "control"}
    assert membership.epsilon == pytest.approx(8, abs=0.2)
    assert found.seen == 1  # the attack is the same look at test
    page = (place / "evaluation" / "scorecard.html").read_text(encoding="utf-8")
    assert "Can it be told which reports it learned from?" in page
    assert "differential privacy" in page
    assert json.loads((place / "evaluation" / "metrics.json").read_text())["membership"]["members"]


def test_it_learns_what_can_be_learned(tiny_encoder: Path, tmp_path: Path) -> None:
    corpus = make_corpus(400)
    project = project_of(tmp_path, tiny_encoder, private={"epsilon": 8, "noise": "seeded"})
    made = bert4text.train(corpus, project=project)
    right = [
        said.label == report.labels[0]
        for said, report in zip(made.predict(list(corpus["test"])), corpus["test"], strict=True)
    ]
    assert np.mean(right) > 0.6


def test_validation_had_no_part_in_it(place: Path, encoder: Path) -> None:
    project = project_of(place, encoder).changed("evaluate", split="validation")
    assert bert4text.evaluate(place / "run", place / "corpus.parquet", project=project).reports
    other = project.changed("evaluate", split="calibration")
    with pytest.raises(PolicyError):
        bert4text.evaluate(place / "run", place / "corpus.parquet", project=other)


def probabilities(encoder: Path, folder: Path, corpus: Corpus, **private: Any) -> np.ndarray:
    train = {"epochs": 2, "private": {"epsilon": 8, **private}}
    made = bert4text.train(corpus, project=project_of(folder, encoder, **train))
    return made.probabilities(corpus["test"].texts[:5])


def test_the_same_seed_gives_another_model_unless_a_test_asks(tiny_encoder: Path, tmp_path: Path) -> None:
    corpus = make_corpus(120)
    one, other = (probabilities(tiny_encoder, tmp_path, corpus) for _ in range(2))
    assert np.abs(one - other).max() > 1e-4
    one, other = (probabilities(tiny_encoder, tmp_path, corpus, noise="seeded") for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_the_trail_keeps_the_budget_and_the_settings_give_such_a_run_again(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    from bert4text.store.trail import read_trail

    project = project_of(tmp_path, tiny_encoder, epochs=2)
    bert4text.train(make_corpus(120), project=project, out=tmp_path / "run")
    (event,) = [one for one in read_trail(project.trail) if one.action == "model.trained"]
    assert (event.details["epsilon"], event.details["unit"]) == (pytest.approx(8, abs=0.2), "patient")
    kept = Project.load(tmp_path / "run" / "config.toml")
    bert4text.train(make_corpus(120), project=kept)


def test_a_run_with_known_noise_claims_nothing(tiny_encoder: Path, tmp_path: Path) -> None:
    from bert4text.verbs.model import private_warnings

    project = project_of(tmp_path, tiny_encoder, epochs=2, private={"epsilon": 8, "noise": "seeded"})
    made = bert4text.train(make_corpus(120), project=project)
    assert made.info.manifest.notes["private"]["epsilon"] is None
    assert "**None**" in made.info.card
    assert [issue.code for issue in private_warnings(made)] == ["noise-known"]


def test_reports_of_unknown_patients_are_protected_one_by_one_and_that_is_said(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    from bert4text.verbs.model import private_warnings

    reports = [report.model_copy(update={"patient": None}) for report in make_corpus(120)]
    corpus = Corpus.from_reports(reports, make_corpus(120).label_space)
    made = bert4text.train(corpus, project=project_of(tmp_path, tiny_encoder, epochs=2))
    assert made.info.manifest.notes["private"]["unit"] == "report"
    assert [issue.code for issue in private_warnings(made)] == ["unit-report"]
    assert "charged twice" in made.info.card


@pytest.mark.parametrize("adaptation", ["lora", "layers"])
def test_the_encoder_learns_privately_too(tiny_encoder: Path, tmp_path: Path, adaptation: str) -> None:
    if adaptation == "lora":
        pytest.importorskip("peft")
    given = {"adaptation": adaptation, "epochs": 2, "adapt": {"layers": 1, "rank": 2}}
    corpus = make_corpus(120)
    made = bert4text.train(corpus, project=project_of(tmp_path, tiny_encoder, **given), out=tmp_path / "run")
    assert made.info.manifest.notes["private"]["rate"] == 0.1
    again = bert4text.Classifier.load(tmp_path / "run")
    texts = corpus["test"].texts
    np.testing.assert_allclose(made.probabilities(texts), again.probabilities(texts), atol=1e-5)


def test_long_reports_in_windows_are_one_patient(tiny_encoder: Path, tmp_path: Path) -> None:
    given = {"epochs": 2, "windows": {"size": 12, "stride": 8}}
    made = bert4text.train(make_corpus(120), project=project_of(tmp_path, tiny_encoder, **given))
    assert made.info.manifest.notes["private"]["units"] == len(set(make_corpus(120)["train"].groups))


def test_a_patient_in_two_splits_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    reports = list(make_corpus(120))
    moved = [
        report.model_copy(update={"split": "calibration"}) if place == 0 else report
        for place, report in enumerate(reports)
    ]
    corpus = Corpus.from_reports(moved, make_corpus(120).label_space)
    with pytest.raises(DataError) as caught:
        bert4text.train(corpus, project=project_of(tmp_path, tiny_encoder))
    assert caught.value.error_code == "private-overlap"
    assert reports[0].patient not in str(caught.value)


def test_it_cannot_be_resumed_and_leaves_nothing_when_broken_off(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, project = make_corpus(120), project_of(tmp_path, tiny_encoder)
    with pytest.raises(ConfigError) as caught:
        bert4text.train(corpus, project=project, out=tmp_path / "run", resume=True)
    assert caught.value.error_code == "private-resume"

    def break_off(self: Any, step: Any) -> None:
        if step.step == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tracking.Figures, "__call__", break_off)
        with pytest.raises(KeyboardInterrupt):
            bert4text.train(corpus, project=project, out=tmp_path / "run")
    assert not [
        path
        for path in tmp_path.rglob("*")
        if path.suffix in {".safetensors", ".jsonl"} and "tiny-encoder" not in str(path)
    ]
    assert bert4text.train(corpus, project=project, out=tmp_path / "run").digest


def test_tune_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    with pytest.raises(ConfigError) as caught:
        bert4text.tune(make_corpus(120), project=project_of(tmp_path, tiny_encoder))
    assert caught.value.error_code == "private-tune"


def test_a_model_that_knows_its_reports_by_heart_is_told_and_a_private_one_is_not(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def latest(*_: Any, step: int) -> dict[str, float]:
        return {"score": float(step), "loss": 1.0, "macro_f1": 0.0}

    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)
    monkeypatch.setattr("bert4text.training.finetune.validated", latest)
    corpus = make_corpus(300, signal=False)
    plain = {
        "private": {},
        "epochs": 90,
        "patience": 0,
        "learning_rate": 3e-3,
        "folds": {"refit": False},
        "calibration": {"deliver": "model", "thresholds": False},
        "dropout": {"hidden": 0.0},
    }
    known = {"epochs": 20, "private": {"epsilon": 1, "noise": "seeded"}}  # no test may fail by chance
    areas = []
    for seed, train in ((7, plain), (0, known), (1, known), (2, known)):
        project = project_of(tmp_path, tiny_encoder, **train).changed("project", seed=seed)
        made = bert4text.train(corpus, project=project)
        evaluation = bert4text.evaluate(made, corpus, project=project)
        areas.append(evaluation.membership.metric("attack_auc").value)
        assert evaluation.membership.metric("attack_auc", attack="control").low < 0.5
        told = "members-told" in {issue.code for issue in evaluation.issues}
        assert told == (train is plain)
    assert areas[0] > 0.65
    assert np.mean(areas[1:]) < 0.58


def test_it_is_not_rounded_by_the_reports_it_learned_from(place: Path, encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    project = project_of(place, encoder)
    allowed = {"agreement": 0.0, "macro_f1": 1.0}  # how well it answers is not asked here
    with pytest.raises(PolicyError) as caught:
        bert4text.export(
            place / "run",
            place / "corpus.parquet",
            out=tmp_path / "own",
            config={"precision": "int8", **allowed},
            project=project,
        )
    assert caught.value.error_code == "not-private"
    assert not (tmp_path / "own").exists()
    for name, corpus, precision in (
        ("others", make_corpus(120, seed=8), "int8"),
        ("whole", place / "corpus.parquet", "float32"),
    ):
        config = {"precision": precision, **allowed}
        made = bert4text.export(place / "run", corpus, out=tmp_path / name, config=config, project=project)
        assert made.backend.precision == precision


def test_members_of_another_corpus_are_not_known(place: Path, encoder: Path) -> None:
    project = project_of(place, encoder)
    with pytest.raises(PolicyError) as caught:
        bert4text.evaluate(place / "run", make_corpus(120, seed=8), project=project)
    assert caught.value.error_code == "members-unknown"
