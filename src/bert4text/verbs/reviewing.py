"""Open a corpus or a table for a person who reviews the spans in doubt, before it is de-identified."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bert4text.core.corpus import Corpus
from bert4text.privacy.config import DeidentifyConfig
from bert4text.privacy.deidentify import Deidentifier
from bert4text.privacy.review import Review, Reviewed
from bert4text.project import Project
from bert4text.store.trail import actor
from bert4text.verbs.decided import opened
from bert4text.verbs.recognized import beside, find_recognizer


@contextmanager
def reviewing(
    source: Corpus | Path | str,
    *,
    project: Project,
    format: str | None = None,  # noqa: A002
) -> Iterator[Review]:
    """Open the review of a corpus or a table; answers are kept at once, for the project.

    ``deidentify`` and ``deidentify_table`` of the same project do as was decided; of what nobody decided they
    do as the detectors say.

    Args:
        source: the corpus, its path, or that of a table.
        project: its ``[deidentify]`` says who looks for identifiers, what is in doubt, and who reviews.
        format: of a table; found from its name if not given.

    Raises:
        DataError: the source cannot be read.
        StoreError: the decisions of earlier reviews or their key cannot be read or made.
    """
    from bert4text.verbs.opened_table import opened_rows
    from bert4text.verbs.opening import open_corpus
    from bert4text.verbs.tables import is_corpus

    settings: DeidentifyConfig = project.section("deidentify")
    decisions = opened(project)

    def review(language: str | None, reports: Iterator[Reviewed]) -> Review:
        deidentifier = Deidentifier(
            settings,
            language=language,
            key=bytes(32),  # nothing is replaced here: that of the project is not needed
            detectors=beside(find_recognizer(settings.recognizer)),
            decisions=decisions,
        )
        by = settings.reviewer.strip() or actor()
        return Review(deidentifier, reports, decisions, below=settings.review_below, by=by)

    if isinstance(source, Corpus) or (format is None and is_corpus(Path(source))):
        corpus, _ = open_corpus(source, project=project)
        yield review(corpus.language, _of_corpus(corpus))
        return
    with opened_rows(source, project=project, settings=settings, format=format) as (_, _, rows, language):
        yield review(language, _of_table(rows))


def _of_corpus(corpus: Corpus) -> Iterator[Reviewed]:
    ids, texts = (corpus.table[name].to_pylist() for name in ("id", "text"))
    for row, (report, text) in enumerate(zip(ids, texts, strict=True), start=1):
        if text:
            yield Reviewed(row, report, text)


def _of_table(rows: Iterator[Any]) -> Iterator[Reviewed]:
    """The texts of each row, as they are read when they are de-identified."""
    from bert4text.privacy.cells import known_of
    from bert4text.verbs.opened_table import said

    for number, row in enumerate(rows, start=1):
        for column, value in zip(row.columns, row.values, strict=True) if row is not None else ():
            text = said(value) if column.role == "text" and isinstance(value, str) else None
            if text is not None:
                yield Reviewed(number, row.report, text, known_of(row, said))
