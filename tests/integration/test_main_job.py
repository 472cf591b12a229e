"""The main job end to end on a tiny encoder, and the controls that a hollow build cannot pass."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.core.errors import AuditFailed, BundleError, OutputError, PolicyError, UnknownEncoderError
from bert4text.core.seeds import rng
from bert4text.data.write import write_corpus
from bert4text.project import Project
from bert4text.store.trail import looks, read_trail
from conftest import POLICY, make_corpus

pytest.importorskip("torch")


def settings(encoder: Path | str, folder: Path, **train: object) -> Project:
    """A project in a folder that trains the tiny encoder for a moment."""
    values = {"encoder": str(encoder), "epochs": 4, "learning_rate": 2e-3, "patience": 0, **train}
    return Project(folder, {"train": values, "evaluate": {"resamples": 200}, "policy": POLICY})


def saved(corpus: Corpus, folder: Path, name: str = "corpus.parquet") -> Path:
    write_corpus(corpus, folder / name, overwrite=True)
    return folder / name


def planted(corpus: Corpus, word: str = "xyzzy") -> Corpus:
    texts = [
        f"{text[:-1]} {word}." if label == "maligno" else text
        for text, label in zip(corpus.texts, corpus.labels, strict=True)
    ]
    return corpus.with_column("text", texts)


def test_from_a_csv_to_predictions(tiny_encoder: Path, tmp_path: Path) -> None:
    corpus = make_corpus(240)
    with (tmp_path / "laudos.csv").open("w", encoding="cp1252", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["exame", "laudo", "rotulo", "prontuario"])
        for report in corpus:
            writer.writerow([report.id, report.text, (report.labels or ("",))[0], report.patient])
    project = settings(tiny_encoder, tmp_path, epochs=12)
    columns = {"id": "exame", "patient": "prontuario"}
    made = bert4text.prepare(
        tmp_path / "laudos.csv", config={"columns": columns}, project=project, out=tmp_path / "c.parquet"
    )
    assert set(made.splits) == {"train", "validation", "calibration", "test"}
    assert not any(
        issue.severity == "error" for issue in bert4text.audit(tmp_path / "c.parquet", project=project)
    )
    classifier = bert4text.train(tmp_path / "c.parquet", project=project, out=tmp_path / "runs" / "a")
    evaluation = bert4text.evaluate(
        tmp_path / "runs" / "a", tmp_path / "c.parquet", project=project, out=tmp_path / "evaluation"
    )
    assert {system.name for system in evaluation.systems} >= {"model", "tfidf", "majority"}
    figure = evaluation.metric("macro_f1")
    assert figure is not None
    assert figure.value is not None
    assert figure.value > 0.8
    assert json.loads((tmp_path / "evaluation" / "metrics.json").read_text())["format"] == "evaluation/1"
    assert "<svg" in (tmp_path / "evaluation" / "scorecard.html").read_text()
    counts = bert4text.predict(
        tmp_path / "runs" / "a",
        tmp_path / "laudos.csv",
        config={"columns": {"id": "exame"}},
        project=project,
        out=tmp_path / "p.parquet",
    )
    assert counts.rows == counts.ok == len(corpus)
    answered = pq.read_table(tmp_path / "p.parquet")
    assert answered["id"].to_pylist() == [report.id for report in corpus]
    direct = bert4text.predict(classifier, [corpus.texts[0]], project=project)[0]
    assert direct.label == answered["label"][0].as_py()
    assert [event.action for event in read_trail(project.trail)] == [
        "key.created",
        "corpus.prepared",
        "residue.accepted",
        "model.trained",
        "test.seen",
        "prediction.batch",
    ]


def test_one_seed_one_result_and_another_differs(tiny_encoder: Path, tmp_path: Path) -> None:
    path = saved(make_corpus(120), tmp_path)
    figures = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        project = settings(tiny_encoder, tmp_path, epochs=8).changed("project", seed=seed)
        bert4text.train(path, project=project, out=tmp_path / name)
        same_seed = settings(tiny_encoder, tmp_path)
        found = bert4text.evaluate(tmp_path / name, path, project=same_seed)
        figures.append(found.model_dump(include={"metrics", "comparisons", "confusion", "curves"}))
    assert figures[0] == figures[1]
    assert figures[0] != figures[2]
    assert looks(path) == 3


def test_control_shuffled_labels_are_not_shown_better_than_the_modal_class(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    corpus = make_corpus(600, signal=True)
    order = rng(5, "tests.shuffle").permutation(len(corpus))
    labels = corpus.table["labels"].to_pylist()
    shuffled = corpus.with_column("labels", [labels[i] for i in order])
    project = settings(tiny_encoder, tmp_path, epochs=16)
    issues = bert4text.audit(shuffled, project=project)
    assert not [issue for issue in issues if issue.severity == "error"]
    evaluation = bert4text.evaluate(bert4text.train(shuffled, project=project), shuffled, project=project)
    for system in ("model", "tfidf"):
        verdicts = {
            comparison.metric: comparison.verdict
            for comparison in evaluation.comparisons
            if (comparison.a, comparison.b) == (system, "majority")
        }
        assert verdicts["accuracy"] != "better"
        assert verdicts["balanced_accuracy"] != "better"


def test_control_a_planted_word_is_found_and_left_in_gives_a_perfect_score(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    path = saved(planted(make_corpus(400, signal=False)), tmp_path)
    project = settings(tiny_encoder, tmp_path, epochs=8)
    issues = bert4text.audit(path, project=project)
    found = [issue for issue in issues if issue.severity == "error"]
    assert any(evidence.term == "xyzzy" for issue in found for evidence in issue.evidence)
    with pytest.raises(AuditFailed):
        bert4text.train(path, project=project, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    opened = project.changed("audit", fail_on="never")
    classifier = bert4text.train(path, project=opened, out=tmp_path / "run")
    assert "audit.fail_on:never" in classifier.info.manifest.overrides
    evaluation = bert4text.evaluate(classifier, path, project=opened)
    figures = {name: evaluation.metric("macro_f1", system=name) for name in ("model", "tfidf")}
    assert figures["model"].value == 1.0
    assert figures["tfidf"].value > 0.95  # the noise of 340 reports has a vocabulary too
    assert classifier.delivered == "model"


def test_control_a_bundle_with_one_byte_changed_does_not_load(tmp_path: Path) -> None:
    project = settings("tfidf", tmp_path)
    bert4text.train(make_corpus(200), project=project, out=tmp_path / "run")
    place = tmp_path / "run" / "baseline" / "weights.safetensors"
    raw = bytearray(place.read_bytes())
    raw[-1] ^= 1
    place.write_bytes(bytes(raw))
    with pytest.raises(BundleError, match="was altered"):
        bert4text.Classifier.load(tmp_path / "run")


def test_an_accepted_check_is_written_down(tmp_path: Path) -> None:
    path = saved(planted(make_corpus(400, signal=False)), tmp_path)
    project = settings("tfidf", tmp_path)
    errors = {issue.check for issue in bert4text.audit(path, project=project) if issue.severity == "error"}
    accepting = project.changed("audit", accept=sorted(errors))
    classifier = bert4text.train(path, project=accepting, out=tmp_path / "run")
    assert {f"audit.accept:{check}" for check in errors} <= set(classifier.info.manifest.overrides)
    assert "audit.overridden" in [event.action for event in read_trail(project.trail)]


def test_what_was_used_to_train_is_not_measured_on(tmp_path: Path) -> None:
    corpus = make_corpus(200)
    project = settings("tfidf", tmp_path)
    classifier = bert4text.train(corpus, project=project)
    with pytest.raises(PolicyError, match="'train' had a part"):
        bert4text.evaluate(classifier, corpus, config={"split": "train"}, project=project)


def test_outputs_that_exist_are_refused_before_any_work(tmp_path: Path) -> None:
    project = settings("tfidf", tmp_path)
    (tmp_path / "run").mkdir()
    with pytest.raises(OutputError, match="exists already"):
        bert4text.train(make_corpus(200), project=project, out=tmp_path / "run")


def test_without_out_nothing_is_written_but_the_trail(tmp_path: Path) -> None:
    project = settings("tfidf", tmp_path)
    classifier = bert4text.train(make_corpus(200), project=project)
    bert4text.evaluate(classifier, make_corpus(200), project=project)
    bert4text.predict(classifier, make_corpus(10), project=project)
    assert [path.name for path in tmp_path.iterdir()] == ["trail.jsonl"]


def test_what_was_held_back_in_training_is_held_back_in_use(tmp_path: Path) -> None:
    corpus = make_corpus(240)
    with (tmp_path / "laudos.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "laudo", "rotulo"])
        for report in corpus:
            label = (report.labels or ("",))[0]
            writer.writerow([report.id, f"ACHADOS: {report.text}\nCONCLUSÃO: {label}.", label])
    project = settings("tfidf", tmp_path).changed("prepare", sections={"drop": ["conclusion"]})
    bert4text.prepare(tmp_path / "laudos.csv", project=project, out=tmp_path / "c.parquet")
    classifier = bert4text.train(tmp_path / "c.parquet", project=project, out=tmp_path / "run")
    text = "ACHADOS: nódulo oval, circunscrito."
    alone, stated = bert4text.predict(
        tmp_path / "run", [text, f"{text}\nCONCLUSÃO: maligno."], project=project
    )
    assert alone.probabilities == stated.probabilities
    from_file = tmp_path / "new.csv"
    from_file.write_text(f'id,laudo\n1,"{text}\nCONCLUSÃO: maligno."\n', encoding="utf-8")
    read = bert4text.predict(classifier, from_file, project=project)[0]
    assert read.probabilities == alone.probabilities


def test_an_encoder_that_is_not_there_is_told_before_any_work(tmp_path: Path) -> None:
    project = settings("bertinbau-base", tmp_path)
    with pytest.raises(UnknownEncoderError, match="bertinbau-base") as caught:
        bert4text.train(planted(make_corpus(200)), project=project, out=tmp_path / "run")
    assert "bertimbau-base" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_is_refused_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bert4text.core.errors import GuardError
    from bert4text.training import train as module

    def collapse(*_: object, **__: object) -> None:
        raise GuardError("collapsed", code="collapsed")

    monkeypatch.setattr(module, "train", collapse)
    with pytest.raises(GuardError):
        bert4text.train(make_corpus(200), project=settings("tfidf", tmp_path), out=tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
