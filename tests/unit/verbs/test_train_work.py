"""Work that is left behind, and work that is refused: what is there before, after and instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bert4text
from bert4text.core.errors import GuardError, ModelError, OutputError
from bert4text.project import Project
from bert4text.training import train as training
from bert4text.verbs import learning
from bert4text.verbs.run import work_folder
from bert4text.verbs.working import check_unfinished, working
from conftest import make_corpus


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("work was done before the refusal")


def test_an_encoder_without_safetensors_is_told_before_any_work(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    (tiny_encoder / "model.safetensors").rename(tiny_encoder / "pytorch_model.bin")
    monkeypatch.setattr(learning, "audit", refuse)
    with pytest.raises(ModelError, match="as a pickle only") as caught:
        bert4text.train(make_corpus(), config={"encoder": str(tiny_encoder)}, out=tmp_path / "run")
    assert caught.value.error_code == "pickle-only"


def test_an_unfinished_training_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = work_folder(tmp_path / "run") / "checkpoints"
    left.mkdir(parents=True)
    monkeypatch.setattr(learning, "audit", refuse)
    with pytest.raises(OutputError) as caught:
        bert4text.train(make_corpus(), config={"encoder": "tfidf"}, out=tmp_path / "run")
    assert caught.value.error_code == "unfinished"
    assert left.is_dir()


@pytest.mark.parametrize("resume", [False, True])
def test_two_trainings_of_one_run_do_not_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, resume: bool
) -> None:
    corpus, out, config = make_corpus(200), tmp_path / "run", {"encoder": "tfidf"}
    learn, steps = training.train, work_folder(out) / "steps.jsonl"

    def meanwhile(*given: Any, work: Path, **others: Any) -> Any:
        steps.write_text("{}\n")
        with monkeypatch.context() as patch:
            patch.setattr(learning, "audit", refuse)
            with pytest.raises(OutputError) as caught:
                bert4text.train(corpus, config=config, out=out, resume=resume, overwrite=not resume)
        assert caught.value.error_code == "busy"
        assert steps.read_text() == "{}\n"
        return learn(*given, work=work, **others)

    monkeypatch.setattr(training, "train", meanwhile)
    bert4text.train(corpus, config=config, out=out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"]


def test_one_that_began_at_the_same_moment_is_kept_out(tmp_path: Path) -> None:
    with working(tmp_path / "run", resume=False) as work:
        (work / "steps.jsonl").write_text("{}\n")
        with pytest.raises(OutputError) as caught, working(tmp_path / "run", resume=False):
            refuse()
        assert caught.value.error_code == "busy"
        assert (work / "steps.jsonl").read_text() == "{}\n"
        with working(tmp_path / "other", resume=False):
            pass
    assert not list(tmp_path.iterdir())


def test_the_lock_of_a_killed_training_keeps_nobody_out(tmp_path: Path) -> None:
    left = work_folder(tmp_path / "run")
    left.mkdir()
    left.with_suffix(".lock").touch()
    (left / "steps.jsonl").write_text("{}\n")
    check_unfinished(tmp_path / "run", resume=True, overwrite=False)
    with working(tmp_path / "run", resume=True) as work:
        assert (work / "steps.jsonl").is_file()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [GuardError, OutputError])
def test_what_a_guard_refused_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[GuardError | OutputError]
) -> None:
    def stop(*_: object, work: Path, **__: object) -> None:
        (work / "steps.jsonl").write_text("{}\n")
        raise error("it stopped", code="stopped")

    monkeypatch.setattr(training, "train", stop)
    project = Project(tmp_path, {"train": {"encoder": "tfidf"}})
    with pytest.raises(error):
        bert4text.train(make_corpus(200), project=project, out=tmp_path / "run")
    assert work_folder(tmp_path / "run").exists() is (error is OutputError)
