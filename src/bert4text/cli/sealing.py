"""Commands over seals: seal, unseal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus


@common(without=("seed",))
def seal(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
) -> None:
    """Write a sealed corpus."""
    from bert4text.verbs import sealing

    made = sealing.seal(
        corpus,
        project=session.project,
        out=session.target(),
        overwrite=session.overwrite,
        progress=session.progress,
    )
    _show(session, made)
    session.tell_next(N_("next: bert4text audit {name}"))


@common(without=("seed",))
def unseal(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus that is sealed."))],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help=N_("Why; kept in the trail, so name nobody in it.")),
    ] = "",
) -> None:
    """Write a sealed corpus in plain."""
    from bert4text.verbs import sealing

    made = sealing.unseal(
        corpus,
        reason=reason,
        project=session.project,
        out=session.target(),
        overwrite=session.overwrite,
        progress=session.progress,
    )
    _show(session, made)
    session.screen.remark(
        N_("the reports lie in plain now and outlive the keys of their patients: delete the file in time")
    )


def _show(session: Session, made: Corpus) -> None:
    """How many reports, and how many were left out."""
    if session.screen.json:
        session.screen.document(made.summary())
        return
    translator = session.screen.translator
    rows = [(translator(N_("reports")), translator.integer(len(made))), *render.seal_rows(made, translator)]
    session.screen.show(render.pairs(rows))
