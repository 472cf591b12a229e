"""Identifiers are replaced as the policy says: nothing else changes, dates keep their intervals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.core.errors import ConfigError
from bert4text.core.span import Span
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.detect import merge
from bert4text.privacy.kinds import KINDS, tag
from bert4text.privacy.policy import POLICIES, load_policy
from bert4text.privacy.shift import shifted, weeks_of

KEY = b"k" * 32
MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
REPORT = """Paciente: Maria Aparecida da Silva  Idade: 92 anos  DN: 05/03/1932
CPF: 123.456.789-09  Prontuário: 445566
Exame de 12/03/2024 às 14h32 no Hospital São Lucas, Campinas - SP, comparado a 10 de janeiro de 2023.
Nódulo às 3 horas, QSE da mama esquerda, 1,2 x 0,8 cm. Sinal de Murphy negativo. BI-RADS 4.
Dra. Ana Lima, CRM/SP 123456"""


def deidentifier(policy="lgpd", **given):
    return Deidentifier(DeidentifyConfig(policy=policy, **given), language="pt-BR", key=KEY)


def test_safe_harbor_leaves_years_and_findings_alone():
    text = deidentifier("hipaa-safe-harbor")(REPORT, subject="p").text
    assert text == (
        "Paciente: [NOME]  Idade: 90+ anos  DN: [NASCIMENTO]\n"
        "CPF: [CPF]  Prontuário: [PRONTUÁRIO]\n"
        "Exame de 2024 no [UNIDADE], [LOCAL] - SP, comparado a 2023.\n"
        "Nódulo às 3 horas, QSE da mama esquerda, 1,2 x 0,8 cm. Sinal de Murphy negativo. BI-RADS 4.\n"
        "Dra. [PROFISSIONAL], CRM/[REGISTRO]"
    )


def test_a_limited_data_set_keeps_dates_ages_and_towns():
    text = deidentifier("hipaa-limited")(REPORT, subject="p").text
    assert "92 anos  DN: 05/03/1932" in text
    assert "12/03/2024 às 14h32" in text
    assert "Campinas - SP" in text
    assert "Maria" not in text
    assert "445566" not in text


@pytest.mark.parametrize("policy", ["lgpd", "hipaa-expert"])
def test_dates_move_together_and_keep_their_interval(policy):
    text = deidentifier(policy)(REPORT, subject="p").text
    day, month, year = map(int, re.search(r"Exame de (\d\d)/(\d\d)/(\d{4}) às 14h32", text).groups())
    other = re.search(r"comparado a (\d\d) de (\w+) de (\d{4})", text).groups()
    there = date(year, month, day)
    before = date(int(other[2]), MONTHS.index(other[1]) + 1, int(other[0]))
    assert there - before == date(2024, 3, 12) - date(2023, 1, 10)
    assert there.weekday() == date(2024, 3, 12).weekday()
    assert there != date(2024, 3, 12)


def test_a_year_of_birth_goes_where_it_tells_of_an_age_over_89():
    told = deidentifier("hipaa-safe-harbor")
    at = datetime(2024, 5, 1, tzinfo=UTC)
    assert told("DN: 05/03/1934", written_at=at).text == "DN: [NASCIMENTO]"
    assert told("DN: 05/03/1935", written_at=at).text == "DN: 1935"
    assert told("DN: 05/03/1934. Exame de 12/03/2023.").text == "DN: 1934. Exame de 2023."


def test_ages_up_to_89_stay_and_those_above_are_one_group():
    told = deidentifier("hipaa-safe-harbor")
    assert told("mulher de 89 anos").text == "mulher de 89 anos"
    assert told("mulher de 90 anos").text == "mulher de 90+ anos"
    assert told("homem de noventa e cinco anos").text == "homem de 90+ anos"


def test_a_year_of_two_digits_is_completed():
    told = deidentifier("hipaa-safe-harbor")
    assert told("exame de 05/03/98 e de 05/03/24").text == "exame de 1998 e de 2024"


def test_other_patients_move_by_other_weeks_and_the_same_patient_by_the_same():
    moved = {weeks_of(KEY, f"p{n}", at_most=52) for n in range(200)}
    assert len(moved) > 60
    assert 0 not in moved
    assert max(map(abs, moved)) <= 52
    assert weeks_of(KEY, "p1", at_most=52) == weeks_of(KEY, "p1", at_most=52)
    assert weeks_of(b"o" * 32, "p1", at_most=520) != weeks_of(KEY, "p1", at_most=520)


@settings(max_examples=300, deadline=None)
@given(st.dates(date(1930, 1, 1), date(2040, 12, 1)), st.integers(-300, 300))
def test_a_moved_date_keeps_its_form(there, weeks):
    moved = there + timedelta(weeks=weeks)
    if not 1900 <= moved.year < 2100:
        return
    for written in (
        lambda day: f"{day:%d/%m/%Y}",
        lambda day: f"{day:%Y-%m-%d}",
        lambda day: f"{day:%d.%m.%Y} às 14h32",
        lambda day: f"{day.day} de {MONTHS[day.month - 1]} de {day.year}",
        lambda day: f"{day.day} DE {MONTHS[day.month - 1].upper()} DE {day.year}",
        lambda day: f"{day:%Y%m%d}",
    ):
        found = shifted(written(there), weeks, year=2024)
        assert found.replace("0", "") == written(moved).replace("0", "")  # 9 and 09 are both written


def test_what_is_no_day_of_any_calendar_becomes_a_tag():
    assert deidentifier()("exame de 31/02/2024", subject="p").text == "exame de [DATA]"


def test_english_and_spanish_months_stay_in_their_language():
    assert shifted("March 12, 2024", 4, year=2024) == "April 09, 2024"
    assert shifted("12 de marzo de 2024", 4, year=2024) == "09 de abril de 2024"
    assert shifted("mar/24", 8, year=2024) == "mai/24"


@pytest.mark.parametrize(
    ("action", "expected"),
    [("tag", "CPF [CPF] ativo"), ("mask", "CPF ***.***.***-** ativo"), ("keep", "CPF 123.456.789-09 ativo")],
)
def test_actions(action, expected):
    assert deidentifier(actions={"cpf": action})("CPF 123.456.789-09 ativo").text == expected


def test_a_code_is_the_same_for_the_same_identifier_however_it_is_written():
    told = deidentifier(actions={"cpf": "hash"})
    one, other = told("CPF 123.456.789-09").text, told("cpf: 12345678909").text
    assert re.fullmatch(r"CPF \[CPF [0-9a-f]{8}\]", one)
    assert one[-9:] == other[-9:]
    another = Deidentifier(DeidentifyConfig(actions={"cpf": "hash"}), language="pt-BR", key=b"o" * 32)
    assert another("CPF 123.456.789-09").text != one


def test_words_to_keep_and_words_to_hide():
    told = deidentifier(keep=["Ana Lima"], also=["Ala Norte"])
    assert told("Dra. Ana Lima, ala norte").text == "Dra. Ana Lima, [INSTITUIÇÃO]"


def test_nothing_is_left_to_find():
    for policy in POLICIES:
        told = deidentifier(policy)
        assert not told.left(told(REPORT, subject="p"))


def test_what_is_left_is_counted():
    told = deidentifier()
    replaced = told("CPF 123.456.789-09", subject="p")
    assert told.left(replaced._replace(text=replaced.text + " RG 12.345.678-X")) == {"national-id": 1}


def test_what_learned_reads_a_report_once_as_it_was_written():
    read = []

    def learned(reading):
        read.append(reading.text)
        place = reading.text.find("Zquirina")
        return [Span(start=place, end=place + 8, label="patient", score=0.8)] if place >= 0 else []

    told = Deidentifier(DeidentifyConfig(), language="pt-BR", key=KEY, detectors=[learned])
    replaced = told("visita a Zquirina", subject="p")
    assert replaced.text == "visita a [NOME]"
    assert not told.left(replaced._replace(text="visita a [NOME] e a Zquirina"))
    assert read == ["visita a Zquirina"]


def test_where_things_were_put_is_told():
    replaced = deidentifier()(REPORT, subject="p")
    for span in replaced.spans:
        if span.label in {"cpf", "patient", "record"}:
            assert replaced.text[span.start : span.end] == tag(span.label, "pt-BR")
    assert replaced.counts["date"] == 2
    assert sum(replaced.counts.values()) == len(replaced.spans)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_kind_has_its_action_in_every_policy(policy):
    assert load_policy(policy).actions.keys() == KINDS.keys()


@pytest.mark.parametrize("action", ["shift", "hash"])
def test_safe_harbor_refuses_what_is_derived_from_the_patient(action):
    kind = "date" if action == "shift" else "cpf"
    with pytest.raises(ConfigError, match="derived from the patient"):
        load_policy("hipaa-safe-harbor", changes={kind: action})


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"cfp": "tag"}, "no kind"), ({"cpf": "year"}, "cannot be done"), ({"cpf": "blur"}, "cannot be done")],
)
def test_a_wrong_change_is_explained(changes, words):
    with pytest.raises(ConfigError, match=words):
        load_policy("lgpd", changes=changes)


def test_all_eighteen_identifiers_of_safe_harbor_that_text_can_hold_are_covered():
    covered = {letter for kind in KINDS.values() for letter in kind.safe_harbor}
    assert covered == set("ABCDEFGHIJKLMNOR")  # P and Q are prints and photographs


SPANS = st.builds(
    lambda start, size, label, score: Span(start=start, end=min(60, start + size), label=label, score=score),
    st.integers(0, 59),
    st.integers(1, 20),
    st.sampled_from(["cpf", "date", "name", "number"]),
    st.sampled_from([0.5, 0.7, 0.9]),
)


@given(st.lists(SPANS, max_size=8), st.text("ab1 .", min_size=60, max_size=60))
def test_merging_loses_nothing_that_was_found_and_overlaps_nowhere(spans, text):
    kept = merge(text, spans)
    covered = {place for span in kept for place in range(span.start, span.end)}
    wanted = {p for span in spans for p in range(span.start, span.end) if text[p].isalnum()}
    assert wanted <= covered
    assert all(one.end <= other.start for one, other in pairwise(kept))


def test_the_surer_says_what_it_is_and_the_rest_stays_hidden():
    text = "DN 12/03/1960-555"
    spans = [
        Span(start=3, end=17, label="number", score=0.5),
        Span(start=3, end=13, label="birth-date", score=0.9),
    ]
    assert [(s.label, text[s.start : s.end]) for s in merge(text, spans)] == [
        ("birth-date", "12/03/1960"),
        ("number", "555"),
    ]
