"""Commands that give account: document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bert4text.cli.options import Session, common
from bert4text.core.messages import N_


@common()
def document(
    session: Session,
    thing: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="NAME", help=N_("Which document: datasheet."))
    ] = None,
    format: Annotated[  # noqa: A002 - as the option is called
        str | None,
        typer.Option("--format", metavar="md|html", help=N_("Else found from the name of the output.")),
    ] = None,
) -> None:
    """Run the verb; without ``-o`` the document goes to stdout."""
    from bert4text.verbs import account as verbs

    session.set("document.kind", kind)
    session.set("document.format", format)
    text = verbs.document(
        thing,
        project=session.project,
        out=session.out,
        overwrite=session.overwrite,
        language=session.language,
        progress=session.progress,
    )
    if session.screen.json:
        chosen = session.project.section("document").kind
        session.screen.document(verbs.documents(thing, text, kind=chosen, project=session.project))
    elif session.out is None:
        session.screen.stdout.write(text)
    else:
        session.screen.remark(N_("written: {name}"), name=session.out.name)
