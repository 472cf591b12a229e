from __future__ import annotations

from bert4text.auditing.traces import (
    Trace,
    date_traces,
    heading_traces,
    number_traces,
    person_traces,
    template_traces,
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
        Trace("date", "date"),
        Trace("date", "year 2021"),
        Trace("date", "month 3"),
    }
    assert set(date_traces("emitido 2021-03-12")) >= {Trace("date", "year 2021")}
    assert set(date_traces("serie de 2019")) == {Trace("date", "year 2019")}


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
    assert Trace("number", "letters ap") in set(number_traces("exame ap-12345"))
    assert set(number_traces("exame 12-3 e protocolo 450123")) >= {
        Trace("number", "6 digits"),
        Trace("number", "begins 45 of 6 digits"),
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
        Trace("template", "first: laudo emitido no posto #"),
        Trace("template", "last: documento sem rasura"),
    }
    assert set(template_traces("nodulo oval. mamas densas.")) == set()
    assert set(template_traces("")) == set()
