"""What each perturbation makes of made-up sentences, grammar kept; what it leaves alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bert4text.core.seeds import rng
from bert4text.robustness.perturbations import PERTURBATIONS


def changed(name: str, text: str, language: str = "pt", seed: int = 1) -> str | None:
    return PERTURBATIONS.get(name).of(text, language=language, rng=rng(seed, f"tests.{name}"))


MADE = [
    ("negation-reworded", "pt", "Não se observam nódulos.", "Não há nódulos."),
    ("negation-reworded", "pt", "SEM SINAIS DE FRATURA.", "SEM EVIDENCIAS DE FRATURA."),
    (
        "negation-reworded",
        "pt",
        "Sem sinais de lesão, nao ha sinais de massa",
        "Sem evidências de lesão, não há evidências de massa",
    ),
    ("negation-reworded", "es", "No se identifican nódulos.", "No hay nódulos."),
    ("negation-reworded", "en", "No evidence of fracture.", "No sign of fracture."),
    (
        "finding-denied",
        "pt",
        "Observam-se nódulos na mama direita.",
        "Não se observam nódulos na mama direita.",
    ),
    (
        "finding-denied",
        "pt",
        "Há um nódulo espiculado, medindo 1,2 x 0,8 cm, no QSE.",
        "Não há um nódulo espiculado, no QSE.",
    ),
    ("finding-denied", "pt", "Presença de derrame de 3 a 5 mm.", "Ausência de derrame."),
    ("finding-denied", "pt", "Mamas densas. Nódulo oval.", "Mamas densas. Ausência de nódulo oval."),
    ("finding-denied", "pt", "NODULO OVAL.", "AUSENCIA DE NODULO OVAL."),
    ("finding-denied", "es", "Se observan nódulos. Hay derrame.", "No se observan nódulos. No hay derrame."),
    (
        "finding-denied",
        "en",
        "There is a mass. There are nodules.",
        "There is no mass. There are no nodules.",
    ),
    (
        "denial-taken-back",
        "pt",
        "Não se observam nódulos. Sem sinais de fratura.",
        "Observam-se nódulos. Com sinais de fratura.",
    ),
    ("denial-taken-back", "pt", "Ausência de massa.", "Presença de massa."),
    ("denial-taken-back", "es", "No hay nódulos. Sin derrame.", "Hay nódulos. Con derrame."),
    (
        "denial-taken-back",
        "en",
        "There is no mass. There is no effusion. No evidence of fracture.",
        "There is a mass. There is an effusion. Evidence of fracture.",
    ),
    ("finding-in-the-past", "pt", "Identificam-se nódulos.", "Em exame anterior identificavam-se nódulos."),
    ("finding-in-the-past", "pt", "Presença de nódulo.", "Antecedente de nódulo."),
    ("finding-in-the-past", "es", "Se observan nódulos.", "En estudio previo se observaban nódulos."),
    ("finding-in-the-past", "en", "There is a mass.", "On the prior exam there was a mass."),
    ("hedge-reworded", "pt", "Achados sugestivos de cisto.", "Achados indicativos de cisto."),
    ("hedge-reworded", "pt", "Imagens compatíveis com cistos.", "Imagens consistentes com cistos."),
    ("hedge-reworded", "es", "Compatible con quiste.", "Consistente con quiste."),
    ("hedge-reworded", "en", "A mass cannot be excluded.", "A mass cannot be ruled out."),
    ("side-swapped", "pt", "Nódulos direitos; mama esquerda.", "Nódulos esquerdos; mama direita."),
    ("side-swapped", "pt", "Nódulo na MD e na mama E.", "Nódulo na ME e na mama D."),
    ("side-swapped", "pt", "MAMA DIREITA", "MAMA ESQUERDA"),
    ("side-swapped", "es", "Axila derecha, MI.", "Axila izquierda, MD."),
    ("side-swapped", "en", "Right breast; left axilla.", "Left breast; right axilla."),
    (
        "abbreviated",
        "pt",
        "Nódulo na mama direita, sem linfonodos à esquerda.",
        "Nódulo na MD, s/ linfonodos à esq.",
    ),
    ("abbreviated", "es", "Nódulo en la mama izquierda.", "Nódulo en la MI."),
    ("abbreviated", "en", "Patient with diabetes mellitus.", "Pt w/ DM."),
    ("written-out", "pt", "Nódulo no QSE da MD.", "Nódulo no quadrante superior externo da mama direita."),
    ("written-out", "pt", "NÓDULO NO QSE.", "NÓDULO NO QUADRANTE SUPERIOR EXTERNO."),
    ("written-out", "en", "CT of the chest.", "computed tomography of the chest."),
    ("accents-lost", "pt", "Não há Ícone Ç", "Nao ha Icone C"),
    ("accents-lost", "es", "Tamaño, AÑO", "Tamano, ANO"),
    ("capitals", "pt", "Não há", "NÃO HÁ"),
    ("small-letters", "pt", "NÃO HÁ", "não há"),
    (
        "decimal-mark",
        "pt",
        "Mede 1,2 x 0,8 cm em 10/02/2024, v. 1.5.",
        "Mede 1.2 x 0.8 cm em 10/02/2024, v. 1.5.",
    ),
    ("decimal-mark", "en", "It is 1.5 cm.", "It is 1,5 cm."),
    ("unit-changed", "pt", "Mede 12 x 8 mm e 3 cm.", "Mede 1,2 x 0,8 cm e 30 mm."),
    ("unit-changed", "en", "12 mm", "1.2 cm"),
    ("said-twice", "pt", "Laudo.", "Laudo.\nLaudo."),
    ("lines-joined", "pt", "Um.\n\nDois.", "Um. Dois."),
    ("typeset-signs", "pt", 'Mama - "fina"', "Mama – “ﬁna”"),
    ("sex", "pt", "A paciente internada refere dor.", "O paciente internado refere dor."),
    (
        "sex",
        "pt",
        "Explicado à paciente. A paciente concorda.",
        "Explicado ao paciente. O paciente concorda.",
    ),
    ("sex", "pt", "Paciente do sexo masculino, 61 anos.", "Paciente do sexo feminino, 61 anos."),
    ("sex", "es", "La paciente refiere dolor.", "El paciente refiere dolor."),
    ("sex", "en", "She is a 61-year-old woman.", "He is a 61-year-old man."),
    ("headings-alone", "pt", "Técnica: usual.\nAchados: nódulo.", "Técnica:\nAchados:"),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), MADE)
def test_what_becomes_of_a_sentence(name: str, language: str, before: str, after: str) -> None:
    assert changed(name, before, language) == after


LEFT = [
    ("finding-denied", "pt", "Não se observam nódulos. Nódulos ausentes. Sem presença de massa."),
    ("finding-denied", "pt", "Não se pode excluir presença de nódulo."),
    ("finding-denied", "en", "No mass. A mass is not seen."),
    ("denial-taken-back", "pt", "Sem contraste. Não há nódulos nem massas."),
    ("denial-taken-back", "es", "Sin nódulos ni masas."),
    ("side-swapped", "pt", "Ventrículo direito aumentado, cólon esquerdo livre."),
    ("side-swapped", "en", "The patient left the hospital."),
    ("unit-changed", "pt", "Mede de 3 a 5 mm."),
    ("unit-changed", "pt", "Pesa 12 kg; fluxo 2 mm/s; área 3 cm²; 12 mmHg."),
    ("decimal-mark", "pt", "Versão 1.2, 12.345 casos, 1,2 pontos."),
    ("written-out", "pt", "Sr. md, Anti-HASX."),
    ("sections-moved", "pt", "Achados: nódulo."),
    ("sex", "pt", "A paciente fez mamografia."),
    ("sex", "pt", "A paciente foi atendida e está deitada."),
    ("sex", "pt", "A paciente veio com o marido, homem de 60 anos."),
    ("age", "pt", "Dor há 5 anos. Criança de 7 anos."),
    ("given-name", "pt", "Paciente: [NOME], 54 anos."),
    ("payer", "pt", "Tem convênio com a faculdade."),
    ("accents-lost", "en", "Café"),
]


@pytest.mark.parametrize(("name", "language", "text"), LEFT)
def test_what_is_left_alone(name: str, language: str, text: str) -> None:
    assert changed(name, text, language) is None


def test_statements_are_put_at_an_end_in_the_style_of_the_report() -> None:
    loud = changed("ruled-out", "NODULO OVAL")
    assert loud is not None
    assert loud.startswith("NODULO OVAL. ")
    assert loud.isupper()
    assert loud.isascii()
    quiet = changed("family-history", "Não há nódulo.\nFim.")
    assert quiet is not None
    assert quiet.endswith("\nNão há nódulo.\nFim.")


@pytest.mark.parametrize(("name", "kept"), [("given-name", "da Silva"), ("surname", "Maria")])
def test_a_person_is_called_otherwise_and_always_the_same(name: str, kept: str) -> None:
    text = "Paciente: Maria da Silva, 54 anos. A Sra. Maria da Silva refere dor."
    found = changed(name, text)
    assert found is not None
    assert found.count(kept) == 2
    called = found.split("Paciente: ")[1].split(",")[0]
    assert called != "Maria da Silva"
    assert f"A Sra. {called} refere dor." in found


def test_a_given_name_is_that_of_the_same_sex_and_with_the_sex_changes_too() -> None:
    female = changed("given-name", "Paciente: Ana Souza, com nódulo.")
    assert female is not None
    assert female.split()[1] in {
        "Beatriz",
        "Camila",
        "Débora",
        "Fernanda",
        "Helena",
        "Juliana",
        "Larissa",
        "Márcia",
        "Patrícia",
        "Raimunda",
        "Sandra",
        "Terezinha",
        "Vanessa",
        "Francisca",
        "Severina",
        "Ingrid",
        "Yara",
        "Luzia",
    }
    male = changed("sex", "Paciente: Ana Souza, sexo feminino, com dor.")
    assert male is not None
    assert "sexo masculino" in male
    assert "Ana" not in male
    assert male.split()[1] != female.split()[1]


def test_an_age_moves_a_little_and_stays_that_of_an_adult() -> None:
    for seed in range(30):
        found = changed("age", "Paciente de 19 anos, com dor há 3 anos.", seed=seed)
        assert found is not None
        assert 18 <= int(found.split()[2]) <= 24
        assert found.split()[2] != "19"
        assert found.endswith("com dor há 3 anos.")


def test_a_town_takes_its_state_with_it() -> None:
    found = changed("town", "Procedente de Campinas/SP, com dor.")
    assert found is not None
    assert found.startswith("Procedente de ")
    assert "Campinas" not in found
    assert found.split("/")[1][:2] != "SP"


def test_who_pays_changes_sides() -> None:
    assert changed("payer", "Convênio: Unimed\nDor.") == "Convênio: SUS\nDor."
    found = changed("payer", "Convênio: SUS. Dor.")
    assert found is not None
    assert "SUS" not in found


def test_sections_stand_elsewhere_and_none_is_lost() -> None:
    text = "MAMOGRAFIA\nIndicação: rotina.\nTécnica: usual.\nAchados: nódulo.\nConclusão: cisto."
    found = changed("sections-moved", text)
    assert found is not None
    assert sorted(found.splitlines()) == sorted(text.splitlines())
    assert found.splitlines()[0] == "MAMOGRAFIA"


@pytest.mark.parametrize("name", ["key-slipped", "letters-transposed", "letter-left-out", "misread-scan"])
def test_one_long_word_in_twelve_is_written_wrongly_and_short_ones_never(name: str) -> None:
    text = " ".join(["sem", "não", "com", "1,2"] + ["nódulo", "direita", "mama", "calcificação"] * 9)
    found = changed(name, text)
    assert found is not None
    pairs = list(zip(text.split(), found.split(), strict=True))
    assert sum(before != after for before, after in pairs) == 27 // 12
    assert all(before == after for before, after in pairs if len(before) < 5)


def test_a_long_report_holds_the_report_and_500_words_more() -> None:
    found = changed("very-long", "Nódulo oval.")
    assert found is not None
    assert "\nNódulo oval.\n" in found
    assert len(found.split()) > 500


def test_measures_are_the_same_in_the_other_unit() -> None:
    for value in ("1", "7", "10", "12,5", "100"):
        found = changed("unit-changed", f"{value} mm")
        assert found is not None
        number, unit = found.split()
        assert unit == "cm"
        assert Decimal(number.replace(",", ".")) * 10 == Decimal(value.replace(",", "."))
