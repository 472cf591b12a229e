"""What is told in prose: the same in both languages, and to a patient never what was found."""

from __future__ import annotations

import inspect
import re
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from string import Formatter
from typing import Any, get_type_hints

import pytest

from bert4text.core.errors import ConfigError
from bert4text.core.explanation import Contribution, Explanation, Faithfulness
from bert4text.core.messages import load
from bert4text.explanation.paragraphs import Facts, Release, for_patient, for_physician, release

LANGUAGES = ["en", "pt-BR"]
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
FACTS = Facts("hybrid", whole=False, controller="Hospital X", officer="encarregado@x.example")


def templates(language: str) -> dict[str, Any]:
    place = files("bert4text.explanation") / "templates" / f"paragraphs.{language}.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def flat(found: dict[str, Any], path: str = "") -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in found.items():
        told |= flat(value, f"{path}{name}.") if isinstance(value, dict) else {path + name: value}
    return told


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things_with_the_same_fields() -> None:
    one, other = (flat(templates(language)) for language in LANGUAGES)
    assert one.keys() == other.keys()
    for name in one:
        assert fields(one[name]) == fields(other[name]), name
        assert one[name].count("\n\n") == other[name].count("\n\n"), name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("system", ["model", "tfidf", "hybrid"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_patients_text_is_made_of_no_answer_and_has_no_number_but_the_law(
    language: str, system: str, whole: bool
) -> None:
    hints = get_type_hints(for_patient)
    assert set(hints.values()) >= {Facts, Release | None}
    assert not any("Explanation" in str(hint) or "Prediction" in str(hint) for hint in hints.values())
    assert list(inspect.signature(for_patient).parameters) == ["facts", "released", "translator"]
    text = for_patient(Facts(system, whole=whole), None, translator=load(language))
    assert re.findall(r"[\d%]+(?:[.,/]\d+)*", text) == ["13.709/2018", "20"]
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_release_it_is_a_draft_and_says_so_first_and_last(language: str) -> None:
    translator = load(language)
    draft = templates(language)["patient"]["draft"]
    text = for_patient(FACTS, None, translator=translator)
    assert text.startswith(draft)
    assert text.rstrip().endswith(draft)
    free = for_patient(FACTS, release("Ana  Lima", "crm-sp 123456", at=NOW), translator=translator)
    assert draft not in free
    assert "Ana Lima, CRM/SP 123456" in free
    assert translator.date(NOW) in free
    assert "Hospital X" in free


def test_a_release_is_whole_or_none() -> None:
    assert release(None, None, at=NOW) is None
    for name, registration in [
        ("Ana", None),
        (None, "CRM/SP 1"),
        (" ", "CRM/SP 1"),
        ("Ana", "CRM/XX 1"),
        ("Ana", "CRM/SP"),
        ("Ana", "CRM/SP 12345678"),
        ("Ana", "SP 1"),
    ]:
        with pytest.raises(ConfigError, match="CRM/SP 123456"):
            release(name, registration, at=NOW)


def test_it_is_not_released_where_nobody_says_whom_to_turn_to() -> None:
    given = release("Ana", "CRM/RJ 1", at=NOW)
    with pytest.raises(ConfigError, match="officer"):
        for_patient(FACTS._replace(officer=None), given, translator=load("en"))
    assert "[to be filled in" in for_patient(FACTS._replace(officer=None), None, translator=load("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_physician_is_told_the_answer_how_faithful_it_is_and_what_to_record(language: str) -> None:
    measured = Faithfulness(
        comprehensiveness=0.4,
        sufficiency=0.1,
        random_comprehensiveness=0.05,
        random_sufficiency=0.3,
        shares=(0.5,),
        draws=5,
    )
    found = Explanation(
        id="E1",
        row=17,
        label="maligno",
        answer="maligno",
        probability=0.93,
        method="occlusion",
        contributions=(Contribution(start=0, end=3, unit="word", value=1.0),),
        faithfulness=measured,
        model="abc123",
        key="k77",
    )
    text = for_physician(found, translator=load(language))
    assert all(part in text for part in ("17", "maligno", "93%", "occlusion", "abc123", "k77"))
    assert "E1" not in text
    assert "{" not in text
