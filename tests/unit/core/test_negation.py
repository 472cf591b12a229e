from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.core.negation import hedged, negated


def place(text, word):
    start = text.index(word)
    return start, start + len(word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Sem sinais de malignidade.", "malignidade"),
        ("Não se observam calcificações suspeitas.", "calcificações"),
        ("NÃO HÁ NÓDULOS.", "NÓDULOS"),
        ("Ausência de nódulos, calcificações agrupadas ou distorções que sugiram câncer.", "distorções"),
        ("Não se visualizam calcificações suspeitas de malignidade.", "malignidade"),
        ("No suspicious findings that may suggest malignancy.", "malignancy"),
        ("Linfonodos axilares ausentes.", "Linfonodos"),
        ("Sinais de malignidade: ausentes.", "malignidade"),
        ("Nódulo não identificado.", "Nódulo"),
        ("Negativo para neoplasia maligna.", "maligna"),
        ("A paciente nega dor.", "dor"),
        ("No se observan calcificaciones sospechosas.", "calcificaciones"),
        ("Las mamas no muestran nódulos.", "nódulos"),
        ("Sin signos de malignidad.", "malignidad"),
        ("Mamas sin nódulos ni distorsiones de la arquitectura.", "distorsiones"),
        ("No evidence of malignancy.", "malignancy"),
        ("There is no suspicious mass in the right breast.", "mass"),
        ("The breast is free of disease.", "disease"),
        ("Malignancy was ruled out.", "Malignancy"),
        ("Axillary adenopathy is not seen.", "adenopathy"),
        ("Antecedente de carcinoma negado.", "carcinoma"),
        ("Malignancy ruled out.", "Malignancy"),
    ],
)
def test_what_is_denied(text, word):
    assert negated(text, *place(text, word))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Nódulo espiculado na mama direita.", "espiculado"),
        ("Sem calcificações. Nódulo maligno.", "maligno"),
        ("Sem calcificações, mas há nódulo espiculado.", "espiculado"),
        ("Sem calcificações\nNódulo maligno", "maligno"),
        ("Não só calcificações, também nódulo.", "nódulo"),
        ("Nódulo no quadrante superior, de aspecto maligno, na mama direita.", "maligno"),
        ("Nódulo espiculado não observado no exame anterior.", "espiculado"),
        ("Nódulo espiculado, linfonodos ausentes.", "espiculado"),
        ("Sem alterações significativas em relação ao exame anterior, com nódulo.", "nódulo"),
        ("Não se pode excluir malignidade.", "malignidade"),
        ("Sin embargo se observa un nódulo.", "nódulo"),
        ("No se puede descartar malignidad.", "malignidad"),
        ("No calcifications are seen, but there is a spiculated mass.", "spiculated"),
        ("There is not only a mass but a distortion.", "distortion"),
        ("Cannot exclude malignancy.", "malignancy"),
        ("No change. Malignant mass.", "Malignant"),
        ("Conclusão: maligno.", "maligno"),
        ("Negativo para carcinoma, positivo para hiperplasia.", "hiperplasia"),
        ("Sem carcinoma e com hiperplasia.", "hiperplasia"),
        ("Sin nódulos y con calcificaciones.", "calcificaciones"),
    ],
)
def test_what_is_not_denied(text, word):
    assert not negated(text, *place(text, word))


def test_a_cue_far_away_does_not_reach():
    near = "Sem " + "um " * 12 + "nódulo"
    far = "Sem " + "um " * 13 + "nódulo"
    assert negated(near, *place(near, "nódulo"))
    assert not negated(far, *place(far, "nódulo"))


def test_no_denies_in_spanish_and_english_only():
    text = "no nódulo"
    assert negated(text, *place(text, "nódulo"), language="es")
    assert not negated(text, *place(text, "nódulo"), language="pt")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Achado provavelmente benigno.", "benigno"),
        ("Nódulo suspeito de malignidade.", "malignidade"),
        ("Achados compatíveis com carcinoma.", "carcinoma"),
        ("Não se pode excluir malignidade.", "malignidade"),
        ("Carcinoma a esclarecer.", "Carcinoma"),
        ("Carcinoma?", "Carcinoma"),
        ("Hallazgo sugestivo de malignidad.", "malignidad"),
        ("No se puede descartar malignidad.", "malignidad"),
        ("Probably benign finding.", "benign"),
        ("Suspicious for malignancy.", "malignancy"),
        ("Malignancy cannot be excluded.", "Malignancy"),
        ("Carcinoma improvável.", "Carcinoma"),
        ("Inconclusivo para malignidade.", "malignidade"),
        ("Malignancy is unlikely.", "Malignancy"),
    ],
)
def test_what_is_only_suspected(text, word):
    assert hedged(text, *place(text, word))
    assert not negated(text, *place(text, word))


@pytest.mark.parametrize(
    "text", ["Achado benigno.", "Provavelmente cisto. Nódulo benigno.", "Hallazgo benigno."]
)
def test_what_is_said_outright(text):
    assert not hedged(text, *place(text, "benigno"))


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_text_and_place_has_an_answer(text, start, length):
    start = min(start, len(text))
    end = min(start + length, len(text))
    assert negated(text, start, end) in {True, False}
    assert hedged(text, start, end) in {True, False}
