"""Tune, with an encoder that learns: from the command line to a file that train takes."""

from __future__ import annotations

import json
import sys
import tomllib
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.cli.main import run
from bert4text.core.errors import AuditFailed, ConfigError, LabelError, MissingExtraError, OutputError
from bert4text.core.messages import load
from bert4text.core.progress import silent
from bert4text.data.write import write_corpus
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.training.config import TrainConfig
from bert4text.training.folds import Fold, folds
from bert4text.training.parts import read_parts
from bert4text.training.search import CHOICES, merged
from bert4text.training.tracking import read_steps
from bert4text.training.tuned import Compared, Figure, Tried, Tuned
from bert4text.verbs.run import work_folder
from bert4text.verbs.tuned_file import settings_of, text_of
from conftest import make_corpus

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("optuna")

from bert4text.training import held_out
from bert4text.training.finetune import finetune

LEARNS = {"epochs": 1, "learning_rate": 3e-3, "batches": {"size": 16}}


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)  # too short to learn anything
    write_corpus(make_corpus(160), tmp_path / "corpus.parquet", overwrite=False)

    def command(*arguments: object, status: int = 0) -> Any:
        ended = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert ended == status, captured.err
        return captured

    return command


def project_of(folder: Path, encoder: Path, **sections: Any) -> Project:
    given = {
        "train": {"encoder": str(encoder), **LEARNS},
        "tune": {"trials": 2, "folds": 2},
        "audit": {"fail_on": "never"},
    }
    return Project(folder, given | sections)


def test_from_the_command_line_to_a_file_that_train_takes(
    call: Callable[..., Any], tiny_encoder: Path, tmp_path: Path
) -> None:
    settings = ("tune.trials=2", "tune.folds=2", "train.epochs=1", "audit.fail_on=never", "project.seed=3")
    options = [
        word for setting in (f"train.encoder={tiny_encoder}", *settings) for word in ("--set", setting)
    ]
    shown = call("tune", "corpus.parquet", "-o", "tuned.toml", "--minutes", 30, *options, "--json")
    found = json.loads(shown.out)
    assert found["format"] == "tuned/1"
    assert (found["trials"], found["folds"], found["scored"], found["file"]) == (2, 2, 2, "tuned.toml")
    assert found["tried"][0]["settings"] == {}
    assert set(found["tried"][1]["settings"]) <= set(found["searched"])
    assert 0 < found["search"]["baseline"]["value"] <= 1
    assert found["corpus"] == f"sha256:{make_corpus(160).fingerprint}"
    assert not work_folder(tmp_path / "tuned.toml").exists()
    text = (tmp_path / "tuned.toml").read_text(encoding="utf-8")
    assert found["corpus"][:23] in text.split("[")[0]
    given = tomllib.loads(text)
    assert given["train"]["encoder"] == str(tiny_encoder)
    assert given["project"]["seed"] == 3

    call("tune", "corpus.parquet", "-o", "tuned.toml", *options, status=8)
    train = ("train", "corpus.parquet", "--project", "tuned.toml", "-o", "runs/a", "--json")
    made = json.loads(call(*train).out)
    assert made["encoder"] == tiny_encoder.name
    manifest = json.loads((tmp_path / "runs" / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["seed"], manifest["config"]["epochs"]) == (3, 1)

    told = call("tune", "corpus.parquet", "-o", "again.toml", *options, "--language", "pt-BR")
    assert "tentativas" in told.out
    assert "padrões" in told.out
    assert "--project again.toml" in told.err


def test_train_learns_with_the_settings_that_won(
    call: Callable[..., Any], tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(fold: Fold, config: TrainConfig, **_: Any) -> Any:
        """Half of the reports right, and all of them with steps of eight."""
        wrong = (fold.rows % 2 == 0) & (config.batches.size != 8)
        return np.where(wrong[:, None], ~fold.held.truth, fold.held.truth)

    (tmp_path / "bert4text.toml").write_text(
        f'[train]\nencoder = "{tiny_encoder}"\nepochs = 1\n[audit]\nfail_on = "never"\n', encoding="utf-8"
    )
    with monkeypatch.context() as patch:
        patch.setattr(held_out, "answer", answer)
        shown = call("tune", "corpus.parquet", "-o", "found/tuned.toml", "--set", "tune.trials=8")
    assert "train.batches.size = 8" in shown.out
    call("train", "corpus.parquet", "--project", "found/tuned.toml", "-o", "runs/a")
    manifest = json.loads((tmp_path / "runs" / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["config"]["batches"]["size"] == 8
    assert manifest["config"]["encoder"] == str(tiny_encoder)
    actions = [event.action for event in read_trail(tmp_path / "trail.jsonl")]
    assert actions == ["model.tuned", "audit.overridden", "model.trained", "audit.overridden"]


def test_python_gives_the_record_writes_nothing_and_leaves_a_trail(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    found = bert4text.tune(make_corpus(120), project=project_of(tmp_path / "project", tiny_encoder))
    assert isinstance(found, Tuned)
    assert found.trials == 2
    assert [path.name for path in (tmp_path / "project").iterdir() if path.suffix == ".jsonl"] == [
        "trail.jsonl"
    ]
    tuned, opened = read_trail(tmp_path / "project" / "trail.jsonl")
    assert (tuned.action, opened.action) == ("model.tuned", "audit.overridden")
    assert tuned.details == {
        "corpus": found.corpus,
        "encoder": str(tiny_encoder),
        "seed": 7,
        "trials": 2,
        "verdict": found.verdict,
    }


def test_one_training_at_a_time_lies_in_memory(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[Any] = []
    alive: list[int] = []

    def watched(*given: Any, **more: Any) -> Any:
        alive.append(sum(model() is not None for model in models))
        made = finetune(*given, **more)
        models.append(weakref.ref(made.backend.model))
        return made

    monkeypatch.setattr(held_out, "finetune", watched)
    bert4text.tune(make_corpus(120), project=project_of(tmp_path, tiny_encoder))
    assert len(models) >= 4
    assert set(alive) == {0}


def test_what_cannot_be_tuned_is_refused_before_any_work(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.verbs.tuning.audit", lambda *_, **__: pytest.fail("the audit ran"))
    everything = {key: value for choices in CHOICES.values() for key, value in choices[0].items()}
    fixed = merged({"learning_rate": 1e-3, "encoder": str(tiny_encoder)}, everything)
    for train in ({"encoder": "tfidf"}, fixed):
        project = Project(tmp_path, {"train": train})
        with pytest.raises(ConfigError) as caught:
            bert4text.tune(make_corpus(120), project=project, out=tmp_path / "t.toml")
        assert caught.value.error_code == "nothing-to-tune"
    bare = make_corpus(120).replace(label_space=None)
    with pytest.raises(LabelError):
        bert4text.tune(bare, project=project_of(tmp_path, tiny_encoder), out=tmp_path / "t.toml")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-encoder"]


def test_a_broken_off_search_goes_on_and_ends_the_same(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, project = make_corpus(120), project_of(tmp_path, tiny_encoder)
    whole = bert4text.tune(corpus, project=project, out=tmp_path / "whole.toml")
    target, original, count = tmp_path / "broken.toml", held_out.answer, []

    def third_breaks(*given: Any, **more: Any) -> Any:
        count.append(1)
        if len(count) == 3:
            raise KeyboardInterrupt
        return original(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(held_out, "answer", third_breaks)
        with pytest.raises(KeyboardInterrupt):
            bert4text.tune(corpus, project=project, out=target)
    assert not target.exists()
    assert work_folder(target).is_dir()
    with pytest.raises(OutputError):
        bert4text.tune(corpus, project=project, out=target)
    resumed = bert4text.tune(corpus, project=project, out=target, resume=True)
    assert resumed.model_dump(exclude={"seconds"}) == whole.model_dump(exclude={"seconds"})
    assert not work_folder(target).exists()


def test_a_training_that_is_late_is_left_and_can_go_on(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    config = TrainConfig.parse(
        {
            "encoder": str(tiny_encoder),
            **LEARNS,
            "epochs": 2,
            "batches": {"size": 16, "checkpoint_steps": 1},
        },
        section="train",
    ).resolved()
    corpus = make_corpus(160)
    parts = read_parts(corpus, config)
    fold = folds(parts.train, parts.label_space, count=2, seed=1)[0]

    def answered(name: str, late: Callable[[], bool]) -> Any:
        return held_out.answer(
            fold, config, corpus="c", seed=5, work=tmp_path / name, late=late, progress=silent
        )

    asked: list[int] = []
    with pytest.raises(held_out.OutOfTime):
        answered("late", lambda: asked.append(1) or len(asked) == 3)
    assert len(read_steps(tmp_path / "late" / "steps.jsonl")) == 3
    whole = answered("whole", lambda: False)
    assert whole.shape == fold.held.truth.shape
    assert (whole.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(answered("late", lambda: False), whole)
    assert held_out.start(config, parts.label_space, seed=5).rate == 3e-3


def test_the_gate_comes_first_and_the_extra_is_named(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make_corpus(200)
    told = corpus.with_column(
        "text",
        [f"{text} Conclusão: {label}." for text, label in zip(corpus.texts, corpus.labels, strict=True)],
    )
    project = project_of(tmp_path, tiny_encoder, audit={})
    with pytest.raises(AuditFailed):
        bert4text.tune(told, project=project, out=tmp_path / "tuned.toml")
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match="'tune'") as caught:
        bert4text.tune(told, project=project, out=tmp_path / "tuned.toml")
    assert caught.value.hint == "python -m pip install 'bert4text[tune]'"
    assert not (tmp_path / "tuned.toml").exists()
    assert not work_folder(tmp_path / "tuned.toml").exists()


def found_of(*, better: bool, confirmed: bool = True) -> Tuned:
    compared = Compared(
        baseline=Figure(value=0.8, low=0.75, high=0.85),
        best=Figure(value=0.86, low=0.82, high=0.9),
        gain=Figure(value=0.06, low=0.01, high=0.1),
        better=0.98 if better else 0.81,
        reports=400,
    )
    settings = {"loss.focal": 1.0, "learning_rate": 5e-5}
    tried = [
        Tried(trial=number, settings=changed, score=score, folds=3, pruned=False)
        for number, (changed, score) in enumerate((({}, 0.8), (settings, 0.86)))
    ]
    return Tuned(
        corpus=f"sha256:{'ab' * 32}",
        encoder="minilm",
        seed=7,
        reports=400,
        patients=200,
        folds=3,
        scored=3,
        trials=2,
        pruned=0,
        seconds=600.0,
        searched=("learning_rate", "loss.focal"),
        search=compared,
        confirmation=compared if confirmed else None,
        needed=0.95,
        verdict="better" if better else "noise",
        settings=settings if better else {},
        tried=tried,
    )


GIVEN = Project(None, {"project": {"seed": 7}, "train": {"loss": {"class_weights": "none"}, "epochs": 4}})


def test_the_file_holds_what_won_and_says_why() -> None:
    text = text_of(found_of(better=True), GIVEN, load("en"))
    assert tomllib.loads(text) == {
        "project": {"seed": 7},
        "train": {
            "encoder": "minilm",
            "epochs": 4,
            "learning_rate": 5e-5,
            "loss": {"class_weights": "none", "focal": 1.0},
        },
    }
    head = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    for said in (
        "sha256:abababababababab",
        "seed 7",
        "2 trials",
        "0.800 (0.750 to 0.850)",
        "98.0%",
        "more than",
    ):
        assert said in head
    assert "flatters" in text_of(found_of(better=True, confirmed=False), GIVEN, load("en"))
    assert all(len(line) <= 100 for line in text.splitlines())


def test_where_it_is_noise_the_file_holds_what_was_given_and_says_so() -> None:
    found = found_of(better=False)
    text = text_of(found, GIVEN, load("pt-BR"))
    assert tomllib.loads(text) == GIVEN.given
    assert "ruído" in text
    assert settings_of(found, GIVEN) is GIVEN
    assert tomllib.loads(text_of(found, Project(), load("en"))) == {"train": {}}
