from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.data.birads import GRAVITY, LABELS, find_birads

STATED = {
    "BI-RADS 2": "2",
    "BIRADS 2": "2",
    "BI-RADS® 2": "2",
    "BI-RADS: 2": "2",
    "birads2": "2",
    "BI RADS 3": "3",
    "BI - RADS 2": "2",
    "Bi-Rads - 4A.": "4",
    "BI-RADS 4 C": "4",
    "BI-RADS IVb": "4",
    "BI-RADS categoria 0": "0",
    "BI-RADS nº 2": "2",
    "BI-RADS grau II": "2",
    "BI-RADS (ACR) 1": "1",
    "BI-RADS:\n2": "2",
    "BI-RADS 0 (zero)": "0",
    "BI-RADS zero.": "0",
    "BI-RADS dois": "2",
    "categoria I": "1",
    "categoria II": "2",
    "CATEGORIA BI-RADS: III": "3",
    "Categoria IV": "4",
    "BI-RADS V": "5",
    "BI-RADS VI": "6",
    "ACR 2": "2",
    "Achado suspeito (4A).": "4",
    "Categoría 5 de BI-RADS": "5",
    "classificação BI-RADS: categoria 2 (dois).": "2",
    "BI-RADS 3 - controle em 6 meses": "3",
    "sem achados suspeitos BI-RADS 2": "2",
    "Em comparação com o exame anterior de 2020, BI-RADS 2": "2",
    "BI-RADS 2, 3 cistos simples": "2",
    "BI-RADS 2, controle em 1 ano": "2",
    "BI-RADS 2 - 2 cistos": "2",
    "BI-RADS 2 e 4 nódulos": "2",
    "impression: BI-RADS category 1, negative": "1",
    "BI-RADS category two.": "2",
    "Densidade mamária: padrão ACR 2, BI-RADS 1": "1",
    "anteriormente classificado como BI-RADS 3. Atual BI-RADS 2": "2",
}
SEVERAL = {
    "BI-RADS 2 à direita e BI-RADS 4 à esquerda": "24",
    "BI-RADS 2 à direita e 4 à esquerda": "24",
    "BI-RADS: mama direita 2, mama esquerda 4": "24",
    "BI-RADS mama direita: 1; mama esquerda: 2": "12",
    "BI-RADS 2 e 3.": "23",
    "BI-RADS 4/5": "45",
    "BI-RADS 1 a 2": "12",
    "Conclusión: BI-RADS 4 y 5": "45",
    "BI-RADS 4A/4B": "4",
    "BI-RADS: MD 2 / ME 4": "24",
    "BI-RADS MD: 2; ME: 3": "23",
    "BI-RADS D: 2 E: 3": "23",
    "BIRADS 2 D/3 E": "23",
    "BI-RADS 2 dir., 4 esq.": "24",
    "BI-RADS 2 à direita, 4A à esquerda": "24",
    "BI-RADS 2 na mama direita; 4 na mama esquerda.": "24",
    "Categorias do BI-RADS: 1, 2, 3, 4 e 5": "12345",
}
NOT_STATED = [
    "",
    "Mamas de composição c",
    "composição c (BI-RADS)",
    "BI-RADS, composição c",
    "Composição mamária: categoria c",
    "mamas tipo C",
    "ACR c",
    "ACR C.",
    "densidade ACR 2",
    "Padrão mamário ACR 3",
    "5ª edição do BI-RADS",
    "BI-RADS 5ª edição",
    "BI-RADS® 5a. edição, 2013",
    "BI-RADS 5th edition",
    "BI-RADS 2013",
    "BI-RADS 7",
    "BI-RADS 2,5",
    "BI-RADS dos achados",
    "BI-RADS 2 nódulos",
    "conforme BI-RADS. 2 nódulos",
    "BI-RADS\n2. Nódulo",
    "exame anterior BI-RADS 3",
    "exame prévio de 2020 classificado BI-RADS 3",
    "mamografia anterior (12/03/2020) classificada como BI-RADS 4",
    "Não há lesões BI-RADS 4 ou 5",
    "sem achados classificados como BI-RADS 4",
    "BI-RADS v. 2013",
    "BI-RADS v.5",
    "nódulo de 2 mm",
]


def categories(text):
    return "".join(sorted({category.label.removeprefix("BIRADS_") for category in find_birads(text)}))


@pytest.mark.parametrize(("text", "found"), [*STATED.items(), *SEVERAL.items()])
def test_what_states_a_category(text, found):
    assert categories(text) == found


@pytest.mark.parametrize("text", NOT_STATED)
def test_what_states_none(text):
    assert categories(text) == ""


def test_places_and_names():
    (category,) = find_birads("Conclusão: BI-RADS® 4A.")
    assert category == ("BIRADS_4", 20, 21)
    assert set(GRAVITY) == set(LABELS)


@given(st.integers(0, 6), st.sampled_from(["\n", ". ", "; ", " - "]))
@settings(deadline=None)
def test_any_category_is_found_in_any_surroundings(number, gap):
    text = f"MAMAS DE COMPOSIÇÃO C{gap}NÓDULO DE 3 MM{gap}BI-RADS {number}{gap}CONTROLE EM 6 MESES"
    assert categories(text) == str(number)
