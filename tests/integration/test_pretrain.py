"""Pretrain: an encoder learns hidden words of reports, can be killed, and train takes what comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bert4text
from bert4text.core.errors import EmptyCorpusError, ModelError, OutputError
from bert4text.core.report import Report
from bert4text.models.sources import locate, weights_digest
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.training import tracking
from bert4text.verbs.run import work_folder
from conftest import make_corpus

pytest.importorskip("torch")
pytest.importorskip("transformers")

SETTINGS = {"epochs": 4, "learning_rate": 3e-3, "batches": {"size": 16}, "window": 32, "held_out": 0.1}


def project_of(folder: Path, encoder: Path, **settings: Any) -> Project:
    given = {"pretrain": {"encoder": str(encoder), **SETTINGS, **settings}}
    return Project(folder, given)


def test_hidden_words_are_learned_and_train_takes_the_encoder(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything
    corpus, project = make_corpus(300), project_of(tmp_path, tiny_encoder)
    found = bert4text.pretrain(corpus, project=project, out=tmp_path / "ours")
    before, after = found.loss
    assert after < before - 0.3
    origin = json.loads((tmp_path / "ours" / "encoder.json").read_text(encoding="utf-8"))
    assert origin["pretrained"]["corpus"] == f"sha256:{corpus.fingerprint}"
    assert origin["pretrained"]["loss"] == [round(before, 4), round(after, 4)]
    assert weights_digest(tmp_path / "ours") != weights_digest(tiny_encoder)
    assert origin["files"]["model.safetensors"] == weights_digest(tmp_path / "ours")
    assert locate(str(tmp_path / "ours")).name.endswith("+pretrain")
    assert [event.action for event in read_trail(tmp_path / "trail.jsonl")] == ["encoder.pretrained"]
    settings = {"encoder": str(tmp_path / "ours"), "epochs": 2, "learning_rate": 3e-3}
    classifier = bert4text.train(
        corpus, config=settings, project=Project(tmp_path, {"audit": {"fail_on": "never"}})
    )
    assert len(classifier.predict([Report(id="a", text="nódulo oval")])) == 1


def test_labels_are_not_needed_and_test_reports_are_not_read(tiny_encoder: Path, tmp_path: Path) -> None:
    corpus = make_corpus(120)
    bare = corpus.with_column("labels", [None] * len(corpus))
    first = bert4text.pretrain(bare, project=project_of(tmp_path, tiny_encoder), out=tmp_path / "a")
    splits = corpus.table["split"].to_pylist()
    other = corpus.with_column(
        "text", ["xyz" if split == "test" else text for split, text in zip(splits, corpus.texts, strict=True)]
    )
    second = bert4text.pretrain(other, project=project_of(tmp_path, tiny_encoder), out=tmp_path / "b")
    assert first.loss == second.loss


def test_a_killed_one_goes_on_as_if_never_stopped(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    corpus, project = (
        make_corpus(200),
        project_of(tmp_path, tiny_encoder, batches={"size": 16, "checkpoint_steps": 1}),
    )
    whole = bert4text.pretrain(corpus, project=project, out=tmp_path / "whole")

    def break_off(self: Any, step: Any) -> None:
        if step.step == 7:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tracking.Figures, "__call__", break_off)
        with pytest.raises(KeyboardInterrupt):
            bert4text.pretrain(corpus, project=project, out=tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
    assert work_folder(tmp_path / "broken").is_dir()
    with pytest.raises(OutputError):
        bert4text.pretrain(corpus, project=project, out=tmp_path / "broken")
    resumed = bert4text.pretrain(corpus, project=project, out=tmp_path / "broken", resume=True)
    assert resumed.loss == whole.loss
    assert weights_digest(tmp_path / "broken") == weights_digest(tmp_path / "whole")
    assert not work_folder(tmp_path / "broken").exists()


def test_what_cannot_be_learned_from_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    project = project_of(tmp_path, tiny_encoder)
    with pytest.raises(EmptyCorpusError):
        bert4text.pretrain(make_corpus(16), project=project, out=tmp_path / "few")
    path = tiny_encoder / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace("[MASK]", "[M]"), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        bert4text.pretrain(make_corpus(120), project=project, out=tmp_path / "maskless")
    assert caught.value.error_code == "no-mask"
    assert not (tmp_path / "maskless").exists()


def test_a_step_learns_from_32_windows_unless_told_otherwise(tiny_encoder: Path, tmp_path: Path) -> None:
    given = {"encoder": str(tiny_encoder), "epochs": 1, "held_out": 0.1, "window": 64}
    corpus = make_corpus(200)
    steps = {}
    for size in (None, 8):
        more = {} if size is None else {"batches": {"size": size}}
        project = Project(tmp_path, {"pretrain": {**given, **more}})
        steps[size] = len(bert4text.pretrain(corpus, project=project, out=tmp_path / str(size)).steps)
    windows = 200 * 0.85 * 0.9  # neither of test nor held out; each report fits one
    assert steps[None] == pytest.approx(windows / 32, abs=1)
    assert steps[8] == pytest.approx(windows / 8, abs=2)
