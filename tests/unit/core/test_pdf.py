"""Pages on paper: what a reader, a machine and a court find in the PDF, and what never gets there."""

from __future__ import annotations

import getpass
import io
import os
import subprocess
import sys
import tempfile
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert4text.core import pdf
from bert4text.core.errors import DataError, MissingExtraError
from bert4text.core.messages import load
from bert4text.core.page import is_page, render
from conftest import prints

pytestmark = pytest.mark.skipif(not prints(), reason="WeasyPrint, Pango or pypdf is not installed")
pypdf = pytest.importorskip("pypdf")

DRAWING = (
    '<svg viewBox="0 0 100 50" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="rates by label">'
    '<path d="M 0 0 L 100 0 L 100 50 L 0 50 z" style="fill: var(--accent, #0072b2); stroke: none"/>'
    '<text x="5" y="20" style="font-size: 9px; fill: var(--ink, #1b1f24)">axis</text></svg>'
)
DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQ"
    "DwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def page(content: str = "", *, language: str = "en", head: str = "") -> str:
    """A page of ours with some content."""
    made = render("bert4text.core", "page.html", {}, translator=load(language))
    return made.replace("<main>", f"<main>{content}").replace("</head>", f"{head}</head>")


def opened(text: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf.printed(text)[1]))


def words(text: str) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in opened(text).pages).split())


def elements(reader: pypdf.PdfReader) -> list[dict[str, object]]:
    """The tags of a PDF, one after the other."""
    found, left = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while left:
        one = left.pop()
        one = one.get_object() if hasattr(one, "get_object") else one
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            found.append(one)
            left += [one["/K"]] if "/K" in one else []
    return found


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_pdf_says_what_it_is_and_is_read_aloud(language):
    second = DRAWING.replace("by label", "by site")
    text = page(
        f"<h1>Laudo é</h1><figure>{DRAWING}{second}</figure><table><tr><th>a</th></tr></table>",
        language=language,
    )
    reader = opened(text)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == "BERT4Text"
    assert "pdfuaid:part" in root["/Metadata"].get_object().get_data().decode()
    tags = elements(reader)
    assert {"/H1", "/Figure", "/Table", "/TH"} <= {one.get("/S") for one in tags}
    named = [one.get("/Alt") for one in tags if one.get("/S") == "/Figure"]
    assert sorted(named) == ["rates by label", "rates by site"]
    assert "Laudo é" in words(text)


def test_what_is_folded_is_open_on_paper_and_sheets_are_numbered():
    text = page("<h1>Title</h1><details><summary>more</summary><p>within</p></details>" + "<p>line</p>" * 200)
    told, content = pdf.printed(text)
    assert "within" in words(text)
    assert told.sheets == len(pypdf.PdfReader(io.BytesIO(content)).pages) > 2
    second = opened(text).pages[1].extract_text()
    assert f"2 / {told.sheets}" in second
    assert "Title" in second


def test_a_drawing_has_its_colours_and_report_text_is_left_as_it_is():
    """WeasyPrint knows no variables in drawings; what they fall back on is written out there alone."""
    said = "var(--accent, #0072b2)"
    drawn = opened(page(f"<p>{said}</p>{DRAWING}"))
    assert said in " ".join(drawn.pages[0].extract_text().split())
    painted = opened(page(DRAWING.replace("#0072b2", "#d55e00"))).pages[0].get_contents().get_data()
    assert b"0.835294 0.368627 0" in painted
    assert b"0.835294 0.368627 0" not in drawn.pages[0].get_contents().get_data()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("abcdefghij ", min_size=1, max_size=60).filter(str.strip))
def test_every_word_is_on_paper(said):
    found = words(page(f"<p>{said}</p>"))
    assert all(word in found for word in said.split())


def test_the_same_page_gives_the_same_bytes_in_any_process():
    text = page(f"<h1>Same</h1>{DRAWING}")
    script = "import sys; from bert4text.core.pdf import printed; print(printed(sys.stdin.read())[0].digest)"
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=text,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {pdf.printed(text)[0].digest}
    assert pdf.printed(page("<h1>Other</h1>"))[0].digest not in told


def test_a_pdf_names_no_person_no_place_and_no_time():
    content = pdf.printed(page(f"<h1>Here</h1>{DRAWING}"))[1]
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert set(reader.metadata) == {"/Title", "/Producer"}
    everything = content + b"".join(
        one.get_data()
        for one in (reader.get_object(n) for n in range(1, len(reader.xref[0]) + 1))
        if isinstance(one, pypdf.generic.StreamObject)
    )
    assert len(everything) > len(content)
    for said in (getpass.getuser(), sys.prefix, "/home", tempfile.gettempdir(), "CreationDate", "ModDate"):
        assert said.encode() not in everything, said


OUTSIDE = [
    '<img alt="" src="http://192.0.2.1/a.png">',
    '<img alt="" src="file:///etc/hostname">',
    '<img alt="" src="a.png">',
    '<div style="background: url(https://192.0.2.1/a.png)">x</div>',
    "<style>@import url(http://192.0.2.1/a.css);</style>",
    '<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg"><image width="9" height="9" href="http://192.0.2.1/a.png"/></svg>',
    '<object data="ftp://192.0.2.1/a.svg"></object>',
]


@pytest.mark.parametrize("asks", OUTSIDE)
def test_a_page_that_asks_for_what_is_outside_is_not_printed(asks):
    with pytest.raises(DataError) as refused:
        pdf.printed(page(f"<h1>x</h1>{asks}"))
    assert refused.value.error_code == "outside-address"
    assert "192.0.2.1" not in str(refused.value)


@pytest.mark.parametrize("kind", ["attachment", "stylesheet"])
def test_nothing_is_attached_from_this_machine(kind, tmp_path):
    (tmp_path / "secret.css").write_text("p { content: 'KEEP' }", encoding="utf-8")
    head = f'<link rel="{kind}" href="{(tmp_path / "secret.css").as_uri()}">'
    with pytest.raises(DataError) as refused:
        pdf.printed(page("<p>x</p>", head=head))
    assert refused.value.error_code == "outside-address"
    assert str(tmp_path) not in str(refused.value)


def test_what_is_within_the_page_is_printed():
    assert opened(page(f'<img alt="dot" src="{DOT}">')).pages[0].images


def test_screens_alone_are_dark():
    style = page()
    assert "prefers-color-scheme" in style
    assert style.count("@media screen and (prefers-color-scheme: dark)") == style.count(
        "prefers-color-scheme"
    )


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingExtraError) as missing:
        pdf.printed(page())
    assert missing.value.values["extra"] == "pdf"
    assert "bert4text[pdf]" in str(missing.value.hint)


def test_without_pango_it_is_named_and_nothing_is_said_on_stdout(monkeypatch, capsys):
    def broken(module):
        sys.stdout.write("advice")
        raise OSError("cannot load library /usr/lib/somewhere")

    monkeypatch.setattr(pdf, "require", broken)
    with pytest.raises(MissingExtraError) as missing:
        pdf.check_printing()
    assert missing.value.error_code == "missing-library"
    assert "libpango" in str(missing.value.hint)
    assert "/usr" not in str(missing.value)
    assert capsys.readouterr().out == ""


def test_only_our_pages_are_known_as_ours():
    assert is_page(page())
    assert is_page(page(language="pt-BR"))
    assert not is_page("<!doctype html><html><body>x</body></html>")
    assert not is_page(page().replace("default-src 'none'", "default-src *").replace("&#39;none&#39;", "*"))
    assert not is_page("x" + page())


def test_the_same_page_gives_the_same_bytes_at_another_time(monkeypatch: pytest.MonkeyPatch) -> None:
    text, now = page("<h1>Same</h1>"), time.time()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    first = pdf.printed(text)
    assert os.environ["SOURCE_DATE_EPOCH"] == "86400"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(time, "time", lambda: now + 3600.0)  # fontTools writes it into the fonts it cuts
    assert pdf.printed(text) == first
    assert "SOURCE_DATE_EPOCH" not in os.environ
