"""Commands over data: prepare, audit, synthesize."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bert4text.cli.columns import Columns
from bert4text.cli.options import Seal, Session, common
from bert4text.cli.render import corpus_summary, issues_table
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.core.issue import Issue


@common()
def prepare(
    session: Session,
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="SOURCE",
            help=N_(
                "CSV, TSV, JSON lines, Parquet, Excel, or a folder of .txt files; else the project's source."
            ),
            show_default=False,
        ),
    ] = None,
    columns: Columns = None,
    seal: Seal = False,
) -> None:
    """Run the verb."""
    from bert4text.verbs import data as verbs

    session.set_columns("prepare", columns)
    session.set("keys.seal", seal or None)
    project = session.project
    corpus = verbs.prepare(
        source, project=project, out=session.out, overwrite=session.overwrite, progress=session.progress
    )
    if session.screen.json:
        session.screen.document(corpus.summary())
        return
    session.screen.show(corpus_summary(corpus, session.screen.translator))
    session.tell_next(N_("next: bert4text audit {name}"))


@common()
def audit(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=N_("Write the verdict as a page for the browser.")),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            "--apply",
            metavar="REMEDIES.toml",
            help=N_("Examine the corpus that these remedies make; -o writes it."),
        ),
    ] = None,
    show_text: Annotated[
        bool, typer.Option("--show-text", help=N_("Quote reports, for your eyes only."))
    ] = False,
) -> None:
    """Run the verb; findings that block end in exit status 1."""
    from bert4text.core.issue import gate
    from bert4text.verbs import data as verbs
    from bert4text.verbs import examined
    from bert4text.verbs.opening import open_corpus

    project, settings = session.project, session.project.section("audit")
    opened: Corpus | None = None
    if apply is not None and session.out is None:  # what would the audit say then?
        opened = examined.remedied(open_corpus(corpus, project=session.project)[0], apply, project=project)
    issues = verbs.audit(
        corpus if opened is None else opened,
        project=project,
        apply=apply if opened is None else None,
        out=session.out,
        html=html,
        show_text=show_text,
        overwrite=session.overwrite,
        language=session.language,
        progress=session.progress,
    )
    if opened is None and (show_text or apply is not None or session.screen.json):
        opened = open_corpus(session.out or corpus, project=session.project)[0]
    _show_findings(session, opened, issues, mended=apply is not None, show_text=show_text)
    if html is not None:
        session.screen.remark(N_("page: {path}"), path=str(html))
    session.screen.findings_shown = True
    gate(issues, fail_on=settings.fail_on)
    session.screen.remark(
        N_("the audit lets it pass; next: bert4text train {name} -o runs/a"),
        name=as_typed(session.out or corpus),
    )


def _show_findings(
    session: Session, corpus: Corpus | None, issues: list[Issue], *, mended: bool, show_text: bool
) -> None:
    """The findings as JSON, or as a table below what was mended; ``corpus`` is None where nobody needs it."""
    from bert4text.verbs import examined

    screen = session.screen
    if screen.json and corpus is not None:
        screen.document(examined.document(corpus, issues, settings=session.project.section("audit")))
        return
    if mended and corpus is not None:
        screen.show(corpus_summary(corpus, screen.translator))
    if issues:
        quoted = examined.quoted(corpus, issues) if show_text and corpus is not None else {}
        screen.show(issues_table(issues, screen.translator, quoted=quoted))
    else:
        screen.line(N_("nothing found"))


@common()
def synthesize(
    session: Session,
    generator: Annotated[
        str, typer.Argument(metavar="GENERATOR", help=N_("cytology, or founding: the one the audit blocks."))
    ],
    n: Annotated[
        int | None, typer.Option("-n", metavar="N", min=1, help=N_("How many; the whole table if not given."))
    ] = None,
) -> None:
    """Run the verb."""
    from bert4text.verbs import data as verbs

    corpus = verbs.synthesize(
        generator,
        n=n,
        project=session.project,
        out=session.target(),
        overwrite=session.overwrite,
        progress=session.progress,
    )
    if session.screen.json:
        session.screen.document(corpus.summary())
        return
    session.screen.show(corpus_summary(corpus, session.screen.translator))
    session.tell_next(N_("next: bert4text audit {name}"))
