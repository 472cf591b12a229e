"""Commands over recognizers of identifiers: build, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bert4text.cli import render
from bert4text.cli.encoders import PLAIN
from bert4text.cli.options import Session, common
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.models.recognizer import Recognizer


@common()
def build(
    session: Session,
    gold: Annotated[
        list[Path] | None,
        typer.Option(
            "--gold", metavar="FILE", help=N_("Reports that people marked, as JSON lines; repeatable.")
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help=N_("Go on where a killed build stopped."))] = False,
) -> None:
    """Let an encoder learn to find identifiers; it works beside the rules of deidentify."""
    from bert4text.verbs.recognizer import build_recognizer

    found = build_recognizer(
        gold=gold or (),
        project=session.project,
        out=session.out,
        overwrite=session.overwrite,
        resume=resume,
        progress=session.progress,
    )
    _show(session, found)
    if not session.screen.json:
        session.screen.remark(N_("next: bert4text deidentify CORPUS -o clean.parquet"))


@common(without=PLAIN)
def show(
    session: Session,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help=N_("The one built last if not given."))
    ] = None,
) -> None:
    """Tell of a recognizer: what it finds, what it learned from, how well."""
    from bert4text.core.errors import NotFoundError
    from bert4text.verbs.recognized import find_recognizer

    found = find_recognizer("auto" if folder is None else str(folder))
    if found is None:
        raise NotFoundError(
            "no recognizer was built here",
            hint="bert4text recognizer build",
            code="no-recognizer",
        )
    _show(session, found)


def _show(session: Session, found: Recognizer) -> None:
    info, screen = found.info, session.screen
    if screen.json:
        document: dict[str, Any] = info.model_dump(mode="json")
        screen.document({**document, "digest": info.digest, "folder": str(found.folder)})
        return
    translator = screen.translator
    made = info.learned.get("made", 0)
    given = sum(info.learned.values()) - made
    rows = [
        (translator(N_("folder")), str(found.folder)),
        (translator(N_("encoder")), str(info.encoder["name"])),
        (translator(N_("kinds of identifiers")), translator.integer(len(info.kinds))),
        (translator(N_("made-up reports learned from")), translator.integer(made)),
        (translator(N_("marked reports learned from")), translator.integer(given)),
        (
            translator(N_("F1 of words, on others like them")),
            translator.number(info.measured["f1_exported"], 3),
        ),
        (translator(N_("precision")), info.precision),
        (translator(N_("digest")), info.digest[:16]),
    ]
    screen.show(render.pairs(rows))
