"""``stress``: where a classifier breaks, written without a text, with a gate that says no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bert4text
from bert4text.core.errors import ConfigError, EmptyCorpusError, LabelError, OutputError, StressFailed
from bert4text.core.manifest import Manifest
from bert4text.data.write import write_corpus
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import looks, read_trail
from conftest import make_corpus

TFIDF = {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}}
CORPUS = make_corpus(200)
FEW = {"only": ["accents-lost", "capitals", "said-twice", "one-sentence"]}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return bert4text.train(CORPUS, project=Project(given=TFIDF))


def test_what_breaks_is_found_again_with_the_same_seed(classifier: Classifier) -> None:
    found = bert4text.stress(classifier, CORPUS, config=FEW)
    again = bert4text.stress(classifier, CORPUS, config=FEW)
    assert found.model_dump(exclude={"manifest"}) == again.model_dump(exclude={"manifest"})
    assert found.manifest.digest == again.manifest.digest
    rates = {one.name: one for one in found.perturbations}
    assert set(rates) == set(FEW["only"])
    assert rates["capitals"].failures == 0  # TF-IDF reads small letters
    assert rates["accents-lost"].tests > 20
    assert found.reports == len(CORPUS["test"])
    assert found.patients == CORPUS["test"].patients
    assert found.use is None
    assert found.languages == {"pt": found.reports}


def test_whole_patients_are_drawn_and_no_more_reports_than_asked_for(classifier: Classifier) -> None:
    found = bert4text.stress(classifier, CORPUS, config={**FEW, "reports": 7})
    assert (found.reports, found.patients) == (6, 3)
    other = bert4text.stress(
        classifier, CORPUS, config={**FEW, "reports": 7}, project=Project(given={"project": {"seed": 8}})
    )
    assert other.corpus == found.corpus
    assert other.perturbations != found.perturbations or other.worst != found.worst


def test_a_folder_and_a_page_are_written_without_text_and_ids_stand_in_one_file_alone(
    classifier: Classifier, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    config = {"only": ["very-long", "accents-lost", "letter-left-out"], "sure": 0.0}
    out, page = tmp_path / "stressed", tmp_path / "page.html"
    found = bert4text.stress(
        classifier, CORPUS, config=config, project=project, out=out, html=page, language="pt-BR"
    )
    assert found.worst
    assert sorted(path.name for path in out.iterdir()) == ["stress.html", "stress.json", "worst.jsonl"]
    document = (out / "stress.json").read_text(encoding="utf-8")
    told = json.loads(document)
    assert told["format"] == "stress/1"
    assert told["worst"][0].keys() == {"perturbation", "row", "before", "after", "shift"}
    ids = [json.loads(line)["id"] for line in (out / "worst.jsonl").read_text("utf-8").splitlines()]
    assert ids == [one.id for one in found.worst]
    said = [report.text.split() for report in CORPUS]
    texts = {" ".join(words[place : place + 3]) for words in said for place in range(len(words) - 2)}
    for path in (*out.iterdir(), page):
        shown = path.read_text(encoding="utf-8")
        assert not [words for words in texts if words in shown], path.name
        assert (ids[0] in shown) == (path.name == "worst.jsonl")
    assert page.read_text("utf-8") == (out / "stress.html").read_text("utf-8")
    event = read_trail(project.trail)[-1]
    assert (event.action, event.details["reports"]) == ("model.stressed", found.reports)
    with pytest.raises(OutputError, match="exists"):
        bert4text.stress(classifier, CORPUS, config=config, out=out)
    bert4text.stress(classifier, CORPUS, config=FEW, out=out, overwrite=True)


def test_a_gate_says_no_after_all_is_written(classifier: Classifier, tmp_path: Path) -> None:
    config = {"only": ["very-long", "capitals", "one-sentence"], "minimum_n": 5}
    gates: dict[str, Any] = {"capitals": 0.2}
    passed = bert4text.stress(classifier, CORPUS, config={**config, "at_most": gates})
    assert passed.broken == ()
    gates["nothing-said"] = 0.1  # six texts at most: too few to tell
    config["minimum_n"] = 20
    with pytest.raises(StressFailed, match="nothing-said") as caught:
        bert4text.stress(classifier, CORPUS, config={**config, "at_most": gates}, out=tmp_path / "stressed")
    assert caught.value.exit_status == 1
    assert caught.value.stress.broken == ("nothing-said",)
    assert (tmp_path / "stressed" / "stress.json").exists()


def test_no_label_is_read_and_no_look_at_the_test_split_is_counted(
    classifier: Classifier, tmp_path: Path
) -> None:
    blind = CORPUS.with_column("labels", [None] * len(CORPUS))
    assert (
        bert4text.stress(classifier, blind, config=FEW).perturbations
        == bert4text.stress(classifier, CORPUS, config=FEW).perturbations
    )
    write_corpus(CORPUS, tmp_path / "corpus.parquet", overwrite=False)
    bert4text.stress(classifier, tmp_path / "corpus.parquet", config=FEW)
    assert not looks(tmp_path / "corpus.parquet")


def test_a_split_that_had_a_part_in_the_making_is_told(classifier: Classifier) -> None:
    found = bert4text.stress(classifier, CORPUS, config={**FEW, "split": "train"})
    assert found.use is not None
    assert "fit" in found.use


def test_where_each_side_is_asked_for_sides_are_not_swapped(classifier: Classifier) -> None:
    made = Manifest(kind="corpus", verb="prepare", config={"sides": ["right", "left"]})
    found = bert4text.stress(classifier, CORPUS.replace(manifest=made), config={"only": ["side-swapped"]})
    assert found.perturbations[0].reason == "asked-of-a-side"
    assert bert4text.stress(classifier, CORPUS, config={"only": ["side-swapped"]}).perturbations[
        0
    ].reason in {
        None,
        "nothing-to-change",
    }


def test_what_can_not_be_tried_is_refused(classifier: Classifier) -> None:
    with pytest.raises(ConfigError, match="no perturbation") as caught:
        bert4text.stress(classifier, CORPUS, config={"only": ["accent-lost"]})
    assert caught.value.values["near"] == "accents-lost"
    with pytest.raises(LabelError, match="ruim"):
        bert4text.stress(classifier, CORPUS, config={"serious": ["ruim"]})
    with pytest.raises(EmptyCorpusError):
        bert4text.stress(classifier, CORPUS["train"], config=FEW)
