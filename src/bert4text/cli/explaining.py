"""The command that tells why: explain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bert4text.cli.columns import Columns
from bert4text.cli.options import Deidentify, Session, common
from bert4text.core.errors import ConfigError
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.explanation import Explanation
    from bert4text.core.report import Report

STYLES = {
    "for": ("blue", "blue underline", "bold blue underline"),
    "share": ("dim underline", "underline", "bold underline"),
    "against": ("red italic", "red italic reverse", "bold red italic reverse"),
}
"""Tone -> styles of its three strengths, which can be told apart without colours too."""
MOST = 5


@common()
def explain(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train, or its export."))],
    source: Annotated[
        Path | None,
        typer.Argument(metavar="SOURCE", help=N_("Table of reports, or a corpus; without it, --text.")),
    ] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option("--id", metavar="ID", help=N_("Explain the report of this id; may be repeated.")),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="-", help=N_("- reads one report from stdin.")),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="NAME", help=N_("The label that is explained; else the answer.")),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option("--method", metavar="NAME", help=N_("How: occlusion, gradients, linear or rollout.")),
    ] = None,
    overall: Annotated[
        bool,
        typer.Option(
            "--global",
            help=N_("Over many reports of a corpus: on which words the answers of each label hang."),
        ),
    ] = False,
    counterfactual: Annotated[
        bool,
        typer.Option(
            "--counterfactual",
            help=N_("Look for the fewest words without which the answer is another one."),
        ),
    ] = False,
    similar: Annotated[
        Path | None,
        typer.Option(
            "--similar", metavar="CORPUS", help=N_("Tell which reports of a corpus the model holds similar.")
        ),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="WHO",
            help=N_("Tell it in prose: to the patient how the program works, to the physician the answer."),
        ),
    ] = None,
    release_by: Annotated[
        str | None,
        typer.Option(
            "--release-by",
            metavar="NAME",
            help=N_("The physician who releases the patient's text of one report; else it is a draft."),
        ),
    ] = None,
    registration: Annotated[
        str | None,
        typer.Option(
            "--registration",
            metavar="CRM/UF",
            help=N_("The physician's registration, such as CRM/SP 123456; it is not looked up."),
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help=N_("Write a page; it holds the texts of the reports.")),
    ] = None,
    deidentify: Deidentify = None,
    columns: Columns = None,
) -> None:
    """Run the verb; without ``-o`` each explanation is shown, or is a line of JSON."""
    from bert4text.verbs import explaining as verbs

    session.set_columns("explain", columns)
    session.set("explain.label", label)
    session.set("explain.method", method)
    session.set("explain.deidentify", deidentify)
    session.set("explain.counterfactual", counterfactual or None)
    prose = audience is not None or release_by is not None or registration is not None
    if similar is not None and (overall or prose):
        raise ConfigError(
            "similar reports are told of one answer after the other, and neither over many nor in prose",
            hint="bert4text explain RUN SOURCE --similar CORPUS",
            code="similar-of-many",
        )
    if overall:
        if source is None or ids or text is not None:
            raise ConfigError(
                "nothing, or too much, says which reports are to be explained",
                hint="bert4text explain RUN corpus.parquet --global",
                code="bad-reports",
            )
        _overall(session, run, source, html)
        return
    reports = _reports(session, source, text)
    if prose:
        _prose(session, run, reports, ids, audience=audience, release=(release_by, registration))
        return
    told = verbs.explain(
        run,
        reports,
        project=session.project,
        ids=ids or None,
        similar=similar,
        out=session.out,
        html=html,
        overwrite=session.overwrite,
        language=session.language,
        progress=session.progress,
        each=None if session.out is not None else lambda one: _show(session, one.explanation, one.text),
    )
    if session.out is not None:
        session.screen.remark(N_("written: {name}"), name=session.out.name)
    if html is not None:
        session.screen.remark(N_("written: {name}; it holds texts of reports"), name=html.name)
    if not told:
        session.screen.remark(N_("no report has an answer"))


def _prose(
    session: Session,
    run: Path,
    reports: Path | Report,
    ids: list[str] | None,
    *,
    audience: str | None,
    release: tuple[str | None, str | None],
) -> None:
    """What is told of the answers in prose, on the screen, as one document, or in the file of ``-o``."""
    from bert4text.verbs.telling import explain_to

    if audience not in {"patient", "physician"}:
        raise ConfigError(
            "it is told to a patient or to a physician",
            hint="--for patient, or --for physician",
            code="bad-audience",
        )
    texts = explain_to(
        "patient" if audience == "patient" else "physician",
        run,
        reports=reports,
        release_by=release[0],
        registration=release[1],
        project=session.project,
        ids=ids or None,
        out=session.out,
        overwrite=session.overwrite,
        language=session.language,
        progress=session.progress,
    )
    screen = session.screen
    if not texts:
        screen.remark(N_("no report has an answer"))
    if session.out is not None:
        screen.remark(N_("written: {name}"), name=session.out.name)
    elif screen.json:
        screen.document({"format": "explanation-texts/1", "audience": audience, "items": texts})
    else:
        for told in texts:
            screen.show(Text(told))


def _overall(session: Session, run: Path, corpus: Path, html: Path | None) -> None:
    """What the answers of a model hang on over many reports, on the screen or as one document."""
    from bert4text.explanation.overview import strongest
    from bert4text.explanation.page import SIDES, driver_row
    from bert4text.explanation.wording import overall_verdict
    from bert4text.verbs import explaining as verbs

    found = verbs.explain_overall(
        run,
        corpus,
        project=session.project,
        out=session.out,
        html=html,
        overwrite=session.overwrite,
        language=session.language,
        progress=session.progress,
    )
    screen = session.screen
    _ = screen.translator
    for path in (session.out, html):
        if path is not None:
            screen.remark(N_("written: {name}"), name=path.name)
    if screen.json:
        screen.document(verbs.overview_json(found))
        return
    screen.show(Text(overall_verdict(found, _)[1]))
    for label, count in found.reports.items():
        screen.show(Text(f"\n{label} ({_('answers')}: {_.integer(count)})", style="bold"))
        for title, words in zip(SIDES, strongest(found, label, most=MOST), strict=True):
            if words:
                heads = (N_("adds (log-odds)"), N_("from"), N_("to"), N_("reports"), N_("patients"))
                rows = [driver_row(one, _) for one in words]
                screen.show(_table(_(title), [_(head) for head in heads], rows))


def _table(first: str, heads: list[str], rows: list[list[str]]) -> Padding:
    """Words or pieces in the first column, figures in the others."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    table.add_column(first, overflow="fold")
    for head in heads:
        table.add_column(head, justify="right")
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 1, 2), expand=False)


def _reports(session: Session, source: Path | None, text: str | None) -> Path | Report:
    """What is to be explained: a table, or one report from stdin."""
    from bert4text.core.report import Report
    from bert4text.data.encoding import decoded

    if (source is None) == (text is None) or text not in {None, "-"}:
        raise ConfigError(
            "nothing, or too much, says which reports are to be explained",
            hint="give the path of a table, or --text - and the report on stdin; a report is no option of a "
            "command line, which others can see",
            code="bad-reports",
        )
    if source is not None:
        return source
    if sys.stdin.isatty():
        session.screen.remark(N_("reading a report from the keyboard; Ctrl-D ends it"))
    return Report(id="1", text=decoded(sys.stdin.buffer.read()), source_row=1)


def _show(session: Session, explanation: Explanation, text: str) -> None:
    """One explanation, on the screen or as a line of JSON."""
    from bert4text.explanation.page import pieces_table
    from bert4text.explanation.shading import foremost, shades
    from bert4text.explanation.wording import (
        UNITS,
        answer_sentence,
        beside,
        changed_by,
        decided_by,
        made_up,
        rolled,
        similar_sentences,
        similar_table,
        stays_alike,
        verdict,
    )
    from bert4text.verbs.explaining import as_json

    screen = session.screen
    if screen.json:
        screen.document(as_json(explanation), indent=None)
        screen.stdout.flush()
        return
    _ = screen.translator
    place = _("row {row}", row=_.integer(explanation.row))
    screen.show(Text(f"{place}: {answer_sentence(explanation, _)}", style="bold"))
    told = made_up(explanation, _)
    sentences = [
        verdict(explanation, _)[1],
        rolled(explanation, _),
        decided_by(explanation, _),
        beside(explanation, _),
        told[1] if told else "",
    ]
    for sentence in (*sentences, stays_alike(explanation, _), changed_by(text, explanation, _)):
        if sentence:
            screen.show(Text(sentence))
    shown = Text()
    for shade in shades(text, explanation):
        shown.append(shade.text, style=STYLES[shade.tone][shade.strength - 1] if shade.tone else "")
    screen.show(Padding(shown, (1, 2), expand=False))
    for unit in dict.fromkeys(one.unit for one in explanation.contributions):
        rows = foremost(explanation, unit, most=MOST)
        if not rows:
            continue
        heads, cells = pieces_table(text, rows, _, scale=explanation.scale)
        screen.show(_table(_(UNITS[unit]), heads, cells))
    for sentence in similar_sentences(explanation, _):
        screen.show(Text(sentence))
    (first, *others), cells = similar_table(explanation, _)
    if cells:
        screen.show(_table(first, others, cells))
