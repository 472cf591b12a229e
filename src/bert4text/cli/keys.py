"""Commands over keys: list, rotate, destroy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from bert4text.cli import render
from bert4text.cli.options import Session, common
from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_, Translator

if TYPE_CHECKING:
    from bert4text.verbs.keys import Changed

PLAIN = ("out", "overwrite", "seed")
"""Common options that mean nothing to keys."""

MEANING = {
    "master": N_("wraps the keys of patients"),
    "patients": N_("makes pseudonyms of patients"),
    "dates": N_("moves dates, makes codes of hashes"),
}

YES = typer.Option("--yes", help=N_("Do it without asking."))


@common(without=PLAIN)
def list_(session: Session) -> None:
    """List the keys: names, ages, where they come from; never a key."""
    from bert4text.verbs import keys as verbs

    found = verbs.list_keys(session.project)
    if session.screen.json:
        session.screen.document(found)
        return
    translator = session.screen.translator
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in (N_("name"), N_("id"), N_("from"), N_("age"), N_("what for")):
        table.add_column(translator(title))
    for item in found["items"]:
        table.add_row(item["name"], _identity(item, translator), item["origin"], *_told(item, translator))
    session.screen.show(table)
    session.screen.show(render.pairs(_facts(found, translator)))
    if found["patients"]["unfinished"]:
        session.screen.remark(N_("a change of the master key was broken off: bert4text keys rotate ends it"))


@common(without=PLAIN)
def rotate(
    session: Session,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help=N_("master, patients or dates."))
    ] = "master",
    yes: Annotated[bool, YES] = False,
) -> None:
    """Put a new key in the place of another."""
    from bert4text.verbs import keys as verbs

    if name in {"patients", "dates"}:
        _confirm(
            session,
            N_(
                "a new key {name!r} gives the patients of new corpora other pseudonyms or other dates: "
                "they no longer fit to corpora made before"
            ),
            yes=yes,
            name=name,
        )
    changed = verbs.rotate(name, project=session.project)
    if session.screen.json:
        session.screen.document({"format": "key-changed/1", **changed.model_dump(mode="json")})
        return
    _tell_change(session, changed)


@common(without=PLAIN)
def destroy(
    session: Session,
    patient: Annotated[
        str | None,
        typer.Option(
            "--patient", metavar="PSEUDONYM", help=N_("p-..., as in the corpus; - reads it from stdin.")
        ),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help=N_("What stdin holds is the patient's own number, as in the source.")),
    ] = False,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="-", help=N_("- reads the id of a report without patient from stdin.")
        ),
    ] = None,
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help=N_("Why; kept in the trail, so name nobody in it.")),
    ] = "",
    yes: Annotated[bool, YES] = False,
) -> None:
    """Destroy the key of a patient for ever."""
    from bert4text.verbs import keys as verbs

    named = _whose(session, patient, report, raw=raw)
    _confirm(
        session,
        N_("the sealed reports of this patient will never open again, in no copy; this cannot be undone"),
        yes=yes,
    )
    done = verbs.destroy(named, reason=reason, project=session.project, raw=raw)
    if session.screen.json:
        session.screen.document({"format": "key-destroyed/1", **done.model_dump(mode="json")})
        return
    screen = session.screen
    if done.names:
        screen.line(N_("keys destroyed: {count} ({names})"), count=len(done.names), names=list(done.names))
    for earlier, at in done.before.items():
        screen.line(N_("{name} was destroyed before, at {at}"), name=earlier, at=at)
    screen.remark(
        N_(
            "not touched: the source table, corpora in plain, predictions, models; and backups of the table "
            "of keys, which a new master key makes useless (bert4text keys rotate)"
        )
    )


def _whose(session: Session, patient: str | None, report: str | None, *, raw: bool) -> str:
    """Whose key is meant; what identifies a person comes on stdin alone.

    Raises:
        ConfigError: neither a patient nor a report is named, or an identifier was typed.
    """
    from bert4text.verbs import keys as verbs

    if (patient is None) == (report is None):
        raise ConfigError(
            "nothing says whose key is to be destroyed",
            hint="--patient PSEUDONYM, or --report - for a report without patient",
            code="missing-patient",
        )
    if report not in {None, "-"} or (raw and patient != "-"):
        raise ConfigError(
            "what identifies a person or a report is never typed: programs of others see it",
            hint="write - in its place, and give it on stdin",
            code="typed-identifier",
        )
    given = sys.stdin.readline().strip() if "-" in {patient, report} else str(patient)
    return given if report is None else verbs.name_of_report(given, project=session.project)


def _confirm(session: Session, warning: str, *, yes: bool, **values: Any) -> None:
    """Ask before what cannot be undone; without a terminal ``--yes`` is wanted.

    Args:
        session: the call.
        warning: message id of what will happen.
        yes: whether it was confirmed beforehand.
        values: what fills the message.

    Raises:
        ConfigError: nobody can be asked, or the answer was no.
    """
    if yes:
        return
    translator = session.screen.translator
    if not sys.stdin.isatty() or session.screen.json:
        raise ConfigError(
            "not without a yes: {warning}",
            hint="read it, then add --yes",
            code="missing-yes",
            warning=translator(warning, **values),
        )
    session.screen.err.print(translator(warning, **values))
    if not typer.confirm(translator(N_("go on?")), err=True):
        raise typer.Abort


def _tell_change(session: Session, changed: Changed) -> None:
    screen, translator = session.screen, session.screen.translator
    if changed.resumed:
        screen.line(N_("the change that was broken off is done"))
    rows = [(translator(N_("key")), changed.name), (translator(N_("id")), changed.now)]
    if changed.previous:
        rows.append((translator(N_("id before")), changed.previous))
    if changed.name == "master":
        rows.append((translator(N_("keys of patients wrapped anew")), translator.integer(changed.keys)))
    screen.show(render.pairs(rows))
    if changed.to_do:
        screen.remark(
            N_("now let {new} take the name {old} where your keys come from, and destroy the old one"),
            new=f"{changed.name}-next",
            old=changed.name,
        )


def _identity(item: dict[str, Any], translator: Translator) -> str:
    if item["problem"] is not None:
        return translator(N_("cannot be used ({code})"), code=item["problem"])
    return str(item["id"]) if item["id"] else translator(N_("not made yet"))


def _told(item: dict[str, Any], translator: Translator) -> tuple[str, str]:
    use, former = item["name"].partition("-")[0], "-" in item["name"]
    age = "–" if item["days"] is None else translator(N_("{days} days"), days=item["days"])
    return age, translator(N_("no longer used for new corpora")) if former else translator(MEANING[use])


def _facts(found: dict[str, Any], translator: Translator) -> list[tuple[str, str]]:
    patients = found["patients"]
    sources = {
        "file": translator(N_("files in {folder}"), folder=found["folder"]),
        "environment": translator(N_("the environment")),
        "command": translator(N_("a command")),
    }
    rows = [
        (translator(N_("keys come from")), sources[found["source"]]),
        (translator(N_("keys of patients")), translator.integer(patients["keys"])),
    ]
    if patients["destroyed"]:
        rows.append((translator(N_("destroyed")), translator.integer(patients["destroyed"])))
    if patients["master"]:
        rows.append((translator(N_("wrapped under")), patients["master"]))
    if patients["problem"]:
        rows.append(
            (
                translator(N_("their table")),
                translator(N_("cannot be used ({code})"), code=patients["problem"]),
            )
        )
    return rows
