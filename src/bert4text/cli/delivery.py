"""Commands that deliver a model: export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_


@common()
def export(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train."))],
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help=N_("Corpus whose reports outside test are compared on."))
    ],
    precision: Annotated[
        str | None, typer.Option("--precision", metavar="NAME", help=N_("float32 or int8."))
    ] = None,
    format: Annotated[  # noqa: A002 - the option's own name
        str | None, typer.Option("--format", metavar="NAME", help=N_("onnx or openvino."))
    ] = None,
) -> None:
    """Run the verb; without ``-o`` the export lies in the run's folder ``exports``."""
    from bert4text.verbs.delivery import export as verb

    session.set("export.precision", precision)
    session.set("export.format", format)
    project = session.project
    settings = project.section("export")
    out = session.out or run / "exports" / f"{settings.format}-{settings.precision}"
    made = verb(run, corpus, out=out, project=project, overwrite=session.overwrite, progress=session.progress)
    found = made.info.manifest.notes["parity"]
    if session.screen.json:
        session.screen.document({"format": "parity/1", "digest": made.digest, **found})
        return
    session.screen.remark(
        N_(
            "share of {reports} reports that get the label of the run: {agreement}; a probability differs by "
            "{probability} at most, by {spread} between batches"
        ),
        **found,
    )
    if found["kept"]:
        session.screen.remark(
            N_("{kept} of {products} products of weights stay in 32 bits: in 8 they lost too much"), **found
        )
    if found["reduce_range"]:
        session.screen.remark(N_("weights keep 7 of the 8 bits: any processor computes the export exactly"))
    session.screen.remark(N_("next: bert4text predict {folder} SOURCE"), folder=as_typed(out))
