"""Distill: a student learns to answer as its teacher, whatever that is, and from reports without a label."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bert4text
from bert4text.cli.main import run as command
from bert4text.core.corpus import Corpus
from bert4text.core.errors import (
    Bert4TextError,
    ConfigError,
    LabelError,
    ModelError,
    OutputError,
    PolicyError,
)
from bert4text.core.labels import LabelSpace
from bert4text.core.manifest import Manifest, Parent
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.models.sources import weights_digest
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.training import tracking
from bert4text.verbs.distill import disagreement_warning
from bert4text.verbs.run import work_folder
from conftest import make_corpus

pytest.importorskip("torch")
pytest.importorskip("transformers")

LEARNS = {"learning_rate": 2e-3, "patience": 0, "calibration": {"deliver": "model"}}
"""Settings with which tiny encoders learn tiny corpora."""


def of_both(n: int = 240, *, more: int = 0) -> Corpus:
    """Labelled reports, and more of other patients that bear no label and stand in no split."""
    labelled = list(make_corpus(n))
    without = [
        report.model_copy(
            update={"id": f"U{report.id}", "patient": f"u{report.patient}", "labels": None, "split": None}
        )
        for report in (make_corpus(more, seed=11) if more else ())
    ]
    return Corpus.from_reports([*labelled, *without], make_corpus(4).label_space, language="pt-BR")


@pytest.fixture(scope="module")
def place(_tiny_encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and a run of two layers, the teacher."""
    folder = tmp_path_factory.mktemp("distill")
    write_corpus(of_both(), folder / "corpus.parquet", overwrite=False)
    train = {"encoder": str(_tiny_encoder), "epochs": 20, **LEARNS}
    bert4text.train(folder / "corpus.parquet", project=Project(folder, {"train": train}), out=folder / "run")
    return folder


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too short to learn anything."""
    monkeypatch.setattr("bert4text.training.guards.FEWEST_OTHERS", 10**9)


def project_of(folder: Path, **settings: Any) -> Project:
    return Project(folder, {"distill": {**LEARNS, **settings}, "audit": {"fail_on": "never"}})


def alike(one: Classifier, other: Classifier, corpus: Corpus) -> float:
    """Share of the test reports that two answer alike."""
    reports = list(corpus["test"])
    answers = [[(said.label, said.labels) for said in made.predict(reports)] for made in (one, other)]
    return float(np.mean([first == second for first, second in zip(*answers, strict=True)]))


def notes(classifier: Classifier) -> dict[str, Any]:
    found: dict[str, Any] = classifier.info.manifest.notes["distilled"]
    return found


def test_half_of_the_layers_answer_as_the_teacher(place: Path, tmp_path: Path) -> None:
    corpus = of_both()
    made = bert4text.distill(
        place / "run",
        place / "corpus.parquet",
        project=project_of(tmp_path, epochs=10),
        out=tmp_path / "small",
    )
    teacher, student = Classifier.load(place / "run"), Classifier.load(tmp_path / "small")
    assert student.digest == made.digest
    assert alike(student, teacher, corpus) >= 0.9
    found = notes(student)
    assert found["agreement"] >= 0.9
    assert found["layers"] == {"student": 1, "teacher": 2}
    assert found["weights"]["student"] < found["weights"]["teacher"]
    assert found["macro_f1"]["student"] > 0.85
    assert found["reports"] == {"labelled": 144, "unlabelled": 0, "validation": 36}
    assert disagreement_warning(student) is None
    assert student.info.encoder == teacher.info.encoder
    assert student.backend.settings == teacher.backend.settings
    manifest = student.info.manifest
    assert (manifest.kind, manifest.verb) == ("model", "distill")
    assert [(parent.kind, parent.digest) for parent in manifest.parents] == [
        ("corpus", f"sha256:{corpus.fingerprint}"),
        ("model", f"sha256:{teacher.digest}"),
    ]
    assert manifest.config["layers"] == 1
    assert manifest.config["learning_rate"] == 2e-3
    assert set(manifest.notes["decision"]["macro_f1"]) == {"model", "tfidf", "hybrid"}
    assert teacher.digest[:16] in (tmp_path / "small" / "README.md").read_text(encoding="utf-8")
    assert "[distill.targets]" in student.info.config
    assert not any("projection" in name for name in student.backend.model.state_dict())
    (event,) = read_trail(tmp_path / "trail.jsonl")[:1]
    assert (event.action, event.details["teacher"]) == ("model.trained", teacher.digest)
    assert not work_folder(tmp_path / "small").exists()


def test_the_settings_of_a_run_make_it_again(place: Path, tmp_path: Path, short: None) -> None:
    first = bert4text.distill(
        place / "run", of_both(), project=project_of(tmp_path, epochs=2), out=tmp_path / "a"
    )
    again = bert4text.distill(
        place / "run",
        of_both(),
        config=first.info.manifest.config,
        project=Project(tmp_path, {"audit": {"fail_on": "never"}}),
        out=tmp_path / "b",
    )
    assert weights_digest(tmp_path / "a") == weights_digest(tmp_path / "b")
    assert again.info.manifest.config == first.info.manifest.config


def test_reports_without_a_label_bring_a_student_closer(
    place: Path, tiny_encoder: Path, tmp_path: Path, short: None
) -> None:
    teacher, corpus = Classifier.load(place / "run"), of_both(240, more=400)
    seen = 0

    def few(split: str | None) -> bool:
        nonlocal seen
        seen += split == "train"
        return split != "train" or seen <= 16

    corpus = corpus.select([few(split) for split in corpus.table["split"].to_pylist()])
    settings = {"encoder": str(tiny_encoder), "epochs": 12}
    with_them, without = (
        bert4text.distill(
            teacher, corpus, project=project_of(tmp_path, **settings, targets={"unlabelled": most})
        )
        for most in (400, 0)
    )
    assert notes(with_them)["reports"]["unlabelled"] == 400
    assert notes(without)["reports"]["unlabelled"] == 0
    held = of_both()
    assert alike(with_them, teacher, held) >= 0.85
    assert alike(with_them, teacher, held) > alike(without, teacher, held) + 0.1


def test_an_encoder_of_another_width_learns_the_teachers_states(
    place: Path, tiny_encoder: Path, tmp_path: Path
) -> None:
    import torch
    from transformers import BertConfig, BertModel

    sizes = {"num_attention_heads": 2, "intermediate_size": 48, "max_position_embeddings": 64}
    torch.manual_seed(5)
    BertModel(BertConfig(vocab_size=220, hidden_size=24, num_hidden_layers=3, **sizes)).save_pretrained(
        tiny_encoder
    )
    made = bert4text.distill(
        place / "run",
        of_both(),
        project=project_of(tmp_path, encoder=str(tiny_encoder), epochs=12),
        out=tmp_path / "other",
    )
    assert notes(made)["layers"] == {"student": 3, "teacher": 2}
    assert notes(made)["agreement"] >= 0.8
    student = Classifier.load(tmp_path / "other")
    assert student.backend.sizes == (2, 24)
    assert not any("projection" in name for name in student.backend.model.state_dict())
    assert student.info.manifest.config["layers"] is None


@pytest.mark.parametrize("hidden", [0.0, 2.0])
def test_a_killed_one_goes_on_as_if_never_stopped(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: None, hidden: float
) -> None:
    monkeypatch.setattr("bert4text.training.checkpoints.COST", 1e9)
    project = project_of(
        tmp_path,
        epochs=2,
        batches={"checkpoint_steps": 1},
        targets={"hidden": hidden},
    )
    corpus = of_both(120, more=20)
    whole = bert4text.distill(place / "run", corpus, project=project, out=tmp_path / "whole")

    def break_off(self: Any, step: Any) -> None:
        if step.step == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tracking.Figures, "__call__", break_off)
        with pytest.raises(KeyboardInterrupt):
            bert4text.distill(place / "run", corpus, project=project, out=tmp_path / "broken")
    assert not (tmp_path / "broken").exists()
    with pytest.raises(OutputError):
        bert4text.distill(place / "run", corpus, project=project, out=tmp_path / "broken")
    other = project_of(
        tmp_path,
        epochs=2,
        batches={"checkpoint_steps": 1},
        targets={"hidden": hidden, "soft": 0.3},
    )
    with pytest.raises(ModelError) as caught:
        bert4text.distill(place / "run", corpus, project=other, out=tmp_path / "broken", resume=True)
    assert caught.value.error_code == "checkpoint-mismatch"
    assert caught.value.values["parts"] == ["lessons"]
    resumed = bert4text.distill(place / "run", corpus, project=project, out=tmp_path / "broken", resume=True)
    assert weights_digest(tmp_path / "broken") == weights_digest(tmp_path / "whole")
    assert resumed.calibrator == whole.calibrator
    assert not work_folder(tmp_path / "broken").exists()


def test_reports_of_test_are_not_read(place: Path, tmp_path: Path, short: None) -> None:
    corpus, project = of_both(120, more=20), project_of(tmp_path, epochs=1)
    bert4text.distill(place / "run", corpus, project=project, out=tmp_path / "a")
    rows = list(zip(corpus.table["split"].to_pylist(), corpus.texts, strict=True))
    labels = corpus.table["labels"].to_pylist()
    other = corpus.with_column("text", ["xyz" if split == "test" else text for split, text in rows])
    other = other.with_column(
        "labels",
        [["maligno"] if split == "test" else row for (split, _), row in zip(rows, labels, strict=True)],
    )
    bert4text.distill(place / "run", other, project=project, out=tmp_path / "b")
    assert weights_digest(tmp_path / "a") == weights_digest(tmp_path / "b")
    moved = corpus.with_column(
        "text",
        [text + " pele" if row is None else text for text, row in zip(corpus.texts, labels, strict=True)],
    )
    bert4text.distill(place / "run", moved, project=project, out=tmp_path / "c")
    assert weights_digest(tmp_path / "a") != weights_digest(tmp_path / "c")


def test_tfidf_teaches_an_encoder(tiny_encoder: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}})
    teacher = bert4text.train(of_both(), project=project)
    made = bert4text.distill(
        teacher, of_both(), project=project_of(tmp_path, encoder=str(tiny_encoder), epochs=10)
    )
    found = notes(made)
    assert (found["encoder"], found["delivered"], found["layers"]["teacher"]) == ("tfidf", "tfidf", None)
    assert found["agreement"] >= 0.8
    assert made.info.manifest.parents[1:] == ()  # a teacher that was not saved has no digest


def test_both_together_teach_an_encoder(tiny_encoder: Path, tmp_path: Path) -> None:
    train = {"encoder": str(tiny_encoder), "epochs": 12, **LEARNS, "calibration": {"deliver": "hybrid"}}
    project = Project(tmp_path, {"train": train, "audit": {"fail_on": "never"}})
    teacher = bert4text.train(of_both(), project=project)
    assert teacher.delivered == "hybrid"
    made = bert4text.distill(teacher, of_both(), project=project_of(tmp_path, epochs=10))
    assert notes(made)["delivered"] == "hybrid"
    assert notes(made)["agreement"] >= 0.9
    reads = teacher.hybrid[0].model[0].reads if teacher.hybrid else None
    assert reads == ()  # the teacher is as it was


def test_an_export_teaches_an_encoder(place: Path, tiny_encoder: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    bert4text.export(
        place / "run", place / "corpus.parquet", out=tmp_path / "onnx", config={"precision": "float32"}
    )
    made = bert4text.distill(
        tmp_path / "onnx",
        place / "corpus.parquet",
        project=project_of(tmp_path, encoder=str(tiny_encoder), layers=1, epochs=10),
    )
    found = notes(made)
    assert found["layers"] == {"student": 1, "teacher": None}
    assert found["agreement"] >= 0.8
    assert {parent.kind for parent in made.info.manifest.parents} == {"corpus", "model"}


def several() -> Corpus:
    """Reports with none, one or two of three labels."""
    corpus = make_corpus(300, labels=("a", "b"))
    rows = corpus.table["labels"].to_pylist()
    texts = [text + " mm" if place % 3 == 0 else text for place, text in enumerate(corpus.texts)]
    both = [[*row, "c"] if place % 3 == 0 else row for place, row in enumerate(rows)]
    space = LabelSpace(task="multilabel", names=("a", "b", "c"))
    return corpus.with_column("labels", both).with_column("text", texts).replace(label_space=space)


def test_several_labels_at_once(tiny_encoder: Path, tmp_path: Path) -> None:
    train = {"encoder": str(tiny_encoder), "epochs": 16, **LEARNS}
    project = Project(tmp_path, {"train": train, "audit": {"fail_on": "never"}})
    teacher = bert4text.train(several(), project=project)
    made = bert4text.distill(
        teacher, several(), project=project_of(tmp_path, epochs=40), out=tmp_path / "small"
    )
    assert Classifier.load(tmp_path / "small").calibrator.link == "sigmoid"
    assert notes(made)["agreement"] >= 0.75
    assert alike(made, teacher, several()) >= 0.75


@pytest.mark.parametrize("task", ["multiclass", "ordinal"])
def test_three_labels(tiny_encoder: Path, tmp_path: Path, short: None, task: Any) -> None:
    corpus = make_corpus(200, labels=("baixo", "médio", "alto"))
    corpus = corpus.replace(label_space=LabelSpace(task=task, names=corpus.label_space.names))
    project = Project(tmp_path, {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}})
    teacher = bert4text.train(corpus, project=project)
    made = bert4text.distill(
        teacher, corpus, project=project_of(tmp_path, encoder=str(tiny_encoder), epochs=1)
    )
    assert made.label_space == corpus.label_space
    assert made.predict(list(corpus["test"])[:1])[0].label in corpus.label_space.names


def test_long_reports_are_read_in_the_teachers_windows(
    tiny_encoder: Path, tmp_path: Path, short: None
) -> None:
    windows = {"size": 32, "stride": 20, "pooling": "max"}
    train = {"encoder": str(tiny_encoder), "epochs": 1, **LEARNS, "windows": windows}
    long = of_both(120).map_text(lambda text: text + " mama direita" * 30)
    teacher = bert4text.train(
        long, project=Project(tmp_path, {"train": train, "audit": {"fail_on": "never"}})
    )
    made = bert4text.distill(teacher, long, project=project_of(tmp_path, epochs=1))
    assert made.backend.settings == {"window": 32, "stride": 20, "pooling": "max"}
    other = bert4text.distill(
        teacher, long, project=project_of(tmp_path, epochs=1, windows={"size": 64, "most": 1})
    )
    assert other.backend.settings["window"] == 64


def test_a_student_is_not_measured_on_what_its_teacher_learned_from(
    place: Path, tmp_path: Path, short: None
) -> None:
    mine = make_corpus(120, seed=4)
    made = bert4text.distill(
        place / "run", mine, project=project_of(tmp_path, epochs=1), out=tmp_path / "small"
    )
    assert [parent.kind for parent in made.info.manifest.parents] == ["corpus", "model", "corpus"]
    for corpus in (mine, of_both()):
        with pytest.raises(PolicyError):
            bert4text.evaluate(made, corpus, config={"split": "train"})
    dealt = of_both().replace(
        manifest=Manifest(
            kind="corpus",
            verb="audit",
            parents=(Parent(kind="corpus", digest=f"sha256:{of_both().fingerprint}"),),
            config={"remedies": {"prepare": {"split": {"by": "patient"}}}},
        )
    )
    moved = dealt.with_column("split", dealt.table["split"].to_pylist()[::-1])
    with pytest.raises(PolicyError) as caught:
        bert4text.distill(place / "run", moved, project=project_of(tmp_path))
    assert caught.value.error_code == "dealt-anew"


@pytest.mark.parametrize(
    ("settings", "kind", "code"),
    [
        ({"layers": 3}, ConfigError, "too-many-layers"),
        ({"targets": {"soft": 0, "hard": 0}}, ConfigError, "bad-value"),
        ({"targets": {"temperature": 0}}, ConfigError, "bad-value"),
        ({"encoder": "tfidf"}, ModelError, "no-encoder"),
        ({"encoder": "no-such-encoder"}, ModelError, "unknown-encoder"),
    ],
)
def test_settings_that_make_no_student_are_refused(
    place: Path, tmp_path: Path, settings: dict[str, Any], kind: type[Bert4TextError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        bert4text.distill(
            place / "run", of_both(), project=project_of(tmp_path, **settings), out=tmp_path / "none"
        )
    assert caught.value.error_code == code
    assert not (tmp_path / "none").exists()
    assert not work_folder(tmp_path / "none").exists()


@pytest.mark.parametrize("names", [("benigno", "outro"), ("maligno", "benigno"), ("a", "b", "c")])
def test_a_corpus_that_asks_another_question_is_refused_before_any_work(
    place: Path, tmp_path: Path, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("work was done before the refusal")

    monkeypatch.setattr("bert4text.verbs.learning.audit", refuse)
    with pytest.raises(LabelError, match="the teacher answers binary") as caught:
        bert4text.distill(place / "run", make_corpus(60, labels=names), project=project_of(tmp_path))
    assert caught.value.error_code == "other-question"


def test_a_student_that_disagrees_is_told(place: Path, tmp_path: Path, short: None) -> None:
    made = bert4text.distill(
        place / "run", of_both(), project=project_of(tmp_path, epochs=1, learning_rate=1e-7)
    )
    found = notes(made)
    found["agreement"] = 0.75
    issue = disagreement_warning(made)
    assert issue is not None
    assert (issue.code, issue.severity, issue.reports) == ("student-disagrees", "warning", 9)
    assert "9 of 36" in str(issue)
    found["agreement"] = 0.9
    assert disagreement_warning(made) is None


def test_the_commands_one_after_another(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run, corpus = str(place / "run"), str(place / "corpus.parquet")
    settings = [f"--set=distill.{name}" for name in ("epochs=8", "learning_rate=0.002", "patience=0")]
    options = [*settings, "--set=distill.calibration.deliver=model", "--set=audit.fail_on=never"]
    assert command(["distill", run, corpus, "-o", "small", *options, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["format"] == "run/1"
    assert made["distilled"]["layers"] == {"student": 1, "teacher": 2}
    assert command(["distill", run, corpus, "-o", "shown", *options, "--language", "pt-BR"]) == 0
    shown = capsys.readouterr()
    assert "como o professor" in shown.out
    assert "1, 2" in shown.out
    assert "--compare" in shown.err
    assert command(["evaluate", "small", corpus, "--compare", run, "-o", "measured", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "run:run" in {system["name"] for system in found["systems"]}
    assert command(["distill", run, corpus, "-o", "small", *options]) == 8
