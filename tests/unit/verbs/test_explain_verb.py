"""``explain``: the answers of ``predict``, each with what it hangs on in the report as it was given."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bert4text
from bert4text.core.errors import ConfigError, DataError, EmptyCorpusError, LabelError, OutputError
from bert4text.core.manifest import Manifest
from bert4text.core.messages import load
from bert4text.core.report import Report
from bert4text.data.normalize import normalize
from bert4text.data.write import write_corpus
from bert4text.explanation.wording import answer_sentence
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import read_trail
from conftest import make_corpus

TFIDF = {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}}
TEXT = "Nódulo irregular espiculado, distorção."
TABLE = f"codigo,laudo\nA-17,{TEXT[:-1].replace(',', ' com')}\nA-18,Nódulo oval circunscrito.\nA-19,\n"
COLUMNS = {"columns": {"id": "codigo", "text": "laudo"}}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return bert4text.train(make_corpus(200), project=Project(given=TFIDF))


def weights(text: str, found: Any) -> dict[str, float]:
    return {text[one.start : one.end]: one.value for one in found.of("word")}


def test_one_report_is_explained_with_the_answer_of_predict(classifier: Classifier) -> None:
    report = Report(id="E1", text=TEXT)
    (found,) = bert4text.explain(classifier, report)
    (answer,) = bert4text.predict(classifier, [report])
    assert (found.id, found.key, found.label, found.probability) == (
        *("E1", answer.key),
        *(answer.label, answer.probability),
    )
    words = weights(TEXT, found)
    assert found.label == "maligno"
    assert max(words, key=lambda word: words[word]) in {"irregular", "espiculado", "distorção"}
    assert found.faithfulness is not None
    assert found.faithfulness.holds
    assert found == bert4text.explain(classifier, report)[0]


def test_the_reports_of_some_ids_of_a_table_are_explained(classifier: Classifier, tmp_path: Path) -> None:
    table = tmp_path / "laudos.csv"
    table.write_text(TABLE, encoding="utf-8")
    told: list[str] = []
    found = bert4text.explain(
        classifier, table, config=COLUMNS, each=lambda one: told.append(one.explanation.id)
    )
    assert [one.id for one in found] == told == ["A-17", "A-18"]
    (one,) = bert4text.explain(classifier, table, config=COLUMNS, ids=["A-18"])
    assert (one.id, one.row) == ("A-18", 2)
    with pytest.raises(DataError, match="1 of the 2 reports") as caught:
        bert4text.explain(classifier, table, config=COLUMNS, ids=["A-18", "A-99"])
    assert "A-99" not in str(caught.value)
    with pytest.raises(LabelError, match="benigno"):
        bert4text.explain(classifier, [TEXT], config={"label": "bom"})
    with pytest.raises(ConfigError, match="not reports"):
        bert4text.explain(classifier, 7)  # type: ignore[arg-type]


def test_lines_and_a_page_are_written_and_the_trail_says_so(classifier: Classifier, tmp_path: Path) -> None:
    project = Project(tmp_path)
    lines, page = tmp_path / "why.jsonl", tmp_path / "why.html"
    found = bert4text.explain(classifier, [TEXT], project=project, out=lines, html=page, language="pt-BR")
    (line,) = map(json.loads, lines.read_text(encoding="utf-8").splitlines())
    assert line == {"format": "explanation/1", **found[0].model_dump(mode="json")}
    assert "espiculado" not in lines.read_text(encoding="utf-8")
    assert "espiculado" in page.read_text(encoding="utf-8")
    event = read_trail(project.trail)[-1]
    assert (event.action, event.details) == (
        "explanation.made",
        {"explanations": 1, "methods": ["occlusion"]},
    )
    with pytest.raises(OutputError):
        bert4text.explain(classifier, [TEXT], project=project, html=page)


def test_what_is_held_back_from_the_model_has_no_part_in_it_and_offsets_are_those_of_the_report() -> None:
    says = "CONCLUSÃO: nódulo irregular espiculado.\nACHADOS: "
    reading = {"sections": {"keep": [], "drop": ["conclusion"], "mask": []}}
    manifest = Manifest(kind="corpus", verb="prepare", config=reading)
    corpus = make_corpus(200).map_text(lambda text: normalize("ACHADOS: " + text)).replace(manifest=manifest)
    classifier = bert4text.train(corpus, project=Project(given=TFIDF))
    text = f"{says}nódulo oval circunscrito."
    (found,) = bert4text.explain(classifier, [text])
    words = [(text[one.start : one.end], one.start, one.value) for one in found.of("word")]
    assert [word for word, start, _ in words if start < text.index("ACHADOS")] == []
    assert [word for word, _, _ in words] == ["ACHADOS", "nódulo", "oval", "circunscrito"]
    assert {word for word, _, value in words if value > 0.1} >= {"circunscrito"}


def test_each_side_is_explained_apart(tmp_path: Path) -> None:
    from bert4text.core.messages import load

    sides = {"direita": "d", "esquerda": "e"}
    corpus = make_corpus(200)
    manifest = Manifest(kind="corpus", verb="prepare", config={"sides": sides})
    classifier = bert4text.train(corpus.replace(manifest=manifest), project=Project(given=TFIDF))
    text = "Mama direita: nódulo oval circunscrito. Mama esquerda: nódulo irregular espiculado."
    found = bert4text.explain(classifier, [text], html=tmp_path / "why.html")
    assert [(one.side, one.answer) for one in found] == [("direita", "benigno"), ("esquerda", "maligno")]
    right, left = (weights(text, one) for one in found)
    assert "espiculado" not in right
    assert "oval" not in left
    assert left["espiculado"] > 0.1
    assert load("en")("row {row}", row="1") in (tmp_path / "why.html").read_text(encoding="utf-8")


def test_reports_are_deidentified_first_where_the_models_were() -> None:
    named = make_corpus(200).map_text(lambda text: normalize("Paciente: Iara Krenak. " + text))
    clean = bert4text.deidentify(named, config={"actions": {"patient": "mask"}})
    classifier = bert4text.train(clean, project=Project(given=TFIDF))
    text = "Paciente: Iara Krenak. Nódulo oval circunscrito."
    with pytest.warns(UserWarning, match="de-identified"):
        (raw,) = bert4text.explain(classifier, [text])
    assert not raw.deidentified
    told: list[str] = []
    (found,) = bert4text.explain(
        classifier, [text], config={"deidentify": True}, each=lambda one: told.append(one.text)
    )
    assert found.deidentified
    assert told == ["Paciente: **** ******. Nódulo oval circunscrito."]


def test_over_many_reports_the_words_on_which_answers_hang_are_told(
    classifier: Classifier, tmp_path: Path
) -> None:
    project = Project(tmp_path)
    settings = {"split": "train", "reports": 60, "units": ["word"], "draws": 1}
    out, page = tmp_path / "drivers.json", tmp_path / "drivers.html"
    found = bert4text.explain_overall(
        classifier, make_corpus(200), project=project, config=settings, out=out, html=page
    )
    assert sum(found.reports.values()) == 60
    first = {label: next(one.word for one in found.drivers if one.label == label) for label in found.reports}
    assert first["benigno"] in {"oval", "circunscrito", "lisos"}
    assert first["maligno"] in {"irregular", "espiculado", "distorção"}
    assert all(one.patients >= 5 for one in found.drivers)
    assert json.loads(out.read_text(encoding="utf-8")) == {
        "format": "explanation-overview/1",
        **found.model_dump(mode="json"),
    }
    assert first["maligno"] in page.read_text(encoding="utf-8")
    labelled = {**settings, "label": "benigno"}
    assert found == bert4text.explain_overall(classifier, make_corpus(200), config=labelled)
    assert read_trail(project.trail)[-1].details["explanations"] == 60
    with pytest.raises(ConfigError, match="has none"):
        bert4text.explain_overall(classifier, make_corpus(200), config={"units": ["sentence"]})


def test_an_evaluation_says_how_faithful_explanations_are(classifier: Classifier, tmp_path: Path) -> None:
    from bert4text.core.messages import load

    settings = {"effort": "quick", "explanations": {"reports": 12, "method": "linear"}}
    corpus, page = make_corpus(200), tmp_path / "card.html"
    found = bert4text.evaluate(classifier, corpus, config=settings, html=page, project=Project(tmp_path))
    explained = found.explanations
    assert explained is not None
    assert (explained.method, explained.reports) == ("linear", 12)
    beyond = explained.metric("comprehensiveness", whose="difference")
    assert beyond is not None
    assert beyond.low is not None
    assert beyond.low > 0
    assert load("en")("Do its explanations say what the answers hang on?") in page.read_text(encoding="utf-8")
    assert bert4text.evaluate(classifier, corpus, config={"effort": "quick"}).explanations is None


def test_similar_reports_are_those_of_other_patients_of_the_split(
    classifier: Classifier, tmp_path: Path
) -> None:
    corpus = make_corpus(200)
    path = tmp_path / "corpus.parquet"
    write_corpus(corpus, path, overwrite=False)
    explained = corpus.select([0, 1])
    assert len(set(explained.groups)) == 1
    settings = {"faithfulness": False, "similar": {"count": 3}}
    found = bert4text.explain(classifier, explained, similar=path, config=settings)
    reports = list(corpus)
    for one in found:
        assert one.similar is not None
        assert (one.similar.same_text, one.similar.same_patient) == (1, 1)
        assert one.similar.patient_known
        assert one.similar.compared == corpus.splits["train"] - 2
        assert [each.row > 2 for each in one.similar.nearest] == [True] * 3
        for each in one.similar.nearest:
            named = reports[each.row - 1]
            assert (named.id, named.labels, named.split) == (each.id, each.labels, "train")
    table = tmp_path / "explained.parquet"
    write_corpus(explained, table, overwrite=False)
    again = bert4text.explain(classifier, table, similar=corpus, config=settings)
    assert [one.similar for one in again] == [one.similar for one in found]
    (answer,) = bert4text.predict(classifier, [reports[found[0].similar.nearest[0].row - 1]])  # type: ignore[union-attr]
    assert found[0].similar.nearest[0].agrees == (  # type: ignore[union-attr]
        answer.label in found[0].similar.nearest[0].labels  # type: ignore[union-attr]
    )
    assert bert4text.explain(classifier, explained, config=settings)[0].similar is None


def test_the_patient_of_a_report_of_another_corpus_is_known_and_of_a_text_is_not(
    classifier: Classifier,
) -> None:
    corpus = make_corpus(200)
    settings = {"faithfulness": False, "similar": {"count": 1}}
    theirs = Report(id="new", text=TEXT, patient=corpus.groups[0])
    (named,) = bert4text.explain(classifier, [theirs], similar=corpus, config=settings)
    (alone,) = bert4text.explain(classifier, theirs, similar=corpus, config=settings)
    (nobody,) = bert4text.explain(classifier, [TEXT], similar=corpus, config=settings)
    assert named.similar is not None
    assert (named.similar.same_patient, named.similar.patient_known) == (2, True)
    assert alone.similar == named.similar
    assert nobody.similar is not None
    assert (nobody.similar.same_patient, nobody.similar.patient_known) == (0, False)


def test_what_is_similar_is_said_with_rows_written_with_ids_and_kept_nowhere_else(
    classifier: Classifier, tmp_path: Path
) -> None:
    project, corpus = Project(tmp_path), make_corpus(200)
    lines, page = tmp_path / "why.jsonl", tmp_path / "why.html"
    (found,) = bert4text.explain(classifier, [TEXT], project=project, similar=corpus, out=lines, html=page)
    assert found.similar is not None
    ids = [one.id for one in found.similar.nearest]
    (line,) = map(json.loads, lines.read_text(encoding="utf-8").splitlines())
    assert [one["id"] for one in line["similar"]["nearest"]] == ids
    event = read_trail(project.trail)[-1]
    assert event.details["similar"] == corpus.fingerprint
    for said in (page.read_text(encoding="utf-8"), repr(found), str(found.similar), str(event)):
        assert not any(name in said for name in ids)


def test_a_corpus_that_asks_another_question_is_refused(classifier: Classifier) -> None:
    other = make_corpus(60, labels=("benigno", "outro"))
    with pytest.raises(LabelError, match="outro"):
        bert4text.explain(classifier, [TEXT], similar=other)
    unlabelled = make_corpus(60).replace(label_space=None)
    with pytest.raises(LabelError, match="no labels"):
        bert4text.explain(classifier, [TEXT], similar=unlabelled)
    only = make_corpus(60)["train"]
    with pytest.raises(EmptyCorpusError, match="validation"):
        bert4text.explain(classifier, [TEXT], similar=only, config={"similar": {"split": "validation"}})


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_what_is_left_to_a_person_is_explained_and_said_so(classifier: Classifier, language: str) -> None:
    far = copy.copy(classifier)
    assert classifier.scope is not None
    far.scope = replace(classifier.scope, limit=-1.0)  # nothing is near enough
    text = make_corpus(200)["test"].texts[0]
    assert bert4text.predict(far, [text])[0].status == "out-of-scope"
    (found,) = bert4text.explain(far, [text])
    (usual,) = bert4text.explain(classifier, [text])
    assert (usual.left, found.left) == (None, "far-from-training")
    assert found.contributions == usual.contributions
    said = answer_sentence(found, load(language))
    assert said.startswith(answer_sentence(usual, load(language)))
    assert said != answer_sentence(usual, load(language))
