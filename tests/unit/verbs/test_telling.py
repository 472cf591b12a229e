"""Prose for patients and physicians: a patient gets no answer, and what leaves is in the trail."""

from __future__ import annotations

from pathlib import Path

import pytest

import bert4text
from bert4text.core.errors import ConfigError
from bert4text.models.classifier import Classifier
from bert4text.project import Project
from bert4text.store.trail import read_trail
from conftest import POLICY, make_corpus

TEXTS = ["Nódulo irregular espiculado, distorção.", "Nódulo oval circunscrito, lisos."]
BY = {"release_by": "Ana Lima", "registration": "CRM/SP 123456"}


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    given = {"train": {"encoder": "tfidf"}, "audit": {"fail_on": "never"}}
    return bert4text.train(make_corpus(200), project=Project(given=given))


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_patients_text_is_the_same_whatever_was_answered(classifier: Classifier, language: str) -> None:
    told = [
        bert4text.explain_to("patient", classifier, reports=[text], language=language)[0] for text in TEXTS
    ]
    answers = {one.label for one in bert4text.predict(classifier, TEXTS)}
    assert answers == {"benigno", "maligno"}
    assert told[0] == told[1]
    assert not any(name in told[0].casefold() for name in answers)
    physician = bert4text.explain_to("physician", classifier, reports=TEXTS, language=language)
    assert ["maligno" in text for text in physician] == [True, False]


def test_a_release_is_written_into_the_trail(classifier: Classifier, tmp_path: Path) -> None:
    project = Project(tmp_path, {"policy": POLICY})
    out = tmp_path / "patient.txt"
    (text,) = bert4text.explain_to(
        "patient", classifier, reports=TEXTS[:1], project=project, out=out, language="pt-BR", **BY
    )
    assert out.read_text(encoding="utf-8") == text
    assert "RASCUNHO" not in text
    assert "the tests" in text
    event = read_trail(project.trail)[-1]
    (found,) = bert4text.explain(classifier, TEXTS[:1], config={"faithfulness": False})
    assert event.action == "explanation.released"
    assert {name: event.details[name] for name in ("key", "by", "registration")} == {
        "key": found.key,
        "by": "Ana Lima",
        "registration": "CRM/SP 123456",
    }
    assert "espiculado" not in project.trail.read_text(encoding="utf-8")


def test_what_is_released_is_one_patients_text(classifier: Classifier, tmp_path: Path) -> None:
    project = Project(tmp_path, {"policy": POLICY})
    for audience, texts in (("patient", TEXTS), ("physician", TEXTS[:1])):
        with pytest.raises(ConfigError, match="one report"):
            bert4text.explain_to(audience, classifier, reports=texts, project=project, **BY)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="whom to turn to"):
        bert4text.explain_to("patient", classifier, reports=TEXTS[:1], **BY)
    assert "explanation.released" not in {event.action for event in read_trail(project.trail)}
