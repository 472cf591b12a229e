"""Commands over encoders: list, show, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_, Translator

if TYPE_CHECKING:
    from bert4text.models.catalog import Encoder

PLAIN = ("out", "overwrite", "project", "set_", "seed")
"""Common options that mean nothing to a list."""

SENTENCES = ("summary", "choose", "licence")
"""What stands beside the facts of an encoder, or is told in other words."""


@common(without=PLAIN)
def list_(session: Session) -> None:
    """List the catalog."""
    from bert4text.cli.doctor import at_hand
    from bert4text.models.catalog import encoders

    rows = [(row, at_hand(row)) for row in encoders()]
    if session.screen.json:
        items = [_document(row, here) for row, here in rows]
        session.screen.document({"format": "encoders/1", "items": items})
        return
    translator = session.screen.translator
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (N_("name"), N_("here"), N_("languages"), N_("domain"), N_("window"), N_("licence")):
        table.add_column(translator(title))
    for row, here in rows:
        languages = ", ".join(row.languages[:3]) + (" …" if len(row.languages) > 3 else "")
        facts = (languages, row.domain, str(row.window or "–"), _licence(row, translator))
        table.add_row(row.name, "✓" if here else "", *facts)
    session.screen.show(table)


@common(without=PLAIN)
def show(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("A name of the catalog, or a hub id."))],
) -> None:
    """Tell all that is known of one encoder."""
    from bert4text.cli.doctor import at_hand
    from bert4text.models.catalog import find

    row = find(name)
    if session.screen.json:
        session.screen.document({"format": "encoder/1", **_document(row, at_hand(row))})
        return
    translator = session.screen.translator
    session.screen.line(row.summary)
    session.screen.line(row.choose)
    facts = [
        (translator(info.description or field), _shown(getattr(row, field), translator))
        for field, info in type(row).model_fields.items()
        if field not in SENTENCES
    ]
    facts.append((translator(N_("licence its model card states")), _licence(row, translator)))
    facts.append(
        (translator(N_("gigabytes to train it, without activations")), _shown(row.memory, translator))
    )
    facts.append((translator(N_("work for each token, where MiniLM's is 1")), _shown(row.cost, translator)))
    facts.append((translator(N_("on this machine")), _shown(at_hand(row), translator)))
    session.screen.show(render.pairs(facts))


@common(without=("out", "set_", "seed"))
def fetch(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("A name of the catalog, or a hub id."))],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help=N_("The folder it goes to."))],
    accept_no_licence: Annotated[
        bool,
        typer.Option(
            "--accept-no-licence",
            help=N_("Fetch it although its model card states no licence; this is recorded."),
        ),
    ] = False,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew",
            help=N_("Take the newest instead of the revision that was fetched first, and hold to it."),
        ),
    ] = False,
) -> None:
    """Fetch an encoder: the one command that uses the network."""
    from bert4text.models.hub import fetch as fetched
    from bert4text.models.pinned import lock_file

    lock = lock_file(session.project.folder)
    folder = fetched(
        name,
        to,
        overwrite=session.overwrite,
        accept_no_licence=accept_no_licence,
        renew=renew,
        lock=lock,
    )
    if session.screen.json:
        session.screen.document(
            {"format": "fetched/1", "name": name, "folder": str(folder), "lock": str(lock)}
        )
        return
    session.screen.line(N_("{name} lies in {folder}"), name=name, folder=str(folder))
    session.screen.remark(N_("its revision and digests are held in {lock}"), lock=str(lock))
    session.screen.remark(
        N_("next: bert4text train corpus.parquet --encoder {folder} -o runs/a"), folder=as_typed(folder)
    )


def _document(row: Encoder, here: bool) -> dict[str, Any]:
    facts = {"memory_gb": row.memory, "cost": row.cost, "at_hand": here}
    return {**row.model_dump(mode="json"), **facts}


def _licence(row: Encoder, translator: Translator) -> str:
    if row.licence is not None:
        return row.licence
    return "–" if row.hub is None else translator(N_("none stated"))


def _shown(value: Any, translator: Translator) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return translator(N_("yes")) if value else translator(N_("no"))
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "–"
    return translator.number(value, 1) if isinstance(value, float) else str(value)
