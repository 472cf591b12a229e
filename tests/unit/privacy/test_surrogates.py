"""Made-up people in the place of real ones: one person stays one, and nobody can be told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.core.fold import fold
from bert4text.privacy.check_digits import kind_by_digits
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.policy import load_policy
from bert4text.privacy.surrogates import NUMBERS, surrogate

KEY = b"k" * 32
WRITTEN = r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"


def of(kind, old, *, subject="p1", key=KEY, language="pt-BR"):
    return surrogate(kind, old, key=key, subject=subject, language=language)


def test_a_word_of_a_name_is_the_same_wherever_it_stands():
    whole = of("patient", "Maria Aparecida da Silva")
    given, second, link, family = whole.split()
    assert link == "da"
    assert of("name", "Maria") == given
    assert of("relative", "João Silva").split()[1] == family
    assert of("patient", "MARIA APARECIDA DA SILVA").split() == [
        *map(str.upper, (given, second)),
        "DA",
        family.upper(),
    ]
    assert not {"maria", "aparecida", "silva"} & set(fold(whole).split())


def test_other_patients_and_other_keys_give_other_names():
    assert len({of("patient", "Maria Silva", subject=f"p{n}") for n in range(50)}) > 40
    assert len({of("patient", "Maria Silva", key=bytes([n]) * 32) for n in range(50)}) > 40


def test_the_gender_of_a_given_name_stays():
    from bert4text.core.lexicon import lexicon

    names = lexicon("surrogates")["pt"]
    for n in range(30):
        assert of("patient", "Luciana", subject=str(n)) in names["female"]
        assert of("patient", "Rodrigo", subject=str(n)) in names["male"]


def test_initials_endings_and_small_letters_keep_their_form():
    assert re.fullmatch(r"[A-ZÀ-Ú]\w+ [A-Z]\. \w+ Filho", of("patient", "Ana M. Souza Filho"))
    assert of("patient", "ana souza").islower()


def test_the_language_of_the_reports_is_spoken():
    from bert4text.core.lexicon import lexicon

    for language in ("en", "es"):
        assert of("place", "Xanadu", language=language) in lexicon("surrogates")[language]["towns"]


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", fullmatch=True), st.sampled_from(sorted(NUMBERS))
)
def test_a_number_keeps_its_form_and_can_be_nobodys(number, kind):
    made = of(kind, number)
    assert re.fullmatch(r"\d{3}\.\d{3}\.\d{3}-\d{2}", made)
    assert kind_by_digits(re.sub(r"\D", "", made)) is None
    assert of(kind, number) == made


def test_letters_of_numbers_change_and_states_of_councils_stay():
    made = of("exam", "B24/1234")
    assert re.fullmatch(r"[A-Z]\d\d/\d{4}", made)
    assert of("council", "SP 123456").startswith("SP ")


def test_a_report_reads_on():
    config = DeidentifyConfig(
        actions=dict.fromkeys(("patient", "professional", "name", "place", "facility", "record"), "surrogate")
    )
    told = Deidentifier(config, language="pt-BR", key=KEY)
    text = "Paciente: Maria Silva, prontuário 445566. Sra. Silva mora em Contagem/MG. Dr. Pedro Souza."
    made = told(text, subject="p1").text
    assert re.fullmatch(
        r"Paciente: (\w+) (\w+), prontuário \d{6}\. Sra\. \2 mora em [\w ]+/MG\. Dr\. \w+ \w+\.", made
    )
    assert not set(re.findall(r"\w{4,}", text)) & {"Maria", "Silva"} & set(made.split())


def test_what_has_no_surrogate_and_who_allows_none():
    with pytest.raises(ConfigError, match="cannot be done"):
        load_policy("lgpd", changes={"url": "surrogate"})
    with pytest.raises(ConfigError, match="derived from the patient"):
        load_policy("hipaa-safe-harbor", changes={"patient": "surrogate"})


def test_a_surname_becomes_a_surname_though_some_bear_it_as_a_given_name():
    from bert4text.core.lexicon import lexicon

    assert of("patient", "Silva") in lexicon("surrogates")["pt"]["surnames"]
