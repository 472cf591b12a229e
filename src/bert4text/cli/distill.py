"""Commands that make a smaller model of a larger one: distill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_, Translator


@common()
def distill(
    session: Session,
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help=N_("The teacher: a run made by train, or an export."))
    ],
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder",
            metavar="NAME",
            help=N_("What the student is made from; half of the teacher's layers if not given."),
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=N_("Go on where a killed run of the same -o stopped."))
    ] = False,
) -> None:
    """Run the verb."""
    from bert4text.cli.model import run_document, show_run
    from bert4text.verbs import distill as verbs
    from bert4text.verbs.opening import open_corpus

    session.set("distill.encoder", encoder)
    out = session.target()
    classifier = verbs.distill(
        run,
        corpus,
        project=session.project,
        out=out,
        overwrite=session.overwrite,
        resume=resume,
        progress=session.progress,
    )
    found = classifier.info.manifest.notes["distilled"]
    warnings = verbs.warnings_of(classifier, open_corpus(corpus, project=session.project)[0])
    if session.screen.json:
        issues = [issue.model_dump(mode="json") for issue in warnings]
        session.screen.document({**run_document(classifier, out), "distilled": found, "issues": issues})
        return
    translator = session.screen.translator
    show_run(session, classifier, out, warnings=warnings, more=_beside(found, translator))
    session.screen.remark(
        N_("next: bert4text evaluate {run} {corpus} --compare {teacher}"),
        run=as_typed(out),
        corpus=as_typed(corpus),
        teacher=as_typed(run),
    )


def _beside(found: Mapping[str, Any], translator: Translator) -> list[tuple[str, str]]:
    """Student and teacher, side by side."""
    reports, scores = found["reports"], found["macro_f1"]
    sizes = [
        (title, ", ".join(_known(found[name][who], translator) for who in ("student", "teacher")))
        for name, title in (
            ("layers", translator(N_("layers, student and teacher"))),
            ("weights", translator(N_("weights, student and teacher"))),
        )
    ]
    learned = translator(
        N_("{labelled} reports with a label, {unlabelled} without"),
        labelled=translator.integer(reports["labelled"]),
        unlabelled=translator.integer(reports["unlabelled"]),
    )
    return [
        (translator(N_("learned from")), learned),
        *sizes,
        (
            translator(N_("validation reports answered as the teacher does")),
            translator(
                N_("{share} of {count}"),
                share=translator.percent(found["agreement"]),
                count=translator.integer(reports["validation"]),
            ),
        ),
        (
            translator(N_("macro-F1 on validation reports, student and teacher")),
            ", ".join(translator.number(scores[who], 3) for who in ("student", "teacher")),
        ),
    ]


def _known(value: int | None, translator: Translator) -> str:
    return "–" if value is None else translator.integer(value)
