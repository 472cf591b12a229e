"""Which embedded encoder suits reports of a language."""

from __future__ import annotations

from typing import Any

import pytest

from bert4text.models import embedded


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("pt-BR", "e5-small-pt"),
        ("PT", "e5-small-pt"),
        ("es", "e5-small-pt"),
        ("en", "minilm"),
        (None, "minilm"),
    ],
)
def test_auto_takes_the_encoder_of_the_language(monkeypatch: Any, language: str, wanted: str) -> None:
    monkeypatch.setattr(embedded, "installed", lambda _: True)
    assert embedded.suited("auto", language) == wanted
    assert embedded.suited("bertimbau-base", language) == "bertimbau-base"


def test_auto_does_without_what_is_not_installed(monkeypatch: Any) -> None:
    monkeypatch.setattr(embedded, "installed", lambda _: False)
    assert embedded.suited("auto", "pt-BR") == "minilm"
