"""Commands that begin a project: quickstart, init, doctor, encoders, plugins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from bert4text.cli import render, scores
from bert4text.cli.options import Session, common
from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_
from bert4text.core.output import writing_file

if TYPE_CHECKING:
    from bert4text.tour import Scene

REGISTRIES: dict[str, str] = {
    "checks": "bert4text.auditing.checks:CHECKS",
    "detectors": "bert4text.privacy.detect:DETECTORS",
    "generators": "bert4text.synthesis.synthesize:GENERATORS",
    "metrics": "bert4text.evaluation.metrics:METRICS",
    "perturbations": "bert4text.robustness.perturbations:PERTURBATIONS",
    "explainers": "bert4text.explanation.explainers:EXPLAINERS",
    "backends": "bert4text.models.backends:BACKENDS",
}
"""Registry -> where it stands."""


@common(without=("out", "project", "set_"))
def quickstart(
    session: Session,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help=N_("Where everything is written."))
    ] = Path("quickstart"),
) -> None:
    """Run the tour and show each scene as it ends."""
    from bert4text.tour import tour

    options: dict[str, Any] = {} if session.seed is None else {"seed": session.seed}
    evaluation = None
    for scene in tour(
        folder, language=session.language, overwrite=session.overwrite, progress=session.progress, **options
    ):
        evaluation = scene.evaluation or evaluation
        if not session.screen.json:
            _show(scene, session)
    if session.screen.json and evaluation is not None:
        session.screen.document(evaluation.model_dump(mode="json"))


@common(without=("out", "project", "set_", "seed"))
def init(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=N_("The project's folder."))] = Path(),
    table: Annotated[
        Path | None,
        typer.Option("--from", metavar="TABLE", help=N_("Read its header and fill in the columns.")),
    ] = None,
) -> None:
    """Write a commented bert4text.toml."""
    from bert4text.cli.template import settings_text
    from bert4text.models.pinned import LOCK
    from bert4text.project import FILE, SECTIONS

    columns, left = ({}, []) if table is None else _columns(table)
    given = {} if table is None else {"prepare": {"source": _relative(table, folder), "columns": columns}}
    text = settings_text(SECTIONS, session.screen.translator, given=given)
    with writing_file(folder / FILE, overwrite=session.overwrite) as partial:
        partial.write_text(text, encoding="utf-8")
    if not (folder / ".gitignore").exists():
        with writing_file(folder / ".gitignore") as partial:
            partial.write_text(f"*\n!.gitignore\n!{FILE}\n!{LOCK}\n", encoding="utf-8")
    if session.screen.json:
        session.screen.document({"format": "project/1", "file": FILE, "columns": columns})
        return
    session.screen.line(N_("{name} is written"), name=FILE)
    if columns:
        session.screen.show(render.pairs([(ours, str(theirs)) for ours, theirs in columns.items()]))
    if left:
        session.screen.remark(
            N_("not taken: {columns}; name those you need in [prepare] columns"), columns=left
        )
    if columns and "labels" not in columns:
        session.screen.remark(
            N_("no column of labels was found: name it there, or see [prepare.labels_from]")
        )
    session.screen.remark(N_("before anything learns from real reports: say in [policy] by what right"))
    if folder.resolve() == Path.cwd():
        session.screen.remark(N_("next: bert4text prepare -o corpus.parquet"))
    else:
        session.screen.remark(
            N_("next, in {folder}: bert4text prepare -o corpus.parquet"), folder=str(folder)
        )


@common(without=("out", "overwrite", "project", "set_", "seed"))
def doctor(
    session: Session,
    measure: Annotated[
        bool, typer.Option("--measure", help=N_("Measure how fast matrices are multiplied."))
    ] = False,
) -> None:
    """Tell what this machine is and what will be used."""
    from bert4text.cli import doctor as examination

    found = examination.examine()
    if measure:
        found["gflops"] = examination.measure()
    if session.screen.json:
        session.screen.document(found)
    else:
        session.screen.show(render.pairs(examination.rows(found, session.screen.translator)))


@common(without=("out", "overwrite", "project", "set_", "seed"))
def plugins(
    session: Session,
    registry: Annotated[str | None, typer.Argument(metavar="REGISTRY", help=N_("Only this one."))] = None,
) -> None:
    """List what can be extended, and what stands in it."""
    from importlib import import_module

    if registry is not None and registry not in REGISTRIES:
        raise ConfigError(
            "there is no registry {wanted!r}; there are {known}",
            code="unknown-registry",
            wanted=registry,
            known=list(REGISTRIES),
        )
    found = {}
    for name in [registry] if registry else REGISTRIES:
        module, _, attribute = REGISTRIES[name].partition(":")
        table = getattr(import_module(module), attribute)
        found[name] = {
            "contract": table.contract,
            "entries": table.names(),
            "group": f"bert4text.{table.name}",
        }
    if session.screen.json:
        session.screen.document({"format": "plugins/1", "registries": found})
        return
    for name, entry in found.items():
        session.screen.show(Text(name, style="bold"))
        session.screen.show(render.pairs([(entry["group"], ", ".join(entry["entries"]))]))


def _show(scene: Scene, session: Session) -> None:
    screen, translator = session.screen, session.screen.translator
    screen.show(Text(translator(scene.title), style="bold"))
    for template, values in scene.lines:
        screen.line(template, **values)
    if scene.issues:
        screen.show(render.issues_table(scene.issues, translator))
    if scene.evaluation is not None:
        screen.show(scores.evaluation_table(scene.evaluation, translator))
    if scene.answers:
        screen.show(render.answers(scene.answers, translator, text=True))
    for path in scene.paths:
        screen.show(Text(f"  {path}"))
    screen.show(Text())


def _relative(table: Path, folder: Path) -> str:
    import os

    return Path(os.path.relpath(table, folder)).as_posix()


def _columns(table: Path) -> tuple[dict[str, str], list[str]]:
    """What is taken of a table, and the names of the columns that are not."""
    from bert4text.data.columns import left_names, take_columns
    from bert4text.data.read import open_source
    from bert4text.data.table import Reading

    with open_source(table, Reading()) as opened:
        columns = take_columns(opened.names, {})
        return columns, left_names(opened.names, columns.values())
