"""A page of this program laid out on paper, as a PDF: the same bytes each time, nothing fetched.

The only importer of WeasyPrint. What a PDF is read aloud by is in it: tags (PDF/UA-1), language and title.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, Literal

from bert4text.core.config import Record
from bert4text.core.errors import DataError, MissingExtraError
from bert4text.core.extras import require

LIBRARY = "weasyprint"
VARIANT = "pdf/ua-1"
"""ISO 14289-1, PDF for universal accessibility."""

CLOCK = "SOURCE_DATE_EPOCH"
"""What libraries that honour this variable take for the time."""
NOWHERE = "http://page.invalid/"
"""Where a page stands (RFC 2606), so that what it names beside itself is outside of it."""

_DRAWING = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
_STYLED = re.compile(r'style="[^"]*"')
_VARIABLE = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
_NAMED = re.compile(r'(<svg\b[^>]*\saria-label="([^"]*)"[^>]*>)(?!\s*<title>)')


class Printed(Record):
    """What was printed.

    Attributes:
        format: ``printed/1``.
        page: SHA-256 of the page.
        digest: SHA-256 of the PDF.
        sheets: of paper, one side each.
    """

    format: Literal["printed/1"] = "printed/1"
    page: str
    digest: str
    sheets: int


def check_printing() -> None:
    """Find out before any work whether anything can be printed here.

    Raises:
        MissingExtraError: the extra ``pdf`` is not installed, or Pango, which it stands on, is not.
    """
    _library()


def printed(page: str) -> tuple[Printed, bytes]:
    """Lay a page out on A4.

    Args:
        page: HTML that holds all it shows.

    Returns:
        What is told of the PDF, and the PDF.

    Raises:
        MissingExtraError: as ``check_printing``.
        DataError: the page asks for what lies outside of it; nothing of it was fetched.
    """
    library = _library()
    source = hashlib.sha256(page.encode()).hexdigest()
    fetcher = _within(library)
    with _silent(), _at_no_time():
        html = library.HTML(string=_plain(page), base_url=NOWHERE, url_fetcher=fetcher, media_type="print")
        laid = html.render()
        content: bytes = laid.write_pdf(pdf_variant=VARIANT, pdf_identifier=source.encode())
    if fetcher.refused:
        raise DataError(
            "the page asks for what lies outside of it; nothing was fetched, nothing is printed",
            hint="print a page as this program wrote it",
            code="outside-address",
        )
    digest = hashlib.sha256(content).hexdigest()
    return Printed(page=f"sha256:{source}", digest=f"sha256:{digest}", sheets=len(laid.pages)), content


def _plain(page: str) -> str:
    """The page, its drawings with the colours that they fall back on and with names that are read aloud."""
    return _DRAWING.sub(lambda drawing: _drawn(drawing[0]), page)


def _drawn(drawing: str) -> str:
    coloured = _STYLED.sub(lambda style: _VARIABLE.sub(r"\1", style[0]), drawing)
    return _NAMED.sub(r"\1<title>\2</title>", coloured, count=1)


def _within(library: Any) -> Any:
    """What gives a page the data that it holds itself, and counts whatever else it asks for.

    A drawing that lacks something is left out without an error, which is why the count tells.
    """

    class Within(library.urls.URLFetcher):  # type: ignore[misc]
        refused = 0

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:"):
                self.refused += 1
                raise ValueError
            return super().fetch(url, headers)

    return Within(allowed_protocols=("data",))


def _library() -> Any:
    try:
        # What it lacks it tells on stdout, and what it will need some day by a warning.
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return require(LIBRARY)
    except OSError:
        raise MissingExtraError(
            "WeasyPrint is installed, but Pango, a library of the system that it stands on, is not",
            hint="on Debian or Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
            code="missing-library",
        ) from None


@contextmanager
def _at_no_time() -> Iterator[None]:
    """A font that is cut to the letters used is not told when that was: the same page, the same bytes."""
    before = os.environ.get(CLOCK)
    os.environ[CLOCK] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[CLOCK]
        else:
            os.environ[CLOCK] = before


@contextmanager
def _silent() -> Iterator[None]:
    """It tells of each rule of CSS that is for screens alone."""
    logger = logging.getLogger(LIBRARY)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
