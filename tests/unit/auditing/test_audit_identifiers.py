from __future__ import annotations

import pytest

from bert4text.auditing.checks import Context
from bert4text.auditing.config import AuditConfig
from bert4text.auditing.identifiers import check_identifiers, kinds_of
from bert4text.auditing.persons import person_traces
from bert4text.core.corpus import Corpus
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report
from bert4text.privacy.check_digits import is_cns
from bert4text.privacy.detect import DETECTORS
from bert4text.privacy.reading import Reading

SPACE = LabelSpace(task="binary", names=("benigno", "maligno"))
ALL = [DETECTORS.get(name) for name in DETECTORS]
CPF = "529.982.247-25"
CNPJ = "11.222.333/0001-81"
CNS = "700000000000005"


def run(texts, *, labelled=True, sample=20_000, deidentified=None):
    reports = [
        Report(id=str(i), text=text, source_row=i + 1, labels=(SPACE.names[i % 2],) if labelled else None)
        for i, text in enumerate(texts)
    ]
    corpus = Corpus.from_reports(reports, SPACE, language="pt-BR")
    corpus.deidentified = deidentified
    context = Context(corpus, AuditConfig(sample=max(100, sample)), seed=7)
    return {issue.code: issue for issue in check_identifiers(corpus, context)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Paciente de CPF {CPF}.", "cpf"),
        (f"Documento: {CPF.replace('.', '').replace('-', '')}", "cpf"),
        (f"Emitido por {CNPJ}.", "cnpj"),
        ("CNPJ 12.ABC.345/01DE-35", "cnpj"),
        (f"Cartão {CNS}.", "cns"),
        ("Cartão 700 0000 0000 0005.", "cns"),
        ("Laudo enviado a fulana.de-tal@exemplo.com.br", "e-mail"),
        ("Contato: (11) 98765-4321", "phone"),
        ("Ligar para +55 21 2345-6789 em caso de dúvida", "phone"),
        ("Tel. 3456 7890", "phone"),
        ("Phone: 555 123 4567", "phone"),
        ("Rua das Acácias, 123", "address"),
        ("AV. SETE DE SETEMBRO, nº 45", "address"),
        ("CEP 01310-100", "address"),
        ("Calle Mayor 12, Madrid", "address"),
        ("12 Elm Street", "address"),
        ("Prontuário nº 123456", "record-number"),
        ("PRONTUARIO: AB-1234", "record-number"),
        ("RG 12.345.678-9", "record-number"),
        ("Atendimento 987654", "record-number"),
        ("Protocolo: 4501", "record-number"),
        ("CPF 529.982.247-26, de dígitos errados", "cpf"),
        (f"{CPF[:-1]}6", "cpf"),  # nothing else is written so
        ("11111111111", "record-number"),  # long, and nothing says what it is
        ("11.222.333/0001-82", "cnpj"),
        ("700000000000004", "record-number"),
        ("Dr. Silva", "name"),
        ("NHC: 368503", "record-number"),
        ("MRN 0012345", "record-number"),
        ("Data de nascimento: 12/03/1961", "birth-date"),
        ("DN 12-03-1961", "birth-date"),
        ("nascida em 12 de março de 1961", "birth-date"),
        ("Born on March 12, 1961", "birth-date"),
        ("Dra. Fulana, CRM/SP 123456", "council-number"),
        ("CRM-RJ 52.12345-6", "council-number"),
        ("COREN SP 123456", "council-number"),
        ("Exame de 12/03/2021", "date"),
        ("Exame de 12.03.21", "date"),
        ("Realizado em 12 de março de 2021", "date"),
        ("2021-03-12", "date"),
    ],
)
def test_identifiers_by_form_digits_and_words_before(text, kind):
    assert kinds_of(Reading(text), ALL) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "Nódulo de 12 x 8 x 5 mm às 10-11 h, a 3,5 cm da papila, T12/L1, 3/4 e 120/80.",
        "BI-RADS 4/5, Ki-67 20-30 %, pT1c, 2.345 px, 1234,5 px, 150.000/mm3, 12/12h.",
        "Prontuário de 2019; registro 2021.",
        "Protocolo de 1500 mg ao dia; o mesmo 1500 mL.",
        "The same 1500 mL were given; exam 1234 cm.",
        "CRP 12.5, o eixo maior de 45 mm, de 3/4 e 2021.",
        "@user kkk",
        "média 12 3456 7890",
        "",
    ],
)
def test_measures_years_and_wrong_digits_identify_nobody(text):
    assert kinds_of(Reading(text), ALL) == set()


def test_a_card_number_has_fifteen_digits_a_first_and_a_check():
    assert is_cns(CNS)
    assert not is_cns(CNS[:-1] + "4")
    assert not is_cns("300000000000002")  # no card begins with 3
    assert not is_cns("7" * 15)
    assert not is_cns(CNS[1:])


def test_kinds_are_counted_with_rows_and_nothing_is_shown():
    secret = f"Maria Quixadá de Souza, {CPF}"
    texts = [f"Paciente: {secret}. Mamas densas."] * 2 + ["Mamas densas."] * 8 + ["Exame de 12/03/2021."]
    found = run(texts)
    assert {code: issue.severity for code, issue in found.items()} == {
        "cpf": "warning",
        "name": "warning",
        "date": "info",
    }
    issue = found["cpf"]
    assert (issue.values, issue.rows) == ({"count": 2, "total": 11}, (1, 2))
    assert "before sharing" in str(issue)
    shown = " ".join(issue.model_dump_json() for issue in found.values()).casefold()
    assert not any(part in shown for part in ("quixad", "maria", CPF, "12/03/2021"))


@pytest.mark.parametrize(
    "text",
    [
        "Sinal de Paget e ligamentos de Cooper.",
        "Doctor: Hello. Patient: Yes. Doctor: Okay.",
        "Dr. ABC saw Mr. XYZ.",
        "Ramos da artéria, leite de cálcio e lobo superior.",
    ],
)
def test_eponyms_answers_and_fillers_are_no_names(text):
    assert run([text] * 3) == {}


@pytest.mark.parametrize(
    ("policy", "actions", "counted"),
    [
        ("lgpd", {}, {"cpf"}),  # dates are moved
        ("lgpd", {"date": "tag"}, {"cpf", "date"}),
        ("lgpd", {"cpf": "surrogate"}, set()),
        ("lgpd", {"date": "keep"}, {"cpf", "date"}),
        ("hipaa-safe-harbor", {}, {"cpf", "date"}),
    ],
)
def test_what_took_the_place_of_an_identifier_is_not_told_again(policy, actions, counted):
    texts = [f"Exame de 12/03/2021. CPF {CPF}."] * 2 + ["Mamas densas."] * 8
    assert set(run(texts)) == {"cpf", "date"}
    assert set(run(texts, deidentified={"policy": policy, "actions": actions})) == counted


def test_a_field_that_ends_inside_a_word_names_nobody():
    assert set(person_traces("MEDICATIONS: None. Nomenclatura: X")) == set()


def test_unlabelled_reports_are_read_too():
    assert run([f"CPF {CPF}"] * 3, labelled=False)["cpf"].values == {"count": 3, "total": 3}


def test_no_more_are_read_than_the_sample():
    found = run([f"CPF {CPF}"] * 150, sample=100)
    assert found["cpf"].values == {"count": 100, "total": 100}
    assert run([f"CPF {CPF}"] * 150, sample=100, labelled=False)["cpf"].values["total"] == 100


def test_nothing_is_said_of_clean_and_empty_corpora():
    assert run([]) == {}
    assert run(["Mamas densas.", " "]) == {}
