"""Commands over pages: print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bert4text.cli.options import Session, common
from bert4text.core.messages import N_


@common(without=("seed",))
def print_(
    session: Session,
    page: Annotated[
        Path,
        typer.Argument(metavar="PAGE", help=N_("A page that this program wrote: scorecard.html.")),
    ],
) -> None:
    """Write the PDF, beside the page unless ``-o`` says otherwise."""
    from bert4text.verbs.printing import print_page

    out = page.with_suffix(".pdf") if session.out is None else session.out
    made = print_page(page, out=out, project=session.project, overwrite=session.overwrite)
    if session.screen.json:
        session.screen.document(made.model_dump())
    else:
        session.screen.remark(N_("written: {name}; sheets: {count}"), name=out.name, count=made.sheets)
