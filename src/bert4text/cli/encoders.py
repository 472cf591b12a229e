"""Commands over encoders: list, show, fetch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_, Translator

PLAIN = ("out", "overwrite", "project", "set_", "seed")
"""Common options that mean nothing to a list."""


@common(without=PLAIN)
def list_(session: Session) -> None:
    """List the catalog."""
    from bert4text.cli.doctor import at_hand
    from bert4text.models.catalog import encoders

    rows = [(row, at_hand(row)) for row in encoders()]
    if session.screen.json:
        items = [{**row.model_dump(mode="json"), "at_hand": here} for row, here in rows]
        session.screen.document({"format": "encoders/1", "items": items})
        return
    translator = session.screen.translator
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (N_("name"), N_("here"), N_("languages"), N_("domain"), N_("window"), N_("licence")):
        table.add_column(translator(title))
    for row, here in rows:
        languages = ", ".join(row.languages[:3]) + (" …" if len(row.languages) > 3 else "")
        facts = (languages, row.domain, str(row.window or "–"), row.licence or "–")
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
        session.screen.document(
            {"format": "encoder/1", **row.model_dump(mode="json"), "at_hand": at_hand(row)}
        )
        return
    translator = session.screen.translator
    facts = [
        (translator(info.description or field), _shown(getattr(row, field), translator))
        for field, info in type(row).model_fields.items()
    ]
    facts.append((translator(N_("on this machine")), _shown(at_hand(row), translator)))
    session.screen.show(render.pairs(facts))


@common(without=("out", "project", "set_", "seed"))
def fetch(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help=N_("A name of the catalog, or a hub id."))],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help=N_("The folder it goes to."))],
) -> None:
    """Fetch an encoder: the one command that uses the network."""
    from bert4text.models.hub import fetch as fetched

    folder = fetched(name, to, overwrite=session.overwrite)
    if session.screen.json:
        session.screen.document({"format": "fetched/1", "name": name, "folder": str(folder)})
        return
    session.screen.line(N_("{name} lies in {folder}"), name=name, folder=str(folder))
    session.screen.remark(
        N_("next: bert4text train corpus.parquet --encoder {folder} -o runs/a"), folder=as_typed(folder)
    )


def _shown(value: Any, translator: Translator) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return translator(N_("yes")) if value else translator(N_("no"))
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "–"
    return translator.number(value, 1) if isinstance(value, float) else str(value)
