"""A corpus mended by an audit is still the one it was made from: for splits that were used, and for looks."""

from __future__ import annotations

import pytest

from bert4text import audit, evaluate, synthesize, train
from bert4text.core.errors import PolicyError
from bert4text.project import Project
from bert4text.store.trail import looks

SECTIONS = {"prepare": {"sections": {"drop": ["note"]}}}
SPLIT = {"prepare": {"split": {"by": "patient", "train": 0.5, "test": 0.3}}}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mended")
    project = Project(folder, {"train": {"encoder": "tfidf"}, "evaluate": {"effort": "quick"}})
    path = folder / "corpus.parquet"
    synthesize("cytology", project=project, out=path)
    return folder, project, path, train(path, project=project)


def test_a_split_that_was_used_stays_used_in_a_mended_corpus(made):
    folder, project, path, model = made
    out = folder / "cut.parquet"
    audit(path, project=project, apply=SECTIONS, out=out)
    with pytest.raises(PolicyError) as caught:
        evaluate(model, out, project=project, config={"split": "train"})
    assert caught.value.error_code == "split-used"
    assert evaluate(model, out, project=project).reports > 0


def test_reports_dealt_anew_are_not_measured_by_a_model_that_may_have_learned_from_them(made):
    folder, project, path, model = made
    out = folder / "dealt.parquet"
    audit(path, project=project, apply=SPLIT, out=out)
    with pytest.raises(PolicyError) as caught:
        evaluate(model, out, project=project)
    assert caught.value.error_code == "dealt-anew"


def test_looks_at_test_go_on_counting_in_a_mended_corpus(made):
    folder, project, path, model = made
    evaluate(model, path, project=project)
    before = looks(path)
    out = folder / "counted.parquet"
    audit(path, project=project, apply=SECTIONS, out=out)
    assert looks(out) == before
    assert evaluate(model, out, project=project).seen == before + 1
    assert looks(path) == before
