"""Facts are counted, not supposed."""

from __future__ import annotations

import pytest
from described_corpus import ISSUES, SECRET, small_corpus

from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.governance import count
from bert4text.governance.count import facts_of
from bert4text.governance.facts import AttributeFacts, SplitFacts, Words


def test_a_corpus_is_counted() -> None:
    facts = facts_of(small_corpus(), issues=ISSUES, looks=2)
    assert (facts.reports, facts.labelled, facts.unlabelled, facts.none_of_them) == (12, 11, 1, 0)
    assert (facts.patients, facts.episodes, facts.sites) == (5, None, 2)
    assert facts.without == {"patients": 2, "episodes": 12, "sites": 0}
    assert (facts.first_month, facts.last_month, facts.dated) == ("2024-03", "2025-02", 12)
    assert facts.origins == {"real": 11, "synthetic": 1}
    assert facts.generators == {"cytology": 1}
    assert facts.splits == (
        SplitFacts(name="train", reports=9, patients=5),
        SplitFacts(name="test", reports=2, patients=1),
    )
    assert facts.not_split == 1
    assert facts.words == Words(least=4, median=7, p95=12, most=12)
    assert facts.attributes == (
        AttributeFacts(name="idade", reports=6, values=6),
        AttributeFacts(name="sexo", reports=6, values=1),
    )
    assert facts.looks == 2
    assert facts.issues == ISSUES


def test_labels_have_reports_patients_splits_and_lengths() -> None:
    benign, grade = facts_of(small_corpus()).labels
    assert (benign.name, benign.reports, benign.patients, benign.splits) == ("benigno", 8, 4, {"train": 8})
    assert (grade.reports, grade.patients, grade.splits) == (3, 1, {"train": 1, "test": 2})
    assert grade.words == Words(least=9, median=10, p95=11, most=11)


def test_sections_are_counted_by_report() -> None:
    facts = facts_of(small_corpus())
    assert facts.sections == {"conclusion": 4, "body": 12}
    assert facts.sections_read == 12


def test_of_many_reports_a_sample_is_read_for_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(count, "SECTIONS_READ", 5)
    facts = facts_of(small_corpus(), seed=3)
    assert facts.sections_read == facts.sections["body"] == 5
    assert facts.sections == facts_of(small_corpus(), seed=3).sections


def test_the_manifest_tells_how_it_was_made_but_no_path() -> None:
    facts = facts_of(small_corpus())
    assert facts.manifest is not None
    assert facts.manifest.config["columns"] == {"text": "laudo"}
    assert "source" not in facts.manifest.config
    assert (facts.rows, facts.aside) == (15, {"duplicate": 2, "label-several": 1})
    assert [note.code for note in facts.said] == ["language"]
    assert facts.deidentified == {"policy": "lgpd", "residue.names": "2"}


def test_a_note_of_another_version_is_left_out() -> None:
    corpus = small_corpus()
    assert corpus.manifest is not None
    notes = {"said": ["?", {"code": "x", "message": "y"}, {"message": "z", "more": 1}], "rows": "many"}
    facts = facts_of(corpus.replace(manifest=corpus.manifest.model_copy(update={"notes": notes})))
    assert [note.code for note in facts.said] == ["x"]
    assert (facts.rows, facts.aside) == (None, None)


def test_the_generator_that_ran_is_told() -> None:
    corpus = small_corpus()
    assert corpus.manifest is not None
    changes = {"config": {"generator": "cytology"}, "notes": {"generator": "founding"}}
    facts = facts_of(corpus.replace(manifest=corpus.manifest.model_copy(update=changes)))
    assert facts.manifest is not None
    assert facts.manifest.config == {"generator": "founding"}


def test_what_is_not_known_is_none() -> None:
    bare = Corpus.from_reports([Report(id="1", text="a b"), Report(id="2", text="")])
    facts = facts_of(bare)
    unknown = (facts.language, facts.task, facts.patients, facts.first_month, facts.manifest, facts.rows)
    assert unknown == (None,) * 6
    assert (facts.aside, facts.deidentified, facts.looks) == (None, None, None)
    assert facts.words == Words(least=0, median=0, p95=2, most=2)
    assert facts.labels == facts.splits == facts.attributes == ()


def test_multilabel_reports_count_under_each_label() -> None:
    reports = [
        Report(id="1", text="a", labels=("x", "y")),
        Report(id="2", text="b c", labels=("y",)),
        Report(id="3", text="d", labels=()),
    ]
    facts = facts_of(Corpus.from_reports(reports, LabelSpace(task="multilabel", names=("x", "y", "z"))))
    assert [(label.name, label.reports) for label in facts.labels] == [("x", 1), ("y", 2), ("z", 0)]
    assert (facts.labelled, facts.none_of_them, facts.unlabelled) == (2, 1, 0)
    assert facts.labels[2].words is None


def test_no_fact_holds_a_text_or_an_identifier() -> None:
    facts = facts_of(small_corpus(), issues=ISSUES)
    assert SECRET not in facts.model_dump_json()


def test_what_was_found_is_told_in_one_number() -> None:
    told = {
        "policy": "lgpd",
        "settings": "9f2c",
        "recognizer": None,
        "given_names": True,
        "reports": 9,
        "found": {"cpf": 3, "patient": 9},
        "in_reports": {"cpf": 2, "patient": 9},
        "residue": {"reports": 1, "kinds": {"date": 1}},
    }
    facts = facts_of(small_corpus().replace(deidentified=told))
    assert facts.deidentified == {
        "policy": "lgpd",
        "given_names": "True",
        "reports": "9",
        "found": "12",
        "residue.reports": "1",
    }
