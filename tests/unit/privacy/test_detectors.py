"""What identifies somebody is found in every form it is written in, and what only looks like it is left."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validate_docbr import CNPJ, CPF

from bert4text.privacy.detect import DETECTORS, detect
from bert4text.privacy.kinds import PERSONS
from bert4text.privacy.reading import Reading

ALL = [DETECTORS.get(name) for name in DETECTORS]


def found(text, language="pt-BR"):
    """Kind and words of everything found, in order."""
    return [(span.label, text[span.start : span.end]) for span in detect(Reading(text, language), ALL)]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("CPF: 123.456.789-09", "cpf", "123.456.789-09"),
        ("C.P.F. nº 12345678909", "cpf", "12345678909"),
        ("CPF 123 456 789 00", "cpf", "123 456 789 00"),  # a wrong digit clears nothing
        ("CPF l23.456.789-O9", "cpf", "l23.456.789-O9"),  # as a scanner reads it
        ("CPF12345678909RG", "cpf", "12345678909"),
        ("visto 123.456.789-09 hoje", "cpf", "123.456.789-09"),
        ("Cartão SUS 898 0012 3456 7890", "cns", "898 0012 3456 7890"),
        ("CNS: 700.0012.3456.7890", "cns", "700.0012.3456.7890"),
        ("visto 354 2715 0835 0000 hoje", "cns", "354 2715 0835 0000"),  # no card begins so: mistyped
        ("CNPJ 11.222.333/0001-81", "cnpj", "11.222.333/0001-81"),
        ("empresa 12.ABC.345/01DE-35", "cnpj", "12.ABC.345/01DE-35"),
        ("RG 12.345.678-X SSP/SP", "national-id", "12.345.678-X"),
        ("PIS 123.45678.90-1", "national-id", "123.45678.90-1"),
        ("título de eleitor: 1234 5678 9012", "national-id", "1234 5678 9012"),
        ("SSN: 123-45-6789", "national-id", "123-45-6789"),
        ("DNI 12345678-Z", "national-id", "12345678-Z"),
        ("NASS: 26 37482910 04", "national-id", "26 37482910 04"),
        ("prontuário nº 45678", "record", "45678"),
        ("Pront. do paciente: 778899", "record", "778899"),
        ("prontuário Maria Silva 12345", "record", "12345"),
        ("atendimento 99887 em 12/03/2024", "record", "99887"),
        ("MRN: 123-45-67", "record", "123-45-67"),
        ("nº do exame: 24-12345", "exam", "24-12345"),
        ("lâmina: B24/1234", "exam", "B24/1234"),
        ("recebido C-1234/24 ontem", "exam", "C-1234/24"),
        ("carteirinha 0 865 000123456 7", "plan", "0 865 000123456 7"),
        ("carteirinha Unimed 00123456789", "plan", "Unimed 00123456789"),
        ("conta corrente 12345-6", "account", "12345-6"),
        ("CNH: 12345678900", "licence", "12345678900"),
        ("marca-passo, número de série AB12345", "device", "AB12345"),
        ("senha: ab12c3", "credential", "ab12c3"),
        ("placa ABC1D23", "vehicle", "ABC1D23"),
        ("carro de placa ABC-1234", "vehicle", "ABC-1234"),
        ("1.2.840.113619.2.55.3.1", "exam", "1.2.840.113619.2.55.3.1"),
        ("o número 4455667788 consta", "number", "4455667788"),
        ("Ana Lima, CRM/SP 123456", "council", "SP 123456"),
        ("CRM-SP 123.456", "council", "SP 123.456"),
        ("CRMSP123456", "council", "SP123456"),
        ("COREN-RJ 123456-ENF", "council", "RJ 123456-ENF"),
        ("CREFITO 3/12345-F", "council", "3/12345-F"),
        ("CRM nº 12345/MG", "council", "nº 12345/MG"),
        ("RQE: 12345", "council", "12345"),
        ("assina 12345-CRM/SP", "council", "12345-CRM/SP"),
        ("tel: (11) 98888-7777", "phone", "(11) 98888-7777"),
        ("fone 11 3456 7890", "phone", "11 3456 7890"),
        ("+55 11 98888-7777", "phone", "+55 11 98888-7777"),
        ("ramal 1234", "phone", "1234"),
        ("0800 123 4567", "phone", "0800 123 4567"),
        ("joao.silva@exemplo.com.br", "e-mail", "joao.silva@exemplo.com.br"),
        ("veja www.exemplo.com.br/laudo?x=1.", "url", "www.exemplo.com.br/laudo?x=1"),
        ("acesso de 10.0.0.17", "ip", "10.0.0.17"),
        ("CEP 13083-970", "postal-code", "13083-970"),
        ("CEP: 13083970", "postal-code", "13083970"),
        ("Rua das Flores, 123, apto 45", "address", "Rua das Flores, 123, apto 45"),
        ("av do contorno 3000", "address", "av do contorno 3000"),
        ("SQN 312 bloco B apto 201", "address", "SQN 312 bloco B apto 201"),
        ("Praça da Sé, s/n", "address", "Praça da Sé, s/n"),
        ("natural de Belo Horizonte", "place", "Belo Horizonte"),
        ("mora em Contagem/MG", "place", "Contagem"),
        ("no Hospital das Clínicas de Porto Alegre", "facility", "Hospital das Clínicas de Porto Alegre"),
        ("UBS Vila Nova", "facility", "UBS Vila Nova"),
    ],
)
def test_numbers_addresses_and_bodies(text, kind, words):
    assert (kind, words) in found(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("em 12/03/2024 às 14h32", "12/03/2024 às 14h32"),
        ("em 12/3/24", "12/3/24"),
        ("em 12-03-2024", "12-03-2024"),
        ("em 12.03.24", "12.03.24"),
        ("em 12 / 03 / 2024", "12 / 03 / 2024"),
        ("em 12 de março de 2024", "12 de março de 2024"),
        ("EM 12 DE MARCO DE 2024", "12 DE MARCO DE 2024"),
        ("em 12 mar. 2024", "12 mar. 2024"),
        ("em 12/mar/24", "12/mar/24"),
        ("em 1º de maio", "1º de maio"),
        ("em primeiro de maio de 2020", "primeiro de maio de 2020"),
        ("em março de 2024", "março de 2024"),
        ("em mar/24", "mar/24"),
        ("em 03/2024", "03/2024"),
        ("em 2024-03-12T10:11:12Z", "2024-03-12T10:11:12Z"),
        ("em 20240312", "20240312"),
        ("Data12/03/2024", "12/03/2024"),
        ("Data-12/03/2024", "12/03/2024"),
        ("retorno dia 5/3", "5/3"),
        ("coleta 12/04", "12/04"),
        ("on March 3, 2024", "March 3, 2024"),
        ("07/18/2023", "07/18/2023"),
        ("el 5 de marzo del 2016", "5 de marzo del 2016"),
    ],
)
def test_dates_in_all_their_forms(text, words):
    assert found(text, None) == [("date", words)]


def test_a_range_of_dates_is_two_dates():
    assert found("de 12/03/2024 a 15/03/2024") == [("date", "12/03/2024"), ("date", "15/03/2024")]
    assert found("de 12/03/2024-15/03/2024") == [("date", "12/03/2024"), ("date", "15/03/2024")]


@pytest.mark.parametrize(
    "words", ["DN: 05/03/1960", "nascida em 05/03/1960", "Data de nascimento 05/03/1960"]
)
def test_a_date_of_birth_is_told_apart(words):
    assert found(words) == [("birth-date", "05/03/1960")]


@pytest.mark.parametrize("words", ["às 9h05", "hora: 14:32", "início 08h15", "às 14:32:10"])
def test_times_of_day_have_minutes(words):
    assert [kind for kind, _ in found(words)] == ["time"]


@pytest.mark.parametrize(
    "text",
    [
        "nódulo às 3 horas da mama esquerda, entre 9-12 h",
        "fração 2/3, terço 1/3 médio, 12/12h e de 8/8h",
        "T12/L1, L4/L5, C5-C6, PA 120/80, 20/20, 3+4, 4/6+, 1:1000, FAN 1:40",
        "2,5 x 1,3 cm, BI-RADS 4/5, pT1c/pN0, Ki-67 20-30 %, 03/05 fragmentos, lote 03/24, dor 10/10",
        "plaquetas 250.000/mm3, leucócitos 10.000.000 UI, 12345 mm, 2015-2019, desde 2019, há 3 meses",
        "BI-RADS 4 à direita; Gleason 7 (3+4), PSA 8,2 ng/mL, volume de 45 cm3, PI-RADS 4",
        "quadrante superolateral; a rua é longa; largo de 10 cm; av. mamária",
        "encaminhada ao hospital por dor; Hospital Geral; exame do Instituto",
        "sinal de Murphy, doença de Parkinson, cisto de Baker, técnica de Eklund, Bosniak II",
        "Ramos da artéria pulmonar; leite de cálcio; campos pulmonares; há 3 dias; luz do ducto",
        "Costa esquerda fraturada. Dores mamárias. Porto-cath. Drenagem de 150 ml. DRGE em tratamento.",
        "TÉCNICA: incidências CC e MLO. Paciente refere dor. Paciente com nódulo mamário.",
        "EVIDENCIAM-SE CALCIFICAÇÕES. OBSERVA-SE NÓDULO. AS MAMAS APRESENTAM-SE DENSAS.",
        "Anti-HBs, ANA e ENA negativos; BRCA1, PALB2, HER2; Klebsiella; Femara 2,5 mg; Puran 75 mcg",
        "CROMATINA FINA, PRATICAMENTE CONSTANTE ENTRE OS NÚCLEOS. CALÊNDULA VERDE NA CAPELA.",
        "KILLIP I, TIMI RISK 4/7, GRACE 132, EM USO DE AAS. LDH 0,8, ADA 52 U/L",
        "Queda na Quadra Coberta da escola; dor ao subir a Estrada Velha de bicicleta.",
        "registro 2019; same 120 mg; exame 2 de 3; modelo: 320 canais; caso 12",
    ],
)
def test_what_only_looks_like_it_is_left(text):
    assert found(text) == []


def test_amid_capitals_a_name_ends_before_a_word_of_grammar():
    text = "FALAR COM A DRA. VALDIRENE VIEIRA NO RAMAL 2977, COM O SR. JOSÉ LIMA OU LIGUE"
    assert [words for kind, words in found(text) if kind in PERSONS] == ["VALDIRENE VIEIRA", "JOSÉ LIMA"]
    assert ("name", "MIN-JI NA") in found("SRA. MIN-JI NA")
    assert ("patient", "Kim Na Lee") in found("Paciente: Kim Na Lee")
    assert ("name", "ANA LIMA") in found("PACIENTE ANA LIMA 52 ANOS")


def test_ages_over_89_in_figures_and_words_and_no_durations():
    assert found("92 anos, tabagista há 30 anos, de noventa e dois anos, idade: 95, nonagenária") == [
        ("age", "92"),
        ("age", "noventa e dois"),
        ("age", "95"),
        ("age", "nonagenária"),
    ]
    assert found("com 16 anos de evolução") == []


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Paciente: Maria Aparecida da Silva Idade: 45", "patient", "Maria Aparecida da Silva"),
        ("Nome: joao carlos de souza, 45", "patient", "joao carlos de souza"),
        ("PACIENTE: ANA LUIZA COSTA SEXO: F", "patient", "ANA LUIZA COSTA"),
        ("PACIENTE: ROSA DO NASCIMENTO", "patient", "ROSA DO NASCIMENTO"),
        ("Paciente: SILVA, Maria das Dores", "patient", "SILVA, Maria das Dores"),
        ("Pac.: Kwame Okafor - Leito 12", "patient", "Kwame Okafor"),
        ("Patient Name: John O'Brien DOB", "patient", "John O'Brien"),
        ("Ubirajara Terena, 52 anos, nega dor", "patient", "Ubirajara Terena"),
        ("Mãe: Iara Lima", "relative", "Iara Lima"),
        ("a filha Maria acompanha", "relative", "Maria"),
        ("Esposo, João Pedro, informa", "relative", "João Pedro"),
        ("Filiação: Rosa Lima e José Lima", "relative", "Rosa Lima e José Lima"),
        ("visto por Dra. Beatriz Nunes", "professional", "Beatriz Nunes"),
        ("Dr(a). Pedro Henrique", "professional", "Pedro Henrique"),
        ("Enfª Carla Dias", "professional", "Carla Dias"),
        ("Laudado por: Carlos Ramos", "professional", "Carlos Ramos"),
        ("REVISADO POR MEI MÜLLER OKAFOR", "professional", "MEI MÜLLER OKAFOR"),
        ("Assinado eletronicamente por Laís Barbosa em ato", "professional", "Laís Barbosa"),
        ("Sr. José refere dor", "name", "José"),
    ],
)
def test_names_by_what_stands_beside_them(text, kind, words):
    spans = [(label, said) for label, said in found(text) if label != "age"]
    assert spans == [(kind, words)]


def test_a_name_before_a_registration_and_above_a_specialty():
    text = "Achados descritos.\nJanete Ribeiro\nMastologista - CRM 822008"
    assert ("professional", "Janete Ribeiro") in found(text)


def test_a_name_in_the_last_line_and_the_initials_of_who_typed():
    text = "Mamas sem alterações.\nZulmira Krenak\nJS/ab"
    assert found(text) == [("professional", "Zulmira Krenak"), ("professional", "JS/ab")]


def test_a_line_of_which_only_the_end_is_looked_at_names_nobody():
    line = "NÃO SE OBSERVAM CALCIFICAÇÕES SUSPEITAS"
    ends = "\n" + "Mamas densas. " * 27
    for cut in range(360, 400):
        text = line + ends[:cut] + "\nBI-RADS 2."
        assert found(text) == []


def test_a_name_is_found_wherever_it_is_said_again_but_not_its_everyday_words():
    text = "Laudado por: Carlos Eduardo Ramos\nRamos da artéria sem alterações. Eduardo Ramos revisou."
    assert [words for _, words in found(text)] == ["Carlos Eduardo Ramos", "Eduardo Ramos"]


def test_a_name_that_no_list_knows_is_found_again_but_not_what_is_called_after_it():
    text = "Dra. Xyrrha Belkov viu. Mais tarde Belkov revisou; sinal de Belkov negativo."
    assert [words for _, words in found(text)] == ["Xyrrha Belkov", "Belkov"]


def test_speakers_of_a_dialogue_are_no_persons():
    text = "Doctor: Tell me. Patient: Feeling worse.\n" * 4
    assert found(text, "en") == []


def test_given_names_of_the_census_where_nothing_stands_beside_them():
    assert found("Hoje Francisca Potiguara compareceu; paciente Luciana refere melhora") == [
        ("name", "Francisca Potiguara"),
        ("name", "Luciana"),
    ]
    assert found("EVOLUÇÃO: PACIENTE GERALDA DOS SANTOS REFERE MELHORA") == [("name", "GERALDA DOS SANTOS")]


@pytest.fixture
def forgotten():
    """The names as if nobody had read them, before and after."""
    from bert4text.privacy import census

    for cached in (census._names, census._borne_by):
        cached.cache_clear()
    yield census
    for cached in (census._names, census._borne_by):
        cached.cache_clear()


def test_without_the_package_no_name_is_known(forgotten, monkeypatch):
    monkeypatch.setattr(forgotten, "PACKAGE", "no-such-package")
    assert forgotten.census() == frozenset()
    assert forgotten.gender("maria") is None
    assert found("Hoje Francisca Potiguara compareceu") == []


def test_another_list_of_names_is_refused(forgotten, monkeypatch):
    from bert4text.core.errors import DataError

    monkeypatch.setattr(forgotten, "DIGEST", "0" * 64)
    with pytest.raises(DataError, match="not the one this version knows"):
        forgotten.census()


FORMS = (
    "{0}{1}{2}.{3}{4}{5}.{6}{7}{8}-{9}{10}",
    "{0}{1}{2}{3}{4}{5}{6}{7}{8}{9}{10}",
    "{0}{1}{2}{3}{4}{5}{6}{7}{8}-{9}{10}",
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9 - 1), st.sampled_from(FORMS), st.sampled_from(["", "cpf ", "Doc: ", "visto em "]))
def test_every_valid_cpf_is_hidden_whatever_stands_before(nine, form, lead):
    maker = CPF()
    number = f"{nine:09d}"
    number += maker._generate_first_digit(list(number))
    number += maker._generate_second_digit(list(number))
    text = f"{lead}{form.format(*number)} paciente"
    kept = "".join(
        text[i] for i in range(len(text)) if not any(s.start <= i < s.end for s in detect(Reading(text), ALL))
    )
    assert not any(map(str.isdigit, kept))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**10), st.booleans())
def test_every_cns_is_hidden(tail, spaced):
    digits = [7, *map(int, f"{tail:013d}"[:13]), 0]
    rest = -sum(weight * digit for weight, digit in zip(range(15, 0, -1), digits, strict=True)) % 11
    if rest == 10:
        return
    digits[-1] = rest
    number = "".join(map(str, digits))
    written = f"{number[:3]} {number[3:7]} {number[7:11]} {number[11:]}" if spaced else number
    assert found(f"cadastro {written} ativo")[0][1] == written


def test_letters_in_a_cnpj_need_its_word_or_its_check_digits():
    number = CNPJ().generate(digits_only=False)
    assert found(f"empresa {number} prestadora")[0] == ("cnpj", number)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "a",
            "1",
            "Ana ",
            "1.",
            "1-",
            "12 ",
            "a.b@",
            "paciente: ",
            "rua a ",
            "tel 1 ",
            "\n ",
            "A-",
            "Ana de ",
        ),
        *("cpf ", "12/03/2024 ", "http://", "Aa. ", " ", "ab.cd.", "Dr. ", "(", "CRM "),
    ],
)
def test_no_pattern_runs_away_on_a_text_that_only_repeats_itself(piece):
    text = piece * (20_000 // len(piece))  # one that backtracks for every start would take minutes
    spans = detect(Reading(text), ALL)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
