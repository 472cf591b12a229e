"""print_page: what is written, what is refused, and that a target is whole or as it was."""

from __future__ import annotations

import io

import pytest

import bert4text
from bert4text.core.errors import ConfigError, DataError, OutputError
from bert4text.project import Project
from bert4text.store.trail import read_trail
from bert4text.verbs import printing
from conftest import make_corpus, prints

pytestmark = pytest.mark.skipif(not prints(), reason="WeasyPrint, Pango or pypdf is not installed")
pypdf = pytest.importorskip("pypdf")

QUICK = {
    "audit": {"fail_on": "never"},
    "train": {"encoder": "tfidf"},
    "evaluate": {"effort": "quick"},
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A scorecard in each language, and the run they tell of."""
    folder = tmp_path_factory.mktemp("pages")
    project = Project(None, QUICK)
    corpus = make_corpus(120)
    bert4text.train(corpus, project=project, out=folder / "run")
    for language in ("en", "pt-BR"):
        bert4text.evaluate(folder / "run", corpus, project=project, out=folder / language, language=language)
    return folder


@pytest.fixture
def card(pages, tmp_path):
    """A scorecard that a test may keep to itself."""
    (tmp_path / "card.html").write_bytes((pages / "en" / "scorecard.html").read_bytes())
    return tmp_path / "card.html"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Before you trust this"), ("pt-BR", "Antes de confiar")]
)
def test_a_scorecard_is_printed_whole(pages, tmp_path, language, said):
    project = Project(tmp_path)
    out = tmp_path / "filed" / "card.pdf"
    made = bert4text.print_page(pages / language / "scorecard.html", out=out, project=project)
    reader = pypdf.PdfReader(io.BytesIO(out.read_bytes()))
    text = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    assert said in text
    assert len(reader.pages) == made.sheets
    assert reader.trailer["/Root"]["/Lang"] == language
    page = (pages / language / "scorecard.html").read_text(encoding="utf-8")
    assert page.count("<svg") > 2
    assert text.count("%") > 10  # the tables that are folded on the screen
    (event,) = read_trail(project.trail)
    assert (event.action, event.subject, event.details["digest"]) == ("document.made", made.page, made.digest)
    assert "card" not in event.model_dump_json()


def test_without_a_name_it_lies_beside_the_page_and_is_the_same_again(card):
    first = bert4text.print_page(card)
    content = card.with_suffix(".pdf").read_bytes()
    with pytest.raises(OutputError) as exists:
        bert4text.print_page(card)
    assert exists.value.error_code == "exists"
    assert bert4text.print_page(card, overwrite=True) == first
    assert card.with_suffix(".pdf").read_bytes() == content


def test_a_target_is_whole_or_as_it_was(card, monkeypatch):
    out = card.with_name("old.pdf")
    out.write_bytes(b"%PDF-old")

    def broken(text):
        raise DataError("the page asks for what lies outside of it", code="outside-address")

    monkeypatch.setattr(printing, "printed", broken)
    with pytest.raises(DataError):
        bert4text.print_page(card, out=out, overwrite=True)
    assert out.read_bytes() == b"%PDF-old"
    assert sorted(path.name for path in card.parent.iterdir()) == ["card.html", "old.pdf"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "missing-file"),
        (b"", "not-a-page"),
        (b"%PDF-1.7", "not-a-page"),
        (b"\xff\xfe\x00", "not-a-page"),
        (b"<!doctype html><html><body>x</body></html>", "not-a-page"),
    ],
)
def test_what_is_no_page_of_ours_is_refused(tmp_path, content, code):
    if content is not None:
        (tmp_path / "a.html").write_bytes(content)
    with pytest.raises(DataError) as refused:
        bert4text.print_page(tmp_path / "a.html")
    assert refused.value.error_code == code
    assert str(tmp_path) not in str(refused.value)
    assert not (tmp_path / "a.pdf").exists()


def test_a_folder_and_a_page_too_large_are_refused(card, tmp_path, monkeypatch):
    with pytest.raises(DataError) as refused:
        bert4text.print_page(tmp_path, out=tmp_path / "a.pdf")
    assert refused.value.error_code == "missing-file"
    monkeypatch.setattr(printing, "LARGEST", card.stat().st_size - 1)
    with pytest.raises(DataError) as refused:
        bert4text.print_page(card)
    assert refused.value.error_code == "not-a-page"


@pytest.mark.parametrize("name", ["a.html", "a", "a.PDF.txt"])
def test_what_is_printed_is_called_a_pdf(card, name):
    with pytest.raises(ConfigError) as refused:
        bert4text.print_page(card, out=card.with_name(name))
    assert refused.value.error_code == "printed-format"


def test_the_page_itself_is_never_replaced(card):
    before = card.read_bytes()
    with pytest.raises(ConfigError):
        bert4text.print_page(card, out=card, overwrite=True)
    assert card.read_bytes() == before
