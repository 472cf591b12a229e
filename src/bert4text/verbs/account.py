"""Verbs that give account: document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from bert4text.core.corpus import Corpus
from bert4text.core.machine import versions
from bert4text.core.manifest import utc_now
from bert4text.core.messages import load, screen_language
from bert4text.core.output import check_file, writing_file
from bert4text.core.progress import Progress, silent
from bert4text.governance.config import DocumentConfig, Format
from bert4text.project import Project
from bert4text.store.trail import looks, record
from bert4text.verbs.data import audit
from bert4text.verbs.opening import open_corpus, settings_of


def document(
    thing: Corpus | Path | str,
    *,
    kind: str | None = None,
    config: DocumentConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | None = None,
    overwrite: bool = False,
    language: str | None = None,
    format: str | None = None,  # noqa: A002 - as the option and the setting are called
    progress: Progress = silent,
) -> str:
    """Write what a corpus says of itself; what only a person can tell is left open and marked.

    A datasheet holds counts, names and the findings of the audit, which is run or, where it was kept beside
    the corpus, used again. It holds no report text, no id and no pseudonym.

    Args:
        thing: the corpus, or its path.
        kind: ``datasheet``; the project's ``[document] kind`` if not given.
        config: settings; the project's ``[document]`` if not given.
        project: the project; none but the defaults if not given.
        out: the file to write; nothing is written without it.
        overwrite: whether ``out`` may be replaced.
        language: ``en`` or ``pt-BR``; the project's, else the locale's, if not given.
        format: ``md`` or ``html``; else as ``[document]`` says, or as the name of ``out`` does.
        progress: told how far it is.

    Returns:
        The text of the document.

    Raises:
        ConfigError: a bad setting, or no such kind or format.
        DataError: the corpus cannot be read.
        TrailBroken: the ledger of looks at the test split was altered.
        OutputError: ``out`` exists or cannot be written.
    """
    project = project or Project()
    settings = settings_of(DocumentConfig, config, project=project)
    given = {"kind": kind, "format": format}
    settings = DocumentConfig.parse(
        settings.model_dump() | {name: value for name, value in given.items() if value is not None},
        section="document",
    )
    target = None if out is None else Path(out)
    if target is not None:
        check_file(target, overwrite=overwrite)
    language = screen_language(language, project.settings.screen)
    shape = settings.format or _format(target)
    text, subject = KINDS[settings.kind](thing, project, language, shape, progress)
    if target is not None:
        with writing_file(target, overwrite=overwrite) as partial:
            partial.write_text(text, encoding="utf-8")
        details = {
            "kind": settings.kind,
            "format": shape,
            "language": language,
            "digest": f"sha256:{sha256(text.encode()).hexdigest()}",
        }
        record(project.trail, "document.made", subject=subject, details=details)
    return text


def documents(
    thing: Corpus | Path | str, text: str, *, kind: str, project: Project | None = None
) -> dict[str, Any]:
    """A document as ``documents/1``."""
    fingerprint = open_corpus(thing, project=project or Project())[0].fingerprint
    return {"format": "documents/1", "kind": kind, "corpus": f"sha256:{fingerprint}", "text": text}


def _format(target: Path | None) -> Format:
    return "html" if target is not None and target.suffix.casefold() in {".html", ".htm"} else "md"


def _datasheet(
    thing: Corpus | Path | str, project: Project, language: str, shape: Format, progress: Progress
) -> tuple[str, str]:
    from bert4text.governance.count import facts_of
    from bert4text.governance.datasheet import datasheet

    corpus, path = open_corpus(thing, project=project, progress=progress)
    issues = audit(path or corpus, project=project, progress=progress)
    seen = None if path is None else looks(path)
    facts = facts_of(corpus, issues=issues, looks=seen, seed=project.seed)
    text = datasheet(
        facts,
        made=utc_now(),
        version=versions()["bert4text"],
        translator=load(language),
        shape=shape,
    )
    return text, f"sha256:{facts.fingerprint}"


KINDS: dict[str, Callable[[Corpus | Path | str, Project, str, Format, Progress], tuple[str, str]]] = {
    "datasheet": _datasheet
}
"""Kind of document -> what writes it: gives its text, and the digest of the thing that it is of."""
