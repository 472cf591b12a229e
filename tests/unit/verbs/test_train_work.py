"""Work that is left behind, and work that is refused: what is there before, after and instead."""

from __future__ import annotations

from pathlib import Path

import pytest

import bert4text
from bert4text.core.errors import GuardError, ModelError, OutputError
from bert4text.project import Project
from bert4text.training import train as training
from bert4text.verbs import learning
from bert4text.verbs.run import work_folder
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
