"""A fairness contract from the project into the run, and from the run into every evaluation of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import bert4text
from bert4text.core.errors import ConfigError, FairnessFailed
from bert4text.data.write import write_corpus
from bert4text.project import Project
from bert4text.store.trail import looks
from bert4text.verbs.fair import bound
from bert4text.verbs.opening import settings_of
from conftest import make_corpus, told_apart

CONTRACT = {"attributes": ["sex"], "minimum_n": 10, "tolerance": 0.1}


def project(folder: Path, **contract: object) -> Project:
    values: dict[str, dict[str, object]] = {
        "train": {"encoder": "tfidf"},
        "audit": {"fail_on": "never"},
        "evaluate": {"resamples": 100},
    }
    if contract:
        values["evaluate"]["fairness"] = contract
    return Project(folder, values)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was trained under a contract."""
    folder = tmp_path_factory.mktemp("fair")
    bert4text.train(told_apart(), project=project(folder, **CONTRACT), out=folder / "run")
    return folder / "run"


def test_the_contract_of_the_run_holds_where_none_is_given(run: Path, tmp_path: Path) -> None:
    found = bert4text.evaluate(run, told_apart(), project=project(tmp_path)).fairness
    assert found is not None
    assert found.declared == "before-training"
    assert found.contract["tolerance"] == 0.1
    notes = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["notes"]["fairness"]
    assert notes == {"digest": found.digest, "contract": found.contract}
    assert found.declared_at is not None
    same = bert4text.evaluate(run, told_apart(), project=project(tmp_path, **CONTRACT)).fairness
    assert same == found


def test_a_contract_that_was_changed_or_came_late_is_told(run: Path, tmp_path: Path) -> None:
    later = project(tmp_path, **{**CONTRACT, "tolerance": 0.6, "strict": True})
    changed = bert4text.evaluate(run, told_apart(), project=later)
    assert changed.fairness is not None
    assert changed.fairness.declared == "changed"
    (issue,) = [one for one in changed.issues if one.code == "contract-changed"]
    assert (issue.severity, issue.values["keys"]) == ("warning", ["strict", "tolerance"])
    bare = bert4text.train(told_apart(), project=project(tmp_path))
    late = bert4text.evaluate(bare, told_apart(), project=project(tmp_path, **CONTRACT))
    assert late.fairness is not None
    assert (late.fairness.declared, late.fairness.declared_at) == ("after-training", None)
    assert "contract-after-training" in {one.code for one in late.issues}
    assert bert4text.evaluate(bare, told_apart(), project=project(tmp_path)).fairness is None


def test_a_contract_that_fails_stops_after_all_was_written(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    write_corpus(told_apart(unfair=True), path, overwrite=False)
    asked = project(tmp_path, **CONTRACT)
    with pytest.raises(FairnessFailed, match="1 of 1") as caught:
        bert4text.evaluate(run, path, project=asked, out=tmp_path / "out")
    found = caught.value.evaluation
    assert found.fairness.verdict == "fails"
    assert (found.fairness.gaps[0].high_group, found.fairness.gaps[0].low_group) == ("M", "F")
    written = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert written["fairness"]["verdict"] == "fails"
    assert (tmp_path / "out" / "scorecard.html").exists()
    assert looks(path) == found.seen == 1
    (seen,) = [
        event
        for event in map(json.loads, asked.trail.read_text(encoding="utf-8").splitlines())
        if event["action"] == "test.seen"
    ]
    assert seen["details"]["fairness"] == "fails"
    assert seen["details"]["contract"] == found.fairness.digest


def test_a_strict_contract_also_stops_where_nothing_is_shown(run: Path, tmp_path: Path) -> None:
    loose = {**CONTRACT, "tolerance": 0.01}
    found = bert4text.evaluate(run, told_apart(), project=project(tmp_path, **loose)).fairness
    assert found is not None
    assert found.verdict == "not-shown"
    with pytest.raises(FairnessFailed, match="not shown") as caught:
        bert4text.evaluate(run, told_apart(), project=project(tmp_path, **loose, strict=True))
    assert caught.value.error_code == "fairness-not-shown"
    few = {**CONTRACT, "minimum_n": 5000}
    with pytest.raises(FairnessFailed):
        bert4text.evaluate(run, told_apart(), project=project(tmp_path, **few, strict=True))


def test_what_cannot_be_asked_is_refused_before_any_work(run: Path, tmp_path: Path) -> None:
    asked = project(tmp_path, **{**CONTRACT, "attributes": ["gender"]})
    with pytest.raises(ConfigError, match="gender"):
        bert4text.train(told_apart(), project=asked, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with pytest.raises(ConfigError, match="which no report has"):
        bert4text.evaluate(run, told_apart(), project=asked, out=tmp_path / "out")
    with pytest.raises(ConfigError, match="labels names"):
        bert4text.train(told_apart(), project=project(tmp_path, **CONTRACT, labels=["outro"]))
    assert not (tmp_path / "out").exists()


def test_reports_without_the_attribute_of_the_run_leave_its_contract_unmeasured(
    run: Path, tmp_path: Path
) -> None:
    found = bert4text.evaluate(run, make_corpus(200, seed=9), project=project(tmp_path))
    assert found.fairness is not None
    assert found.fairness.verdict == "too-few"
    assert "attribute-missing" in {issue.code for issue in found.issues}


def test_the_settings_of_an_evaluation_stay_as_they_were_given(run: Path, tmp_path: Path) -> None:
    from bert4text.evaluation.config import EvaluateConfig
    from bert4text.models.classifier import Classifier

    settings = settings_of(EvaluateConfig, {"bins": 7, "resamples": 150}, project=project(tmp_path))
    found = bound(settings, Classifier.load(run))
    assert (found.settings.bins, found.settings.resamples) == (7, 150)
    assert found.settings.fairness.attributes == ["sex"]
