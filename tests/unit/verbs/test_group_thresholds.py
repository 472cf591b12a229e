"""Thresholds by group through every verb: calibrated, kept, answered by, measured, explained, told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import bert4text
from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError, FairnessFailed
from bert4text.core.evaluation import Evaluation
from bert4text.core.messages import load
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs.unproven import group_warnings, point_warnings
from conftest import make_corpus

GROUPS = {
    "attribute": "sex",
    "minimum_n": 20,
    "accept": ["group-thresholds"],
    "by": "Ana Lima",
    "ground": "opinion 7/2026",
}
POINT = {"sensitivity": {"maligno": 0.8}}
QUICK = {"resamples": 100, "fairness": {"attributes": ["sex"], "minimum_n": 20, "tolerance": 0.1}}


def quiet(n: int = 900, *, seed: int = 11) -> Corpus:
    """Reports of two sexes; those of F say less of what is malignant."""
    corpus = make_corpus(n, seed=seed)
    reports = []
    for place, report in enumerate(corpus):
        sex, text = "F" if (place // 40) % 2 else "M", report.text
        if sex == "F" and report.labels == ("maligno",):
            text = text.replace("distorção", "oval")
        reports.append(report.model_copy(update={"attributes": {"sex": sex, "age": "50"}, "text": text}))
    return Corpus.from_reports(reports, corpus.label_space, language="pt-BR")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, and the same with one threshold for all and with thresholds by sex."""
    folder = tmp_path_factory.mktemp("groups")
    project = Project(folder)
    model = bert4text.train(make_corpus(400), config={"encoder": "tfidf"}, out=folder / "run")
    plain = {"split": "train", "point": POINT}
    bert4text.calibrate(model, quiet(), config=plain, project=project, out=folder / "common")
    bert4text.calibrate(
        model, quiet(), config={**plain, "groups": GROUPS}, project=project, out=folder / "by-sex"
    )
    return folder


def test_it_is_kept_and_says_what_it_reads(place: Path) -> None:
    made = Classifier.load(place / "by-sex")
    assert made.calibrator.groups is not None
    assert set(made.calibrator.groups.thresholds) == {"F", "M"}
    common = Classifier.load(place / "common").calibrator
    assert made.calibrator.thresholds == common.thresholds  # who is of no group is answered as before
    index = json.loads((place / "by-sex" / "bundle.json").read_text(encoding="utf-8"))
    assert index["decision"]["by_group"] == {"attribute": "sex", "groups": ["F", "M"]}
    plain = json.loads((place / "common" / "bundle.json").read_text(encoding="utf-8"))
    assert plain["decision"]["by_group"] is None
    manifest = made.info.manifest
    assert "group-thresholds" in manifest.overrides
    told = manifest.notes["operating_point"]["groups"]
    assert told["accepted"] == {"by": "Ana Lima", "ground": "opinion 7/2026"}
    assert told["sensitivity"]["F"]["maligno"]["proven"] >= 0.8
    assert "protected attribute" in made.info.card
    assert "Ana Lima" in made.info.card
    assert "protected attribute" not in Classifier.load(place / "common").info.card
    event = read_trail(place / "trail.jsonl")[-1]
    assert event.action == "model.calibrated"
    assert event.details["group-thresholds"] == {
        "attribute": "sex",
        "by": "Ana Lima",
        "ground": "opinion 7/2026",
    }


def test_a_table_answers_by_the_column_that_is_mapped(place: Path, tmp_path: Path) -> None:
    reports = list(quiet()["test"])[:40]
    table = tmp_path / "new.csv"
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "laudo", "sexo"])
        writer.writerows([one.id, one.text, one.attributes["sex"]] for one in reports)
        writer.writerows([("a", reports[0].text, ""), ("b", reports[0].text, "X"), ("c", "", "F")])
    given = bert4text.predict(place / "by-sex", table, config={"columns": {"sex": "sexo"}})
    assert [one.point for one in given] == ["group"] * 40 + ["common", "common", None]
    same = bert4text.predict(place / "by-sex", reports)
    assert [one.label for one in given[:40]] == [one.label for one in same]
    out = tmp_path / "out.jsonl"
    counts = bert4text.predict(place / "by-sex", table, config={"columns": {"sex": "sexo"}}, out=out)
    assert counts.common == 2
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["point"] for line in lines] == [one.point for one in given]
    own_name = table.read_text(encoding="utf-8").replace("sexo", "Sex")
    table.write_text(own_name, encoding="utf-8")
    assert [one.label for one in bert4text.predict(place / "by-sex", table)] == [one.label for one in given]


def test_without_the_attribute_all_are_answered_by_the_common_thresholds(place: Path) -> None:
    texts = quiet()["test"].texts
    with pytest.warns(UserWarning, match="thresholds by group"):
        given = bert4text.predict(place / "by-sex", texts)
    assert {one.point for one in given} == {"common"}
    plain = bert4text.predict(place / "common", texts)
    assert [one.label for one in given] == [one.label for one in plain]
    assert {one.point for one in plain} == {None}


def found(evaluation: Evaluation) -> dict[str, float]:
    """The share of the malignant that is found, by sex."""
    figures = evaluation.fairness.figures if evaluation.fairness else ()
    return {one.group: one.value for one in figures if one.measure == "true_positive_rate"}


def test_the_contract_measures_what_it_changed(place: Path) -> None:
    corpus = quiet()
    with pytest.raises(FairnessFailed) as caught:
        bert4text.evaluate(place / "common", corpus, config=QUICK)
    before = found(caught.value.evaluation)
    by_sex = bert4text.evaluate(
        place / "by-sex", corpus, config=QUICK, compare=place / "common", out=place / "measured"
    )
    after = found(by_sex)
    assert by_sex.fairness is not None
    assert by_sex.fairness.verdict != "fails"
    assert after["F"] > before["F"]
    assert after["M"] == before["M"]  # theirs did not have to fall
    assert {one.row for one in by_sex.changed}  # answered otherwise than by the run with common thresholds
    assert [one.code for one in by_sex.issues if one.check == "operating-point"] == ["group-thresholds"]
    page = (place / "measured" / "scorecard.html").read_text(encoding="utf-8")
    assert "The thresholds differ by sex" in page
    assert "Ana Lima" in page
    reports = [one.model_copy(update={"attributes": {}}) for one in corpus]
    blind = Corpus.from_reports(reports, corpus.label_space, language="pt-BR")
    told = bert4text.evaluate(place / "by-sex", blind, config={"resamples": 100})
    codes = [one.code for one in told.issues if one.check == "operating-point"]
    assert codes == ["group-thresholds", "group-unknown"]


def test_an_explanation_is_of_the_answer_that_the_group_gets(place: Path) -> None:
    made, common = Classifier.load(place / "by-sex"), Classifier.load(place / "common")
    part = list(quiet()["test"])
    differs = [
        one
        for one, ours, theirs in zip(part, made.predict(part), common.predict(part), strict=True)
        if ours.label != theirs.label
    ]
    assert differs
    report = differs[0]
    (told,) = bert4text.explain(made, [report])
    assert (told.point, told.answer) == ("group", made.predict([report])[0].label)
    (blind,) = bert4text.explain(made, [report.text])
    assert (blind.point, blind.answer) == ("common", common.predict([report])[0].label)
    if told.counterfactual is not None and told.counterfactual.answer is not None:
        assert told.counterfactual.answer != told.answer
    for language in ("en", "pt-BR"):
        (text,) = bert4text.explain_to("patient", made, reports=[report], language=language)
        assert "(sex)" in text
        assert "(sex)" not in bert4text.explain_to("patient", common, reports=[report], language=language)[0]
    (text,) = bert4text.explain_to("physician", made, reports=[report], language="en")
    assert "protected attribute" in text


def test_stress_says_that_it_asks_at_the_common_thresholds(place: Path) -> None:
    from bert4text.robustness.wording import remarks

    settings = {"reports": 30, "only": ["capitals", "sex"]}
    found = bert4text.stress(place / "by-sex", quiet(), config=settings)
    plain = bert4text.stress(place / "common", quiet(), config=settings)
    assert (found.common, plain.common) == ("sex", None)
    assert found.perturbations == plain.perturbations
    assert any("(sex)" in sentence for sentence in remarks(found, load("en")))


def test_calibrated_anew_without_groups_there_are_none(place: Path) -> None:
    again = bert4text.calibrate(place / "by-sex", quiet(), config={"split": "validation"})
    assert again.calibrator.groups is None
    assert "group-thresholds" not in again.info.manifest.overrides
    assert group_warnings(again) == []
    assert "protected attribute" not in again.info.card


def test_what_is_to_be_told(place: Path) -> None:
    made = Classifier.load(place / "by-sex")
    (told,) = group_warnings(made)
    assert told.values == {"attribute": "sex", "by": "Ana Lima", "ground": "opinion 7/2026"}
    assert point_warnings(made) == []
    notes = json.loads(json.dumps(made.info.manifest.notes))
    notes["operating_point"]["groups"]["sensitivity"]["F"]["maligno"]["proven"] = 0.7
    notes["operating_point"]["groups"]["small"] = 2
    made.info = made.info.model_copy(
        update={"manifest": made.info.manifest.model_copy(update={"notes": notes})}
    )
    assert [one.code for one in point_warnings(made)] == ["not-proven-in-group", "common-thresholds"]


def test_nothing_is_read_before_somebody_accepted(tmp_path: Path) -> None:
    settings = {"point": POINT, "groups": {"attribute": "sex"}}
    with pytest.raises(ConfigError) as caught:
        bert4text.calibrate(
            bert4text.train(make_corpus(120), config={"encoder": "tfidf"}),
            tmp_path / "is-not-there.parquet",
            config=settings,
        )
    assert caught.value.error_code == "group-thresholds"


def test_the_attack_asks_probabilities_which_are_the_same_for_all(place: Path) -> None:
    texts = quiet()["test"].texts
    by_sex, common = (Classifier.load(place / name) for name in ("by-sex", "common"))
    np.testing.assert_array_equal(by_sex.probabilities(texts), common.probabilities(texts))
