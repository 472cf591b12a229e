"""The command document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bert4text.data.write import write_corpus
from conftest import make_corpus


@pytest.fixture
def _corpus(tmp_path: Path) -> None:
    write_corpus(make_corpus(60), tmp_path / "c.parquet", overwrite=False)


@pytest.mark.usefixtures("_corpus")
def test_document_to_stdout_to_a_file_and_as_json(bert4text: Callable[..., object], tmp_path: Path) -> None:
    shown = bert4text("document", "c.parquet", "--kind", "datasheet", "--language", "pt-BR")
    assert shown.status == 0, shown.err
    assert shown.out.startswith("# Ficha técnica de um corpus de laudos\n")
    written = bert4text("document", "c.parquet", "-o", "sheet.html")
    assert (written.status, written.out) == (0, "")
    assert "written: sheet.html" in written.err
    assert (tmp_path / "sheet.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    told = bert4text("document", "c.parquet", "--format", "html", "--json")
    assert told.err == ""
    assert told.document == {
        "format": "documents/1",
        "kind": "datasheet",
        "corpus": f"sha256:{make_corpus(60).fingerprint}",
        "text": told.document["text"],
    }
    assert told.document["text"].startswith("<!doctype html>")


def test_what_cannot_be_documented_is_told(bert4text: Callable[..., object]) -> None:
    assert bert4text("document", "nothing.parquet", "--json").problem["exit"] == 3
    assert bert4text("document", "nothing.parquet", "--kind", "novel", "--json").problem["exit"] == 2
