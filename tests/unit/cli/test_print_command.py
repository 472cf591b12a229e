"""The command print."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bert4text.core.messages import load
from bert4text.core.page import render
from conftest import prints

pytestmark = pytest.mark.skipif(not prints(), reason="WeasyPrint or Pango is not installed")


@pytest.fixture
def _page(tmp_path: Path) -> None:
    made = render("bert4text.core", "page.html", {}, translator=load("en"))
    (tmp_path / "card.html").write_text(made, encoding="utf-8")


@pytest.mark.usefixtures("_page")
def test_print_beside_the_page_elsewhere_and_as_json(
    bert4text: Callable[..., object], tmp_path: Path
) -> None:
    beside = bert4text("print", "card.html")
    assert (beside.status, beside.out) == (0, "")
    assert "written: card.pdf; sheets: 1" in beside.err
    told = bert4text("print", "card.html", "-o", "filed/card.pdf", "--json")
    content = (tmp_path / "filed" / "card.pdf").read_bytes()
    assert told.document == {
        "format": "printed/1",
        "page": f"sha256:{hashlib.sha256((tmp_path / 'card.html').read_bytes()).hexdigest()}",
        "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "sheets": 1,
    }
    assert content == (tmp_path / "card.pdf").read_bytes()


@pytest.mark.usefixtures("_page")
def test_what_cannot_be_printed_is_told(bert4text: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text("<html>x</html>", encoding="utf-8")
    assert bert4text("print", "nothing.html", "--json").problem["exit"] == 3
    assert bert4text("print", "other.html", "--json").problem["code"] == "not-a-page"
    assert bert4text("print", "card.html", "-o", "card.txt", "--json").problem["exit"] == 2
    spoken = bert4text("print", "other.html", "--language", "pt-BR")
    assert "other.html não é uma página que este programa gravou" in spoken.err
