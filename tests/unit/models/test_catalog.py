from __future__ import annotations

import pytest

from bert4text.core.errors import UnknownEncoderError
from bert4text.models.catalog import encoders, find


def test_lists_embedded_encoders_first() -> None:
    names = [row.name for row in encoders()]
    assert names[:3] == ["tfidf", "minilm", "e5-small-pt"]
    assert len(names) == len(set(names))


def test_every_neural_entry_has_a_hub_id_and_a_language() -> None:
    for row in encoders():
        if row.name != "tfidf":
            assert row.hub is not None
            assert row.languages
            assert row.window is None or row.window >= 128


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
