from __future__ import annotations

import pytest

from bert4text.core.errors import UnknownEncoderError
from bert4text.core.messages import load
from bert4text.models.catalog import Encoder, encoders, find

ROWS = encoders()
LANGUAGE_NOT_STATED = {"tfidf", "clinicalbert-medicalai"}


def test_lists_embedded_encoders_first() -> None:
    names = [row.name for row in ROWS]
    assert names[:3] == ["tfidf", "minilm", "e5-small-pt"]
    embedded = [row.embedded for row in ROWS]
    assert embedded == sorted(embedded, reverse=True)


def test_names_and_hub_ids_are_each_given_once() -> None:
    names = [row.name.casefold() for row in ROWS]
    hubs = [row.hub.casefold() for row in ROWS if row.hub]
    assert len(names) == len(set(names))
    assert len(hubs) == len(set(hubs))
    assert not set(names) & set(hubs)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_says_what_it_is_and_when_to_choose_it_in_both_languages(row: Encoder) -> None:
    portuguese = load("pt-BR")
    assert row.choose.count(". ") <= 1
    assert row.choose.endswith(".")
    for text in (row.summary, row.choose):
        assert portuguese(text) != text


@pytest.mark.parametrize("row", [row for row in ROWS if row.name != "tfidf"], ids=lambda row: row.name)
def test_every_neural_row_has_a_hub_id_a_family_a_language_and_plausible_numbers(row: Encoder) -> None:
    assert row.hub is not None
    assert row.hub.count("/") == 1
    assert row.family
    assert row.languages or row.name in LANGUAGE_NOT_STATED
    assert row.window is None or 128 <= row.window <= 8192
    assert row.layers is None or 2 <= row.layers <= 48
    assert row.width is None or (row.width % 64 == 0 and 128 <= row.width <= 2048)
    if row.parameters and row.layers and row.width:  # the layers of a body are never more than all of it
        assert 8 * row.layers * row.width**2 < row.parameters * 1e6


def test_every_encoder_that_the_choice_of_another_names_is_in_the_catalog() -> None:
    names = {row.name for row in ROWS}
    hyphenated = {"DeBERTa-v3", "fine-tuned"}
    for row in ROWS:
        named = {word.strip(".,:;()") for word in row.choose.split() if "-" in word}
        assert named - hyphenated <= names, row.name


def test_memory_is_sixteen_bytes_for_each_weight_and_cost_is_counted_in_minilms() -> None:
    large = find("bertimbau-large")
    assert large.memory == pytest.approx(335e6 * (4 + 4 + 8) / 1e9)
    assert large.cost == pytest.approx((12 * 24 * 1024**2) / (12 * 6 * 384**2))
    assert large.cost == pytest.approx(28.4, abs=0.05)
    assert find("minilm").cost == 1.0
    assert find("bert").cost == 8.0


def test_what_is_not_known_is_not_computed() -> None:
    assert find("cardiobertpt").memory is None
    assert find("cardiobertpt").cost is None
    assert find("e5-small").memory is None
    assert find("e5-small").cost == 2.0


def test_finds_by_name_and_by_hub_id_in_any_case() -> None:
    assert find("MiniLM").hub == "sentence-transformers/all-MiniLM-L6-v2"
    assert find("sentence-transformers/all-minilm-l6-v2").name == "minilm"


def test_unknown_name_gets_a_suggestion_and_the_list() -> None:
    with pytest.raises(UnknownEncoderError) as caught:
        find("minilmm")
    assert "minilm" in str(caught.value)
    assert caught.value.hint == "did you mean 'minilm'?"
    assert isinstance(caught.value, LookupError)


def test_the_list_is_a_copy() -> None:
    encoders().clear()
    assert encoders()
