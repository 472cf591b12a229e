from __future__ import annotations

import pytest

from bert4text import audit, synthesize
from bert4text.auditing.checks import CHECKS
from bert4text.auditing.remedies import Remedies, as_toml, mend, proposed
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, EmptyCorpusError, LabelError
from bert4text.core.issue import Issue
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.data.read_corpus import read_corpus
from bert4text.project import Project
from bert4text.verbs.cut import reading_of
from conftest import make_corpus

SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))
TFIDF = {"train": {"encoder": "tfidf"}}


def corpus(n=12, **columns):
    reports = [
        Report(
            id=f"r{i}",
            text=f"Achados: nódulo {'abcdefghijkl'[i % 12]}.\nConclusão: tipo {SPACE.names[i % 3]}.",
            labels=(SPACE.names[i % 3],),
            patient=f"p{i // 2}",
            split=("train", "test")[i % 2],
            source_row=i + 1,
        )
        for i in range(n)
    ]
    made = Corpus.from_reports(reports, SPACE)
    for name, values in columns.items():
        made = made.with_column(name, values)
    return made


def mended(made, **values):
    return mend(made, Remedies.parse(values), seed=7)


def told(result):
    return {note.code: note for note in result.notes}


def test_sections_are_cut_and_counted_and_the_corpus_given_stays_as_it_is():
    made = corpus()
    before = made.fingerprint
    result = mended(made, prepare={"sections": {"drop": ["conclusion"]}})
    assert all("tipo" not in text and "nódulo" in text for text in result.corpus.texts)
    assert told(result)["sections"].values == {"count": 12}
    assert made.fingerprint == before
    assert "tipo" in made.texts[0]


def test_reports_that_lose_all_their_text_are_set_aside():
    made = corpus(text=["Conclusão: tipo a."] * 3 + corpus().texts[3:])
    result = mended(made, prepare={"sections": {"drop": ["conclusion"]}})
    assert len(result.corpus) == 9
    assert told(result)["no-text-left"].rows == (1, 2, 3)


def test_repeats_are_dropped_and_conflicts_set_aside():
    texts = corpus().texts
    texts[3] = texts[0].upper()  # the same label: a repeat
    texts[4] = texts[2]  # another label: a conflict
    result = mended(corpus(text=texts), prepare={"deduplicate": True})
    kept = result.corpus.table["source_row"].to_pylist()
    assert len(kept) == 9
    assert not {3, 5} & set(kept)
    assert (told(result)["duplicate"].reports, told(result)["conflict"].reports) == (1, 2)


def test_a_new_split_keeps_patients_whole():
    made = corpus(120)
    result = mended(
        made,
        prepare={
            "split": {"by": "patient", "train": 0.5, "validation": 0.2, "calibration": 0.1, "test": 0.2}
        },
    )
    table = result.corpus.table
    homes = {}
    for patient, split in zip(table["patient"].to_pylist(), table["split"].to_pylist(), strict=True):
        homes.setdefault(patient, set()).add(split)
    assert {len(home) for home in homes.values()} == {1}
    assert result.corpus.splits["train"] == pytest.approx(60, abs=4)


def test_rows_are_relabelled_and_set_aside_by_their_row_in_the_source():
    result = mended(corpus(), rows={"set_aside": [1, 2], "relabel": {"3": "a"}})
    table = result.corpus.table
    found = dict(zip(table["source_row"].to_pylist(), table["labels"].to_pylist(), strict=True))
    assert 1 not in found
    assert found[3] == ["a"]
    assert told(result)["relabelled"].rows == (3,)


def test_labels_are_mapped_and_the_question_follows():
    result = mended(corpus(), prepare={"label_map": {"c": "b"}})
    assert result.corpus.label_space.names == ("a", "b")
    assert set(result.corpus.labels) == {"a", "b"}
    result = mended(corpus(), prepare={"label_map": {"c": ""}})
    assert result.corpus.label_space.names == ("a", "b")
    assert len(result.corpus) == 8


def test_a_label_that_nobody_bears_any_more_leaves_the_question():
    result = mended(corpus(), rows={"set_aside": [3, 6, 9, 12]})
    assert result.corpus.label_space.names == ("a", "b")
    assert told(result)["label-gone"].values == {"names": ["c"]}


def test_one_label_and_the_indeterminate_one_are_no_question():
    made = corpus().replace(label_space=SPACE.model_copy(update={"indeterminate": "c"}))
    with pytest.raises(LabelError) as caught:
        mended(made, rows={"set_aside": [2, 5, 8, 11]})
    assert caught.value.error_code == "one-class"
    left = mended(made, rows={"set_aside": [3, 6, 9, 12]}).corpus.label_space
    assert (left.names, left.indeterminate) == (("a", "b"), None)


@pytest.mark.parametrize(
    ("values", "error", "code"),
    [
        ({"rows": {"set_aside": [99]}}, ConfigError, "unknown-row"),
        ({"rows": {"relabel": {"eins": "a"}}}, ConfigError, "unknown-row"),
        ({"rows": {"relabel": {"1": "x"}}}, LabelError, "unknown-label"),
        ({"rows": {"set_aside": list(range(1, 13))}}, EmptyCorpusError, "no-reports"),
        ({"prepare": {"label_map": {"b": "a", "c": "a"}}}, LabelError, "one-class"),
        ({"prepare": {"sections": {"drop": ["conclusao"]}}}, ConfigError, "unknown-section"),
        ({"prepare": {"encoding": "utf-8"}}, ConfigError, "unknown-key"),
        ({"prepair": {}}, ConfigError, "unknown-key"),
        ({"audit": {"accept": ["shortcut"]}}, ConfigError, "no-remedy"),
    ],
)
def test_what_is_no_remedy_is_refused(values, error, code):
    with pytest.raises(error) as caught:
        mended(corpus(), **values)
    assert caught.value.error_code == code


def test_what_findings_propose_is_joined_and_can_be_applied():
    def issue(severity, remedy, **more):
        return Issue(check="x", severity=severity, code="x", message="x", remedy=remedy, **more)

    found = proposed(
        [
            issue("error", {"prepare.sections.drop": ["conclusion"]}),
            issue("warning", {"prepare.sections.drop": ["note"], "prepare.split.by": "patient"}),
            issue("warning", {"prepare.split.by": "site"}),
            issue("info", {"prepare.split.by": "time"}),
            issue("error", {"prepare.sections.drop": ["signature"]}, accepted=True),
            issue("warning", {"policy.legal_basis": "…"}),
        ]
    )
    assert found == {"prepare": {"sections": {"drop": ["conclusion", "note"]}, "split": {"by": "patient"}}}
    assert Remedies.parse(found).prepare.sections.drop == ["conclusion", "note"]
    assert 'drop = ["conclusion", "note"]' in as_toml(found)
    assert as_toml({}) == ""


def test_the_founding_recipe_passes_once_its_remedy_is_applied(tmp_path):
    project = Project(tmp_path, TFIDF)
    made = synthesize("founding", project=project, out=tmp_path / "founding.parquet")
    found = audit(made, project=project)
    (tmp_path / "remedies.toml").write_text(as_toml(proposed(found)), encoding="utf-8")
    out = tmp_path / "clean.parquet"
    after = audit(tmp_path / "founding.parquet", project=project, apply=tmp_path / "remedies.toml", out=out)
    assert not [issue for issue in after if issue.severity == "error"]
    clean = read_corpus(out)
    assert clean.manifest.verb == "audit"
    assert clean.manifest.parents[0].digest == f"sha256:{made.fingerprint}"
    assert [note["code"] for note in clean.manifest.notes["said"]] == ["sections"]
    assert reading_of(clean)["sections"]["drop"] == ["conclusion"]
    assert '"corpus.remedied"' in (tmp_path / "trail.jsonl").read_text(encoding="utf-8")
    assert (tmp_path / "clean.audit.json").exists()


def test_sections_cut_before_and_now_are_both_cut_from_new_reports(tmp_path):
    first = audit_of(
        corpus(24), {"prepare": {"sections": {"drop": ["conclusion"]}}}, tmp_path / "one.parquet"
    )
    second = audit_of(
        first, {"prepare": {"sections": {"drop": ["note"], "mask": ["signature"]}}}, tmp_path / "two.parquet"
    )
    assert reading_of(second)["sections"] == {
        "keep": [],
        "drop": ["conclusion", "note"],
        "mask": ["signature"],
    }


@pytest.mark.parametrize(
    "sentence",
    [
        "Aspecto maligno.",
        "Carcinoma ductal infiltrante.",
        "BI-RADS 5.",
        "CID-10: C50.9.",
        "Recomenda-se biópsia.",
        "Documento do terceiro posto.",
        "xyzzy plugh.",
    ],
)
def test_what_is_proposed_for_a_statement_in_the_text_mends_it(sentence, tmp_path):
    made = make_corpus(240, signal=False)
    texts = [
        f"{text.rstrip('.')}. {sentence} Sem mais."
        if label == "maligno"
        else f"{text.rstrip('.')}. Sem mais."
        for text, label in zip(made.texts, made.labels, strict=True)
    ]
    if "posto" in sentence:
        texts = [text.removesuffix(" Sem mais.") for text in texts]
    project = Project(tmp_path, TFIDF)
    planted = made.with_column("text", texts)
    found = audit(planted, project=project)
    faults = {(issue.check, issue.code) for issue in found if issue.severity == "error"}
    assert faults
    after = audit(planted, project=project, apply=proposed(found), out=tmp_path / "clean.parquet")
    assert not [issue for issue in after if issue.severity == "error"]
    assert sentence not in "\n".join(read_corpus(tmp_path / "clean.parquet").texts)


def test_sentences_cut_before_and_now_are_both_cut_from_new_reports(tmp_path):
    first = audit_of(corpus(24), {"prepare": {"sentences": {"drop": ["a b c"]}}}, tmp_path / "one.parquet")
    second = audit_of(
        first, {"prepare": {"sentences": {"drop": ["stated-conduct"]}}}, tmp_path / "two.parquet"
    )
    assert reading_of(second)["sentences"] == {"drop": ["a b c", "stated-conduct"]}


def audit_of(made, remedies, out):
    audit(made, project=Project(None, TFIDF), apply=remedies, out=out)
    return read_corpus(out)


def test_an_audit_writes_no_corpus_without_remedies(tmp_path):
    with pytest.raises(ConfigError) as caught:
        audit(corpus(), project=Project(None, TFIDF), out=tmp_path / "x.parquet")
    assert caught.value.error_code == "no-remedies"
    assert list(tmp_path.iterdir()) == []


def test_findings_are_kept_until_a_check_comes_or_goes(tmp_path, monkeypatch):
    project = Project(None, TFIDF)
    audit(corpus(24), project=project, apply={"prepare": {"deduplicate": True}}, out=tmp_path / "c.parquet")
    kept = (tmp_path / "c.audit.json").read_bytes()
    called = []
    monkeypatch.setattr("bert4text.verbs.examined.examine", lambda *_: called.append(1) or [])
    audit(tmp_path / "c.parquet", project=project)
    assert (called, (tmp_path / "c.audit.json").read_bytes()) == ([], kept)
    monkeypatch.setattr(type(CHECKS), "names", lambda self: ["schema"])
    audit(tmp_path / "c.parquet", project=project)
    assert called == [1]
