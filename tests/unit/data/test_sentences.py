from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bert4text.data.sentences import spans, without_sentences

REPORT = (
    "MAMOGRAFIA\nINDICAÇÃO: Mãe com câncer de mama.\nACHADOS: Nódulo de 1,2 cm, espiculado. Aspecto maligno. "
    "Dr. Silva viu o caso. Sem outras lesões.\nCONCLUSÃO: BI-RADS 4. Prosseguir com biópsia."
)
LABELS = ("benigno", "maligno")


def dropped(*drop, text=REPORT, labels=LABELS):
    return without_sentences(text, drop, labels=labels)


def test_sentences_that_state_the_label_go_and_findings_headings_and_history_stay():
    left = dropped("stated-label")
    assert "Aspecto maligno" not in left
    assert "BI-RADS" not in left
    for kept in (
        "Nódulo de 1,2 cm, espiculado.",
        "Mãe com câncer de mama.",
        "CONCLUSÃO:",
        "biópsia",
        "Dr. Silva",
    ):
        assert kept in left


def test_sentences_of_conduct_go():
    left = dropped("stated-conduct")
    assert "biópsia" not in left
    assert "Aspecto maligno" in left


def test_words_go_with_their_sentence_wherever_they_stand():
    assert "Mãe" not in dropped("CÂNCER")
    assert "espiculado" not in dropped("espicul*")
    assert "espiculado" in dropped("espicul")


def test_a_phrase_is_found_whatever_signs_stand_between_its_words():
    text = "ACHADOS: Nódulo oval.\nOPINIÃO: descrição acima, sem outros dados. Fim."
    assert dropped("opiniao descricao acima sem outros dados", text=text).endswith("OPINIÃO: Fim.")
    assert dropped("Dr. Silva") == dropped("dr silva") != REPORT
    assert dropped("...", text=text) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mamas tipo C. Nódulo oval.", 2),
        ("BI-RADS V. Nódulo oval.", 2),
        ("Visto por João P. Silva. Nódulo oval.", 2),
        ("Dra. M. C. Souza e SR. Silva. Fim.", 2),
        ("Mede 1.2 cm; oval! Sim? (Não.) Fim", 5),
        ("Uma linha\nOutra linha", 2),
        ("", 0),
    ],
)
def test_where_sentences_end(text, count):
    assert len(list(spans(text))) == count


def test_lines_still_begin_where_they_began_and_no_empty_line_tells_of_what_is_gone():
    text = "ACHADOS\nMamas densas. Aspecto maligno.\nCONCLUSÃO\nSem mais."
    assert dropped("stated-label", text=text) == "ACHADOS\nMamas densas.\nCONCLUSÃO\nSem mais."
    listed = "- nódulo oval\n- aspecto benigno\n- sem calcificações"
    assert dropped("stated-label", text=listed) == "- nódulo oval\n- sem calcificações"


def test_what_is_denied_goes_too():
    assert dropped("stated-label", text="Nódulo oval. Sem sinais de malignidade.") == "Nódulo oval."


def test_nothing_to_drop_changes_nothing():
    assert dropped("inexistente") == REPORT
    assert dropped() == REPORT


@pytest.mark.parametrize("text", ["", "maligno", "\n", "CONCLUSÃO:"])
def test_little_texts(text):
    assert "maligno" not in dropped("stated-label", text=text)


@given(st.text(alphabet="aB.:;?!\n 1,é()", max_size=200))
def test_sentences_are_in_order_and_apart(text):
    places = list(spans(text))
    assert all(start < end for start, end in places)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(places))


@given(
    st.lists(
        st.sampled_from(["Nódulo oval.", "É maligno!", "Controle em 6 meses.", "ACHADOS:", "\n"]), max_size=12
    )
)
def test_once_dropped_nothing_more_is_to_drop(parts):
    once = dropped("stated-label", "stated-conduct", text=" ".join(parts))
    assert "maligno" not in once
    assert dropped("stated-label", "stated-conduct", text=once) == once
