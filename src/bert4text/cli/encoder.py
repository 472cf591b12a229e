"""Commands that make an encoder: pretrain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_


@common()
def pretrain(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    encoder: Annotated[
        str | None,
        typer.Option("--encoder", metavar="NAME", help=N_("Catalog name, folder or hub id of the encoder.")),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=N_("Go on where a killed run of the same -o stopped."))
    ] = False,
) -> None:
    """Run the verb."""
    from bert4text.verbs.encoder import pretrain as verb

    session.set("pretrain.encoder", encoder)
    out = session.target()
    found = verb(
        corpus,
        project=session.project,
        out=out,
        overwrite=session.overwrite,
        resume=resume,
        progress=session.progress,
    )
    before, after = found.loss
    if session.screen.json:
        told = {"encoder": found.config.encoder, "folder": str(out), "tokens": found.tokens}
        losses = {"before": round(before, 4), "after": round(after, 4)}
        session.screen.document({"format": "pretrained/1", **told, "loss": losses})
        return
    translator = session.screen.translator
    rows = [
        (translator(N_("encoder")), found.config.encoder),
        (translator(N_("tokens of one pass")), translator.integer(found.tokens)),
        (
            translator(N_("loss of hidden words, before and after")),
            f"{translator.number(before, 3)}, {translator.number(after, 3)}",
        ),
    ]
    session.screen.show(render.pairs(rows))
    session.screen.remark(
        N_("next: bert4text train {corpus} --encoder {folder} -o runs/a"),
        corpus=as_typed(corpus),
        folder=as_typed(out),
    )
