"""Commands over identifiers: deidentify, reidentify."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bert4text.cli.columns import Columns
from bert4text.cli.options import Seal, Session, common
from bert4text.cli.render import found_table
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus


@common()
def deidentify(
    session: Session,
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help=N_(
                "A corpus made by prepare, or any table; - reads one report as text from stdin, "
                "with --format a table."
            ),
        ),
    ],
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="NAME",
            help=N_("lgpd, gdpr, hipaa-safe-harbor, hipaa-limited or hipaa-expert."),
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help=N_("Processes that read reports.")),
    ] = None,
    columns: Columns = None,
    format: Annotated[  # noqa: A002 - the option's own name
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help=N_("Of a table: csv, tsv, jsonl, parquet or excel; found from its name if not given."),
        ),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help=N_("Ask you first of each span that is in doubt."))
    ] = False,
    reviewer: Annotated[
        str | None,
        typer.Option(
            "--reviewer", metavar="NAME", help=N_("Who reviews; the account of the machine if not given.")
        ),
    ] = None,
    seal: Seal = False,
) -> None:
    """Run the verb; of ``-`` what is made goes to stdout, of a file the counts of what was found."""
    from bert4text.verbs import privacy as verbs
    from bert4text.verbs.tables import is_corpus

    session.set("deidentify.policy", policy)
    session.set("deidentify.workers", workers)
    session.set("deidentify.reviewer", reviewer)
    session.set("keys.seal", seal or None)
    session.set_columns("prepare", columns)
    if review:
        _review(session, source, format)
    if source == "-" and format is None:
        _one_report(session)
        return
    if source == "-" or format is not None or not is_corpus(Path(source)):
        _table(session, source, format)
        return
    made = verbs.deidentify(
        Path(source),
        project=session.project,
        out=session.target(),
        overwrite=session.overwrite,
        progress=session.progress,
    )
    if session.screen.json:
        session.screen.document({**made.summary(), "deidentified": made.deidentified})
        return
    _show(session, made)


@common()
def reidentify(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by deidentify."))],
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="TEXT", help=N_("Why; kept in the trail, so name nobody in it.")),
    ] = None,
) -> None:
    """Run the verb."""
    from bert4text.cli.render import corpus_summary
    from bert4text.verbs import privacy as verbs

    session.set("reidentify.reason", reason)
    made = verbs.reidentify(
        corpus,
        project=session.project,
        out=session.target(),
        overwrite=session.overwrite,
        progress=session.progress,
    )
    if session.screen.json:
        session.screen.document(made.summary())
        return
    session.screen.show(corpus_summary(made, session.screen.translator))
    session.screen.remark(N_("written: {name}"), name=session.target().name)


def _review(session: Session, source: str, kind: str | None) -> None:
    """Let a person answer for every span in doubt, before anything is replaced.

    Raises:
        ConfigError: there is nobody to ask.
        GateFailed: the person goes on later.
    """
    from bert4text.cli.review import ask, check_terminal
    from bert4text.core.errors import GateFailed
    from bert4text.core.output import check_file
    from bert4text.verbs.reviewing import reviewing

    check_terminal(session)
    check_file(session.target(), overwrite=session.overwrite)
    with reviewing(Path(source), project=session.project, format=kind) as review:
        finished = ask(session, review)
        answered = sum(review.answers.values())
    if not finished:
        raise GateFailed(
            "the review is not finished: {answered} answers were kept, and nothing was written",
            hint="type the same command to go on; without --review the spans in doubt are hidden",
            code="review-unfinished",
            answered=answered,
        )
    session.screen.remark(N_("reviewed: {answered} answers, kept for the next time"), answered=answered)


def _one_report(session: Session) -> None:
    """One report from stdin, without its identifiers, to stdout or to ``-o``."""
    from bert4text.core.output import check_file, writing_file
    from bert4text.verbs import privacy as verbs

    screen = session.screen
    if session.out is not None:
        check_file(session.out, overwrite=session.overwrite)
    if sys.stdin.isatty():
        screen.remark(N_("reading a report from the keyboard; Ctrl-D ends it"))
    text = verbs.deidentify_text(sys.stdin.buffer.read(), project=session.project)
    if session.out is not None:
        with writing_file(session.out, overwrite=session.overwrite) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
        screen.remark(N_("written: {name}"), name=session.out.name)
    elif screen.json:
        screen.document({"format": "deidentified/1", "text": text})
    else:
        screen.stdout.write(text + "\n")


def _table(session: Session, source: str, kind: str | None) -> None:
    """A table to ``-o``, or from stdin to stdout; what was found is told."""
    from bert4text.cli.render import columns_table
    from bert4text.verbs.tables import deidentify_table

    screen, piped = session.screen, source == "-" and session.out is None
    if source == "-" and sys.stdin.isatty():
        screen.remark(N_("reading a table from the keyboard; Ctrl-D ends it"))
    screen.stdout.flush()
    made = deidentify_table(
        sys.stdin.buffer if source == "-" else Path(source),
        project=session.project,
        out=screen.stdout.buffer if piped else session.target(),
        format=kind,
        overwrite=session.overwrite,
        progress=session.progress,
    )
    if screen.json and not piped:
        screen.document({"format": "deidentified-table/1", **made.model_dump(mode="json")})
        return
    if not piped:
        screen.show(columns_table(made.columns, screen.translator))
        screen.show(found_table(made.deidentified, screen.translator))
    unknown = [column.name for column in made.columns if (column.role, column.what) == ("read", None)]
    if unknown:
        screen.remark(
            N_(
                "columns whose names tell no kind, so that only what the detectors find in them is replaced: "
                "{names} (see [deidentify.columns])"
            ),
            names=unknown,
        )
    if made.bad:
        screen.remark(N_("rows that could not be read, and are empty now: {count}"), count=made.bad)
    if made.sheets_left:
        screen.remark(N_("sheets of the workbook that were left out: {count}"), count=made.sheets_left)
    _warn(session, made.deidentified)
    if session.out is not None:
        screen.remark(N_("written: {name}"), name=session.out.name)


def _show(session: Session, made: Corpus) -> None:
    """What was found and what is left, in counts."""
    from bert4text.cli.render import pairs, seal_rows

    told: dict[str, Any] = made.deidentified or {}
    screen = session.screen
    screen.show(found_table(told, screen.translator))
    screen.show(pairs(seal_rows(made, screen.translator)))
    _warn(session, told)
    session.tell_next(N_("next: bert4text audit {name}"))


def _warn(session: Session, told: Mapping[str, Any]) -> None:
    """What whoever hands reports on has to know."""
    screen = session.screen
    if not told["given_names"]:
        screen.remark(
            N_("the given names of the census are not installed: more names are found with bert4text[deid]")
        )
    screen.remark(
        N_("de-identified is not anonymous: the reports stay personal data, and need a legal basis as before")
    )
