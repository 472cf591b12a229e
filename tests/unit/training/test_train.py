"""Train, on a tiny encoder: what comes out, what is refused, what a seed promises."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bert4text.core.corpus import Corpus
from bert4text.core.errors import EmptyCorpusError, GuardError, LabelError, ModelError, UnknownEncoderError
from bert4text.core.labels import LabelSpace
from bert4text.training import train as module
from bert4text.training.config import TrainConfig
from bert4text.training.train import forget, train
from conftest import make_corpus

torch = pytest.importorskip("torch")


def settings(encoder="tfidf", **values):
    given = {
        "encoder": str(encoder),
        "epochs": 2,
        "patience": 0,
        "learning_rate": 5e-3,
        "batches": {"size": 8},
        **values,
    }
    return TrainConfig.parse(given, section="train")


LEARNS = {"epochs": 6}
"""Settings with which the tiny random encoder learns the tiny corpus."""


@pytest.fixture(autouse=True)
def _short(request, monkeypatch):
    """Most trainings here are too short to learn; the guard against collapse has tests of its own."""
    if "guarded" not in request.keywords.get("usefixtures", pytest.mark.usefixtures()).args:
        monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)


@pytest.fixture
def guarded():
    """Leave the guard against collapse as it is."""


def weights(trained):
    return {name: value.detach().clone() for name, value in trained.backend.model.named_parameters()}


@pytest.mark.usefixtures("guarded")
def test_an_encoder_learns_and_is_calibrated(tiny_encoder, tmp_path):
    corpus = make_corpus(300)
    trained = train(corpus, settings(tiny_encoder, epochs=12), seed=7, work=tmp_path / "work")
    assert max(step.validation["macro_f1"] for step in trained.steps if step.validation) > 0.8
    test = corpus["test"]
    logits = trained.backend.forward(test.texts).logits
    decided = trained.calibrator.decide(trained.calibrator.probabilities(logits))
    right = [corpus.label_space.names[i] == label for i, label in zip(decided, test.labels, strict=True)]
    assert np.mean(right) > 0.75
    assert trained.calibrator.kind == trained.baseline_calibrator.kind == "temperature"
    assert trained.info.name == trained.info.name.strip()
    assert trained.window == 64
    assert trained.split_used == {
        "train": "fit",
        "validation": "stop, thresholds, then fit",
        "calibration": "temperature, thresholds",
    }
    assert trained.seconds > 0
    assert not trained.backend.model.training
    assert trained.backend.precision == "float32"
    assert trained.backend.model.config._attn_implementation == "sdpa"


def test_settings_come_back_in_full(tiny_encoder, corpus, tmp_path):
    config = TrainConfig(encoder=str(tiny_encoder), effort="quick", batches={"size": 40})
    full = train(corpus, config, seed=7, work=tmp_path / "work").config
    assert (full.epochs, full.patience, full.learning_rate) == (30, 0, 1e-4)  # 60 steps of 40 reports
    assert full.precision in {"float32", "bfloat16"}
    assert full.windows.size == 64


def test_the_baseline_alone_needs_no_encoder(corpus, tmp_path):
    trained = train(corpus, settings("tfidf"), seed=7, work=tmp_path / "work")
    assert trained.backend is trained.calibrator is trained.info is trained.window is None
    assert trained.steps == []
    assert trained.baseline.forward(corpus["test"].texts).logits.shape == (len(corpus["test"]), 2)
    assert not (tmp_path / "work").exists()


def test_one_seed_gives_the_same_bits_and_another_does_not(tiny_encoder, corpus, tmp_path):
    first, again = (
        train(corpus, settings(tiny_encoder, epochs=2), seed=7, work=tmp_path / name) for name in "ab"
    )
    other = train(corpus, settings(tiny_encoder, epochs=2), seed=8, work=tmp_path / "c")
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(first).items())
    assert first.calibrator == again.calibrator
    plain = [step.model_dump(exclude={"seconds"}) for step in first.steps]
    assert plain == [step.model_dump(exclude={"seconds"}) for step in again.steps]
    assert not torch.equal(weights(first)["classifier.weight"], weights(other)["classifier.weight"])


def test_head_leaves_the_body_as_it_was(tiny_encoder, corpus, tmp_path):
    from bert4text.models.hub import load_encoder

    fresh = load_encoder(str(tiny_encoder), labels=corpus.label_space, seed=7).model
    trained = train(
        corpus, settings(tiny_encoder, adaptation="head", learning_rate=0.02), seed=7, work=tmp_path / "w"
    )
    before = dict(fresh.named_parameters())
    for name, value in weights(trained).items():
        learned = "pooler" in name or "classifier" in name
        assert torch.equal(value, before[name]) != learned, name


@pytest.mark.parametrize("task", ["ordinal", "multiclass"])
def test_three_labels(tiny_encoder, tmp_path, task):
    corpus = make_corpus(300, labels=("baixo", "médio", "alto"))
    corpus = corpus.replace(label_space=LabelSpace(task=task, names=corpus.label_space.names))
    trained = train(corpus, settings(tiny_encoder, **LEARNS), seed=7, work=tmp_path / "work")
    assert max(step.validation["macro_f1"] for step in trained.steps if step.validation) > 0.45
    assert trained.backend.forward(["nódulo"]).logits.shape == (1, 3)


def test_several_labels_at_once(tiny_encoder, tmp_path):
    corpus = make_corpus(300, labels=("a", "b"))
    both = [
        [*labels, "c"] if i % 3 == 0 else labels
        for i, labels in enumerate(corpus.table["labels"].to_pylist())
    ]
    corpus = corpus.with_column("labels", [[] if i % 10 == 0 else row for i, row in enumerate(both)])
    corpus = corpus.replace(label_space=LabelSpace(task="multilabel", names=("a", "b", "c")))
    trained = train(corpus, settings(tiny_encoder, **LEARNS), seed=8, work=tmp_path / "work")
    assert trained.calibrator.link == "sigmoid"
    assert trained.steps[-1].validation["macro_f1"] > 0.5


def test_long_reports_are_learned_from_in_windows(tiny_encoder, corpus, tmp_path):
    long = corpus.map_text(lambda text: text + " mama direita" * 60)
    trained = train(
        long, settings(tiny_encoder, epochs=1, windows={"most": 2}), seed=7, work=tmp_path / "work"
    )
    assert trained.steps[0].tokens <= 8 * 2 * 64
    assert trained.backend.forward(long.texts[:2]).windows.min() > 2


def without(corpus, split):
    kept = [name != split for name in corpus.table["split"].to_pylist()]
    return corpus.select(kept)


@pytest.mark.parametrize("split", ["train", "validation", "calibration"])
def test_a_missing_split_is_named(corpus, tmp_path, split):
    with pytest.raises(EmptyCorpusError, match=f"split '{split}'") as caught:
        train(without(corpus, split), settings(), seed=7, work=tmp_path / "work")
    assert "bert4text prepare" in caught.value.hint
    assert caught.value.exit_status == 3


def test_no_calibration_split_is_needed_without_a_temperature(corpus, tmp_path):
    config = settings(calibration={"temperature": False, "thresholds": False})
    trained = train(without(corpus, "calibration"), config, seed=7, work=tmp_path / "work")
    assert trained.baseline_calibrator.kind == "none"
    assert trained.split_used == {"train": "fit", "validation": "stop"}


def test_the_test_split_is_never_read(tiny_encoder, corpus, tmp_path):
    config = settings(tiny_encoder, epochs=1)
    whole = train(corpus, config, seed=7, work=tmp_path / "a")
    blind = train(without(corpus, "test"), config, seed=7, work=tmp_path / "b")
    assert all(torch.equal(value, weights(blind)[name]) for name, value in weights(whole).items())


def test_reports_without_a_label_are_left_out(corpus, tmp_path):
    labels = corpus.table["labels"].to_pylist()
    holes = corpus.with_column("labels", [None if i % 5 == 0 else row for i, row in enumerate(labels)])
    assert train(holes, settings(), seed=7, work=tmp_path / "work").baseline is not None
    with pytest.raises(EmptyCorpusError) as caught:
        train(corpus.with_column("labels", [None] * len(corpus)), settings(), seed=7, work=tmp_path / "work")
    assert caught.value.error_code == "unlabelled-split"


def test_a_corpus_without_a_question_is_refused(corpus, tmp_path):
    with pytest.raises(LabelError, match="no labels"):
        train(corpus.replace(label_space=None), settings(), seed=7, work=tmp_path / "work")


def test_one_class_only_is_refused(corpus, tmp_path):
    one = corpus.with_column("labels", [["benigno"]] * len(corpus))
    with pytest.raises(LabelError) as caught:
        train(one, settings(), seed=7, work=tmp_path / "work")
    assert caught.value.error_code == "one-class"


def test_an_unknown_encoder_is_refused(corpus, tmp_path):
    with pytest.raises(UnknownEncoderError):
        train(corpus, settings("no-such-encoder"), seed=7, work=tmp_path / "work")


def test_a_class_of_one_report_does_not_stop_it(tiny_encoder, corpus, tmp_path):
    labels = corpus.table["labels"].to_pylist()
    labels[0] = ["raro"]
    rare = corpus.with_column("labels", labels).replace(
        label_space=LabelSpace(task="multiclass", names=("benigno", "maligno", "raro", "nunca"))
    )
    trained = train(rare, settings(tiny_encoder), seed=7, work=tmp_path / "work")
    assert trained.backend.forward(["nódulo"]).logits.shape == (1, 4)


@pytest.mark.usefixtures("guarded")
def test_collapse_to_the_modal_class_is_refused(tiny_encoder, corpus, tmp_path):
    config = settings(
        tiny_encoder,
        epochs=1,
        learning_rate=1e-7,
        loss={"class_weights": "none"},
        optimizer={"head_start": False},
    )
    modal = [["benigno"] if i % 4 else ["maligno"] for i in range(len(corpus))]
    with pytest.raises(GuardError) as caught:
        train(corpus.with_column("labels", modal), config, seed=7, work=tmp_path / "work")
    assert caught.value.error_code == "collapsed"


def test_an_absurd_learning_rate_ends_in_a_guard(tiny_encoder, corpus, tmp_path, monkeypatch):
    from bert4text.training import loop

    monkeypatch.setattr(loop, "learning_rate", lambda *_, **__: float("inf"))
    with pytest.raises(GuardError) as caught:
        train(corpus, settings(tiny_encoder), seed=7, work=tmp_path / "work")
    assert caught.value.error_code == "diverged"


class Stop(Exception):
    pass


def interrupted(monkeypatch, corpus, config, *, at, work, seed=7):
    """Train and be interrupted after step ``at``, as Ctrl-C would."""
    from bert4text.training import tracking

    real = tracking.Figures.__call__

    def break_off(self, step):
        real(self, step)
        if step.step == at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tracking.Figures, "__call__", break_off)
        with pytest.raises(KeyboardInterrupt):
            train(corpus, config, seed=seed, work=work)


@pytest.mark.parametrize("at", [2, 9, 15])
def test_an_interrupted_training_goes_on_as_if_never_stopped(tiny_encoder, corpus, tmp_path, monkeypatch, at):
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    config = settings(tiny_encoder, batches={"size": 8, "checkpoint_steps": 1})
    whole = train(corpus, config, seed=7, work=tmp_path / "whole")
    interrupted(monkeypatch, corpus, config, at=at, work=tmp_path / "work")
    resumed = train(corpus, config, seed=7, work=tmp_path / "work", resume=True)
    assert all(torch.equal(value, weights(resumed)[name]) for name, value in weights(whole).items())
    assert resumed.calibrator == whole.calibrator
    assert [s.model_dump(exclude={"seconds"}) for s in resumed.steps] == [
        s.model_dump(exclude={"seconds"}) for s in whole.steps
    ]


def test_a_finished_training_resumes_to_itself(tiny_encoder, corpus, tmp_path):
    config = settings(tiny_encoder, epochs=2)
    whole = train(corpus, config, seed=7, work=tmp_path / "work")
    again = train(corpus, config, seed=7, work=tmp_path / "work", resume=True)
    assert all(torch.equal(value, weights(again)[name]) for name, value in weights(whole).items())
    assert again.steps == whole.steps
    forget(tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_a_checkpoint_of_other_settings_or_reports_is_refused(tiny_encoder, corpus, tmp_path):
    config = settings(tiny_encoder, epochs=2)
    train(corpus, config, seed=7, work=tmp_path / "work")
    for what, other_corpus, other_config, seed in (
        ("settings", corpus, settings(tiny_encoder, epochs=4), 7),
        ("corpus", corpus.map_text(str.upper), config, 7),
        ("seed", corpus, config, 8),
    ):
        with pytest.raises(ModelError) as caught:
            train(other_corpus, other_config, seed=seed, work=tmp_path / "work", resume=True)
        assert caught.value.error_code == "checkpoint-mismatch"
        assert what in caught.value.values["parts"]


def test_without_resume_what_lay_there_is_dropped(tiny_encoder, corpus, tmp_path):
    train(corpus, settings(tiny_encoder, epochs=2), seed=7, work=tmp_path / "work")
    anew = train(corpus, settings(tiny_encoder, epochs=1), seed=8, work=tmp_path / "work")
    assert {step.epoch for step in anew.steps} == {1}


def test_work_holds_no_text_and_no_pickle(tiny_encoder, corpus, tmp_path):
    train(corpus, settings(tiny_encoder, epochs=1), seed=7, work=tmp_path / "work")
    files = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json", ".jsonl"}
    for path in files:
        content = path.read_bytes()
        assert not any(text.encode() in content for text in corpus.texts)
        assert not any(name.encode() in content for name in corpus.table["id"].to_pylist())


def test_the_noun_is_frozen(corpus, tmp_path):
    trained = train(corpus, settings(), seed=7, work=tmp_path / "work")
    with pytest.raises(dataclasses.FrozenInstanceError):
        trained.seconds = 0.0
    assert isinstance(corpus, Corpus)
    assert module.split_used(settings())["train"] == "fit"


def other(folder, family, **values):
    """Put an encoder of another family into the folder of the tiny one."""
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(family, vocab_size=220, pad_token_id=0, **values)
    torch.manual_seed(3)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("adaptation", ["full", "head"])
def test_a_body_that_cannot_be_taken_out_is_run_whole(tiny_encoder, corpus, tmp_path, adaptation):
    encoder = other(tiny_encoder, "gpt2", n_embd=32, n_layer=1, n_head=2, n_positions=64)
    trained = train(
        corpus, settings(encoder, adaptation=adaptation, epochs=1), seed=7, work=tmp_path / "work"
    )
    assert trained.backend.forward(["nódulo oval"]).logits.shape == (1, 2)


def test_an_encoder_that_does_not_ignore_padding_is_refused_before_it_learns(tiny_encoder, corpus, tmp_path):
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 64}
    encoder = other(tiny_encoder, "fnet", max_position_embeddings=64, **sizes)
    with pytest.raises(ModelError, match="does not ignore padding"):
        train(corpus, settings(encoder), seed=7, work=tmp_path / "work")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("precision", ["auto", "bfloat16"])
def test_an_encoder_without_bfloat16_learns_in_float32(
    tiny_encoder, corpus, tmp_path, monkeypatch, precision
):
    monkeypatch.setattr("bert4text.core.machine.has_bf16", lambda: True)
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    encoder = other(tiny_encoder, "deberta", max_position_embeddings=64, **sizes)
    config = settings(encoder, precision=precision, epochs=1)
    if precision == "auto":
        trained = train(corpus, config, seed=7, work=tmp_path / "work")
        assert trained.config.precision == "float32"
        return
    with pytest.raises(ModelError, match="cannot be computed in bfloat16"):
        train(corpus, config, seed=7, work=tmp_path / "work")


def test_logits_that_are_no_numbers_name_the_step(tiny_encoder, corpus, tmp_path, monkeypatch):
    from bert4text.training import finetune

    real = finetune.whole_logits
    monkeypatch.setattr(finetune, "whole_logits", lambda *given: real(*given) * np.nan)
    with pytest.raises(GuardError, match="diverged at step 9"):
        train(corpus, settings(tiny_encoder, epochs=1), seed=7, work=tmp_path / "work")
