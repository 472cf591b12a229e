from __future__ import annotations

import pytest

from bert4text.auditing.persons import find_persons, person_traces
from bert4text.auditing.traces import (
    Trace,
    date_traces,
    heading_traces,
    number_traces,
    template_traces,
    writing_traces,
)
from bert4text.core.fold import fold
from bert4text.core.sections import find_sections


def test_persons_by_title_and_by_field():
    found = set(person_traces("Laudo: Dra. Joana d'Ávila Prado. Paciente: Rosa Lima"))
    assert {Trace("title", "dra"), Trace("doctor", "joana"), Trace("doctor", "prado")} <= found
    assert {Trace("name", "rosa"), Trace("name", "lima")} <= found


def test_findings_are_no_names():
    assert set(person_traces("Paciente: Nódulo irregular")) == set()
    assert set(person_traces("nódulo, sem dr")) == set()


def test_dates_years_and_months():
    assert set(date_traces("impresso em 12/03/2021.")) == {
        Trace("date", "00/00/0000"),
        Trace("date", "2021"),
        Trace("date", "/03/"),
    }
    assert set(date_traces("emitido 2021-03-12")) >= {Trace("date", "2021")}
    assert set(date_traces("serie de 2019")) == {Trace("date", "2019")}


def test_dates_of_earlier_exams_are_findings():
    assert (
        set(date_traces("sem alteracoes em relacao a mamografias anteriores de 2020 e 12/03/2021")) == set()
    )
    assert set(date_traces("biopsia de 05-11-21 informa adenose")) == set()


def test_measures_are_no_dates_and_no_numbers():
    text = fold(
        "Nódulo de 12 x 2020 mm, 1,5 cm, 3/4, área de 1234,5 px e 12345 mm, 2500 g, 12500/mm3, 150.000"
    )
    assert set(date_traces(text)) == set()
    assert set(number_traces(text)) == set()


def test_long_numbers_by_length_and_beginning():
    assert Trace("number", "ap…") in set(number_traces("exame ap-12345"))
    assert set(number_traces("exame 12-3 e protocolo 450123")) >= {
        Trace("number", "000000"),
        Trace("number", "450000…"),
    }


def test_headings_and_their_order():
    text = "Achados: normal. Conclusão: normal.\nPosto de origem: sim"
    found = set(heading_traces(fold(text), find_sections(text)))
    assert Trace("heading-order", "findings > conclusion") in found
    assert Trace("heading", "conclusao") in found
    assert Trace("heading", "posto de origem") in found
    assert not any(trace.key == "mama direita" for trace in heading_traces("mama direita: normal", ()))


def test_template_sentences_that_tell_of_no_finding():
    assert set(template_traces("laudo emitido no posto 4. nodulo oval. documento sem rasura")) == {
        Trace("template", "laudo emitido no posto # …"),
        Trace("template", "… documento sem rasura"),
    }
    assert set(template_traces("nodulo oval. mamas densas.")) == set()
    assert set(template_traces("")) == set()


def test_persons_by_registration_and_alone_at_the_end():
    assert {Trace("doctor", "siqueira"), Trace("doctor", "paula")} <= set(
        person_traces("Mamas densas.\nAna Paula de Siqueira\nCRM-SP 123456")
    )
    assert Trace("doctor", "menezes") in set(person_traces("Mamas densas. Carlos Menezes."))
    assert set(person_traces("Mamas densas.\nCategoria IV.")) == set()
    assert set(person_traces("Laudo.\nMamografia Digital")) == set()


def test_a_word_that_is_written_small_elsewhere_is_no_name():
    texts = ["Paciente: Retorna hoje. Nada a relatar.", "retorna em breve", "Paciente: Zulmira Costa"]
    first, _, third = find_persons(texts)
    assert first == set()
    assert Trace("name", "zulmira") in third


def test_speakers_of_a_dialogue_are_no_names():
    text = "Doctor: Good morning. Patient: Yes. Doctor: Thanks. Doctor: Well. Patient: Fine. Patient: Bye"
    assert set(person_traces(text)) == set()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("exame 9031", {"9000…"}),
        ("protocolo n. 31", {"30…"}),
        ("exame 2021, exame de 12 mm, exame 12/03", set()),
        ("exame 12 mm", set()),
    ],
)
def test_short_numbers_that_are_called_so(text, keys):
    assert {trace.key for trace in number_traces(text)} == keys


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (str.upper, "capitals"),
        (
            lambda text: (
                text.replace("ã", "a").replace("ç", "c").replace("õ", "o").replace("ó", "o").replace("á", "a")
            ),
            "no-accents",
        ),
        (lambda text: text.rstrip("."), "no-full-stop"),
        (lambda text: text.replace(" ", "  "), "wide-gaps"),
        (lambda text: "*** " + text, "*"),
    ],
)
def test_ways_of_writing(change, key):
    plain = "Mamas com nódulo oval, não há distorções nem calcificações na região."
    assert set(writing_traces(plain, fold(plain))) == set()
    text = change(plain)
    assert Trace("writing", key) in set(writing_traces(text, fold(text)))


@pytest.mark.parametrize(
    ("sentence", "template"),
    [
        ("Documento emitido conforme a rotina interna vigente.", True),
        ("Document issued under the internal routine in force.", True),
        ("Impresso por ordem do setor.", True),
        ("Sem outras alterações.", False),
        ("Nódulo espiculado no quadrante superior.", False),
        ("Mamas simétricas.", False),
    ],
)
def test_one_clinical_word_among_many_does_not_make_a_sentence_a_finding(sentence, template):
    found = {trace.kind for trace in template_traces(fold(f"Nódulo oval denso. Outro nódulo. {sentence}"))}
    assert ("template" in found) is template
