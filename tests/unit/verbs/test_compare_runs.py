"""Another run beside one's own: its labels in our order, the same question, nothing it learned from."""

from __future__ import annotations

from pathlib import Path

import pytest

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.core.errors import LabelError, PolicyError, TrailBroken
from bert4text.core.labels import LabelSpace
from bert4text.data.write import write_corpus
from bert4text.project import Project
from bert4text.store.trail import ledger_path, looks
from conftest import make_corpus


@pytest.fixture
def project(tmp_path: Path) -> Project:
    values = {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}, "evaluate": {"resamples": 100}}
    return Project(tmp_path, values)


def asked_as(corpus: Corpus, names: tuple[str, ...]) -> Corpus:
    space = LabelSpace(task="binary", names=names)
    return Corpus.from_reports(list(corpus), space, language="pt-BR")


def test_the_labels_of_another_run_are_brought_into_our_order(project: Project) -> None:
    ours = make_corpus(240)
    theirs = asked_as(ours, ("maligno", "benigno"))
    run, other = bert4text.train(ours, project=project), bert4text.train(theirs, project=project)
    assert other.label_space.names == ("maligno", "benigno")
    found = bert4text.evaluate(run, ours, compare=other, project=project)
    for name in ("accuracy", "auroc", "sensitivity"):
        own, rival = (found.metric(name, system=system).value for system in ("tfidf", "run:other"))
        assert rival == pytest.approx(own)
        assert own > 0.8


def test_a_run_of_another_question_is_refused(project: Project) -> None:
    run = bert4text.train(make_corpus(240), project=project)
    other = bert4text.train(make_corpus(240, labels=("a", "b")), project=project)
    with pytest.raises(LabelError, match="different questions") as caught:
        bert4text.evaluate(run, make_corpus(240), compare=other, project=project)
    assert caught.value.error_code == "other-question"


def test_a_run_that_learned_from_the_split_is_refused(project: Project) -> None:
    ours, theirs = make_corpus(240), make_corpus(240, seed=4)
    run, other = bert4text.train(ours, project=project), bert4text.train(theirs, project=project)
    with pytest.raises(PolicyError):
        bert4text.evaluate(run, theirs, compare=other, config={"split": "train"}, project=project)


def test_looks_are_numbered_and_an_altered_ledger_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "clean.parquet"
    write_corpus(make_corpus(240), path, overwrite=False)
    run = bert4text.train(path, project=project)
    first, second = (bert4text.evaluate(run, path, project=project) for _ in range(2))
    assert (first.seen, second.seen) == (1, 2)
    ledger = ledger_path(path)
    ledger.write_bytes(ledger.read_bytes().replace(b'"who"', b'"whom"', 1))
    with pytest.raises(TrailBroken):
        bert4text.evaluate(run, path, project=project)
    ledger.unlink()
    assert bert4text.evaluate(run, path, config={"split": "test"}, project=project).seen == 1
    assert looks(path) == 1
