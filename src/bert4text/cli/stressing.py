"""The command that finds out where a model breaks: stress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from bert4text.cli.options import Session, common
from bert4text.core.errors import StressFailed
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.stress import Stress

TONES = {"bad": "bold red"}
STYLES = {"breaks": "bold red", "holds": "green", "not-shown": "yellow"}


@common()
def stress(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train, or its export."))],
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="NAME",
            help=N_("Try this perturbation or capability alone; may be repeated."),
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=N_("Also write the page here; it holds no text.")),
    ] = None,
) -> None:
    """Run the verb."""
    from bert4text.verbs import stressing as verbs

    session.set("stress.only", only or None)
    try:
        found = verbs.stress(
            run,
            corpus,
            project=session.project,
            out=session.out,
            html=html,
            overwrite=session.overwrite,
            language=session.language,
            progress=session.progress,
        )
    except StressFailed as error:
        _show(session, error.stress)
        raise
    _show(session, found)
    for path in (session.out, html):
        if path is not None:
            session.screen.remark(N_("written: {name}"), name=path.name)


def _show(session: Session, found: Stress) -> None:
    """The rates on the screen, or as one document."""
    from bert4text.robustness.wording import measured, remarks, skipped, verdict_sentences
    from bert4text.verbs.stressing import stress_json

    screen = session.screen
    if screen.json:
        screen.document(stress_json(found))
        return
    _ = screen.translator
    screen.show(_table(session, found))
    screen.show(Text())
    screen.show(Text(measured(found, _)))
    for tone, sentence in verdict_sentences(found, _):
        screen.show(Text(sentence, style=TONES.get(tone, "")))
    for sentence in (
        *remarks(found, _),
        *skipped(found, _),
    ):
        screen.show(Text(sentence))


def _table(session: Session, found: Stress) -> Table:
    from bert4text.robustness.wording import capability_name, figures, outcome, rated_name

    _ = session.screen.translator
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(_(N_("capability and perturbation")))
    for head in (N_("tests"), N_("failures"), N_("rate"), N_("95% interval")):
        table.add_column(_(head), justify="right")
    table.add_column(_(N_("verdict")), overflow="fold")
    for capability in found.capabilities:
        if capability.verdict == "skipped":
            continue
        inside = [
            one for one in found.perturbations if one.capability == capability.name and one.reason is None
        ]
        style = STYLES.get(capability.verdict, "")
        called = rated_name(capability, capability_name(capability.name, _), found, _)
        cells = [Text(cell, style="bold") for cell in (called, *figures(capability, _))]
        table.add_row(*cells, Text(outcome(capability, _), style=style))
        for one in inside:
            table.add_row(f"  {rated_name(one, one.name, found, _)}", *figures(one, _), Text(outcome(one, _)))
    return table
