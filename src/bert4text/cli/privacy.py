"""Commands over identifiers: deidentify, reidentify."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bert4text.cli.options import Seal, Session, common
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus


@common()
def deidentify(
    session: Session,
    corpus: Annotated[
        str,
        typer.Argument(
            metavar="CORPUS", help=N_("A corpus made by prepare; - reads one report as text from stdin.")
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
    seal: Seal = False,
) -> None:
    """Run the verb; of ``-`` the report goes to stdout, of a corpus the counts of what was found."""
    from bert4text.verbs import privacy as verbs

    session.set("deidentify.policy", policy)
    session.set("deidentify.workers", workers)
    session.set("keys.seal", seal or None)
    if corpus == "-":
        _one_report(session)
        return
    made = verbs.deidentify(
        Path(corpus),
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


def _show(session: Session, made: Corpus) -> None:
    """What was found and what is left, in counts."""
    from bert4text.cli.render import found_table, pairs, seal_rows

    told: dict[str, Any] = made.deidentified or {}
    screen = session.screen
    screen.show(found_table(told, screen.translator))
    screen.show(pairs(seal_rows(made, screen.translator)))
    if not told["given_names"]:
        screen.remark(
            N_("the given names of the census are not installed: more names are found with bert4text[deid]")
        )
    screen.remark(
        N_("de-identified is not anonymous: the reports stay personal data, and need a legal basis as before")
    )
    session.tell_next(N_("next: bert4text audit {name}"))
