"""Pages on paper: a PDF of a page that this program wrote."""

from __future__ import annotations

from pathlib import Path

from bert4text.core.errors import ConfigError, DataError
from bert4text.core.output import check_file, writing_file
from bert4text.core.pdf import Printed, check_printing, printed
from bert4text.project import Project
from bert4text.store.trail import record

LARGEST = 16 * 2**20
"""Bytes of a page; one that this program writes has a hundredth of it."""


def print_page(
    page: Path | str,
    *,
    out: Path | str | None = None,
    project: Project | None = None,
    overwrite: bool = False,
) -> Printed:
    """Write a page (scorecard, audit, explanation, stress, document) as a PDF, to be filed or printed.

    What is folded on the screen is open on paper. The same page gives the same bytes where versions and fonts
    of the machine are the same. Nothing is fetched. The PDF of a page that quotes reports quotes them too.

    Args:
        page: an HTML file that this program wrote.
        out: the PDF; beside the page and of its name, if not given.
        project: in whose trail it is written down; none but the defaults if not given.
        overwrite: whether ``out`` may be replaced.

    Returns:
        The digests of page and PDF, and how many sheets there are.

    Raises:
        MissingExtraError: the extra ``pdf`` is not installed, or Pango is not.
        ConfigError: ``out`` does not end in .pdf.
        DataError: there is no such file, this program did not write it, or it asks for what lies outside.
        OutputError: ``out`` exists or cannot be written.
    """
    source, project = Path(page), project or Project()
    target = source.with_suffix(".pdf") if out is None else Path(out)
    if target.suffix.casefold() != ".pdf":
        raise ConfigError(
            "a page is printed as .pdf, not as {suffix!r}",
            hint="choose a name that ends in .pdf",
            code="printed-format",
            suffix=target.suffix,
        )
    check_printing()
    text = _read(source)
    check_file(target, overwrite=overwrite)
    made, content = printed(text)
    with writing_file(target, overwrite=overwrite) as partial:
        partial.write_bytes(content)
    details = {"kind": "page", "format": "pdf", "sheets": made.sheets, "digest": made.digest}
    record(project.trail, "document.made", subject=made.page, details=details)
    return made


def _read(source: Path) -> str:
    """The text of a page of ours.

    Raises:
        DataError: there is no such file, or it is something else.
    """
    from bert4text.core.page import is_page

    if not source.is_file():
        raise DataError(
            "there is no file {name}",
            hint="check its name and the folder you are in",
            code="missing-file",
            name=source.name,
        )
    try:
        text = source.read_text(encoding="utf-8") if source.stat().st_size <= LARGEST else ""
    except UnicodeDecodeError:
        text = ""
    except OSError:
        raise DataError(
            "{name} cannot be opened",
            hint="check that it is a file and that you may read it",
            code="unreadable",
            name=source.name,
        ) from None
    if not is_page(text):
        raise DataError(
            "{name} is no page that this program wrote",
            hint="give a scorecard.html, or what -o or --html wrote; others are not printed",
            code="not-a-page",
            name=source.name,
        )
    return text
