from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bert4text.data.normalize import normalize, repair_encoding, text_digest

PORTUGUESE = "Nódulo à direita, não espiculado. CONCLUSÃO: Ângulos íntegros, pós-operatório."


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_utf8_read_through_the_wrong_door_is_repaired(codec):
    damaged = PORTUGUESE.encode().decode(codec, "replace" if codec == "latin-1" else "ignore")
    if codec == "latin-1":
        assert damaged != PORTUGUESE
        assert repair_encoding(damaged) == PORTUGUESE
    twice = "São".encode().decode("latin-1").encode().decode("latin-1")
    assert repair_encoding(twice) == "São"


def test_a_capital_a_acute_survives_windows():
    damaged = "mamÃ¡rio e Ã\x81rea e â€œnÃ³dulosâ€\x9d"
    assert repair_encoding(damaged) == "mamário e Área e “nódulos”"


@pytest.mark.parametrize(
    "text", [PORTUGUESE, "NÃO", "“É AMANHÃ”", "MAÇÃ “A”", "Ãrea não", "à”“", "½ ± 3 °C", "Â"]
)
def test_right_text_is_left_alone(text):
    assert repair_encoding(text) == text


def test_only_damaged_lines_are_repaired():
    assert normalize("não\nnÃ³dulo") == "não\nnódulo"


def test_control_characters_spaces_and_line_ends():
    assert normalize("a\0b\x07c\r\nd  \re\u2028f\u00a0g\u200bh\ufeff \n") == "abc\nd\ne\nf gh"


def test_windows_quotes_read_as_latin1_become_quotes():
    assert normalize("\x93oval\x94 \x96 não") == "“oval” – não"


def test_composed_form_emoji_and_lone_surrogates():
    assert normalize("no\u0301dulo 👩‍⚕️") == "nódulo 👩‍⚕️"
    assert normalize("a\ud800b") == "a\ufffdb"
    normalize("a\udfffb").encode()


@given(
    st.text(
        alphabet=st.characters(codec="utf-8") | st.sampled_from("ÃÂâ€³\xad\u0301\r\n\t \0\x81"), max_size=60
    )
)
@settings(deadline=None)
def test_normalizing_twice_changes_nothing(text):
    once = normalize(text)
    assert normalize(once) == once
    assert "\0" not in once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(alphabet="abcáéíóúãõâêôçÁÉÃÕ ,.", max_size=40))
@settings(deadline=None)
def test_certain_damage_is_always_undone(text):
    text = unicodedata.normalize("NFC", text)
    assert repair_encoding(text.encode().decode("latin-1")) == text


def test_digest_ignores_case_and_space_alone():
    assert text_digest("Nódulo  OVAL\n") == text_digest("nódulo oval")
    assert text_digest("nodulo oval") != text_digest("nódulo oval")


def test_damage_that_shows_after_cleaning_is_repaired_too():
    assert normalize("n\u200b\u00c3\u200b\u00b3dulo") == "nódulo"
