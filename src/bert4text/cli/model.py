"""Commands over models: train, evaluate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bert4text.cli import render, scores
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.errors import FairnessFailed
from bert4text.core.messages import N_, Translator

if TYPE_CHECKING:
    from bert4text.core.evaluation import Evaluation
    from bert4text.core.issue import Issue
    from bert4text.models.classifier import Classifier


UNITS = {"patient": N_("patient"), "report": N_("report")}
"""Whom a budget protects."""


@common()
def train(
    session: Session,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    encoder: Annotated[
        str | None,
        typer.Option("--encoder", metavar="NAME", help=N_("Catalog name, folder or hub id of the encoder.")),
    ] = None,
    effort: Annotated[
        str | None,
        typer.Option("--effort", metavar="quick|standard|thorough", help=N_("How much work it may take.")),
    ] = None,
    private: Annotated[
        list[str] | None,
        typer.Option(
            "--private",
            metavar="KEY=VALUE",
            help=N_("Differential privacy: epsilon=8, and other keys of [train.private]; may be repeated."),
        ),
    ] = None,
    augment: Annotated[
        list[str] | None,
        typer.Option(
            "--augment",
            metavar="NAME",
            help=N_("Learn from copies of reports changed so too, as stress names it; may be repeated."),
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help=N_("Go on where a killed run of the same -o stopped."))
    ] = False,
) -> None:
    """Run the verb."""
    from bert4text.verbs import model as verbs
    from bert4text.verbs.opening import open_corpus

    session.set("train.encoder", encoder)
    session.set("train.effort", effort)
    session.set("train.batches.augmentation.perturbations", augment or None)
    session.overrides += [f"train.private.{given}" for given in private or ()]
    out = session.target()
    classifier = verbs.train(
        corpus,
        project=session.project,
        out=out,
        overwrite=session.overwrite,
        resume=resume,
        progress=session.progress,
    )
    document = run_document(classifier, out)
    warnings = verbs.warnings_of(classifier, open_corpus(corpus, project=session.project)[0])
    if session.screen.json:
        session.screen.document({**document, "issues": [issue.model_dump(mode="json") for issue in warnings]})
        return
    show_run(session, classifier, out, warnings=warnings)
    session.screen.remark(
        N_("next: bert4text evaluate {run} {corpus}"), run=as_typed(out), corpus=as_typed(corpus)
    )


@common()
def evaluate(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train."))],
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="NAME", help=N_("The part of the corpus to measure on: test.")),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="RUN", help=N_("Another run, on the same reports."))
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help=N_("Also write the scorecard here."))
    ] = None,
) -> None:
    """Run the verb; a fairness contract that does not hold ends in exit status 1."""
    from bert4text.verbs import model as verbs

    session.set("evaluate.split", split)
    project = session.project
    out = session.out or run / "evaluations" / f"{corpus.stem}-{project.section('evaluate').split}"
    try:
        evaluation = verbs.evaluate(
            run,
            corpus,
            project=project,
            compare=compare,
            html=html,
            language=session.language,
            out=out,
            overwrite=session.overwrite,
            progress=session.progress,
        )
    except FairnessFailed as failed:
        show_evaluation(session, failed.evaluation, html or out / "scorecard.html")
        raise
    show_evaluation(session, evaluation, html or out / "scorecard.html")


def show_evaluation(session: Session, evaluation: Evaluation, page: Path) -> None:
    """Show an evaluation, and where its scorecard lies."""
    from bert4text.evaluation.wording import named, system_names

    if session.screen.json:
        session.screen.document(evaluation.model_dump(mode="json"))
        return
    translator = session.screen.translator
    session.screen.show(scores.evaluation_table(evaluation, translator))
    if evaluation.issues:
        names = system_names(evaluation, translator=translator)
        issues = [named(issue, names=names, translator=translator) for issue in evaluation.issues]
        session.screen.show(render.issues_table(issues, translator))
    session.screen.line(N_("scorecard: {path}"), path=str(page))


def run_document(classifier: Any, out: Path) -> dict[str, Any]:
    """A run as ``run/1``."""
    return {
        "format": "run/1",
        "run": str(out),
        "encoder": classifier.encoder_name,
        "labels": list(classifier.label_space.names),
        "delivered": classifier.delivered,
        "digest": classifier.digest,
    }


def show_run(
    session: Session,
    classifier: Classifier,
    out: Path,
    *,
    warnings: Sequence[Issue],
    more: Sequence[tuple[str, str]] = (),
) -> None:
    """Show a run, and what is to be told of it.

    Args:
        session: the call.
        classifier: of the run.
        out: the folder of the run.
        warnings: what stopped nothing.
        more: names and values that stand before how it was decided who answers.
    """
    from bert4text.evaluation.wording import SYSTEM_NAMES

    document, translator = run_document(classifier, out), session.screen.translator
    rows = [
        (translator(N_("encoder")), str(document["encoder"])),
        (translator(N_("labels")), ", ".join(document["labels"])),
        (translator(N_("answers with")), translator(SYSTEM_NAMES[document["delivered"]])),
        (translator(N_("declared basis")), _basis(classifier, translator)),
        *_contract(classifier, translator),
        *more,
        *_decision(classifier, translator),
        *_copies(classifier, translator),
        *_refit(classifier, translator),
        *_private(classifier, translator),
        *_pace(classifier, translator),
        (translator(N_("digest")), str(document["digest"])[:16]),
        (translator(N_("run")), str(out)),
    ]
    session.screen.show(render.pairs(rows))
    if warnings:
        session.screen.err.print(render.issues_table(warnings, translator))


def _basis(classifier: Classifier, translator: Translator) -> str:
    """By what right it learned, as it is cited."""
    manifest = classifier.info.manifest
    if manifest.basis is not None and manifest.basis.residue and not manifest.basis.residue.real:
        return translator(N_("none asked for: every report is synthetic"))
    return manifest.legal_basis or "–"


def _contract(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """The fairness contract that it will be held to, where one was declared."""
    from bert4text.evaluation.wording import CRITERIA

    found = classifier.info.manifest.notes.get("fairness")
    if found is None:
        return []
    contract = found["contract"]
    said = translator(
        N_("{criteria}; {attributes}; tolerance {tolerance}"),
        criteria=", ".join(translator(CRITERIA[name]) for name in contract["criterion"]),
        attributes=", ".join(contract["attributes"]),
        tolerance=translator.number(contract["tolerance"]),
    )
    return [(translator(N_("fairness contract")), said)]


def _decision(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """What the choice of the system that answers rests on, where there was one."""
    from bert4text.evaluation.wording import SYSTEM_NAMES

    found = classifier.info.manifest.notes.get("decision")
    if found is None:
        return []

    def listed(figures: Mapping[str, float]) -> str:
        each = (f"{translator(SYSTEM_NAMES[name])} {translator.number(figures[name], 3)}" for name in figures)
        return ", ".join(each)

    return [
        (translator(N_("macro-F1 on validation and calibration reports")), listed(found["macro_f1"])),
        (translator(N_("log loss on the same reports, which decides")), listed(found["loss"])),
    ]


def _copies(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """Which changed copies of reports it learned from, where it did."""
    from bert4text.core.copies import copies_said

    said = copies_said(classifier.info.manifest.notes, translator)
    return [] if said is None else [(translator(N_("augmentation")), said)]


def _refit(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """Whether the encoder learned once more, and that the figure above is not of that training."""
    found = classifier.info.manifest.notes.get("refit")
    if found is None:
        return []
    if found["kept"]:
        said = translator(
            N_("from {reports} reports, validation included; macro-F1 above was measured before it"),
            reports=translator.integer(found["reports"]),
        )
    else:
        said = translator(N_("not kept: it is worse on the calibration reports"))
    return [(translator(N_("second training")), said)]


def _private(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """What the training spent on each patient, where it was private."""
    found = classifier.info.manifest.notes.get("private")
    if found is None:
        return []
    if found["epsilon"] is None:
        said = translator(N_("none: noise came from the seed, as tests ask for"))
    else:
        said = translator(
            N_("epsilon {epsilon}, delta {delta} for each {unit}; {units} of them, {steps} steps"),
            epsilon=translator.number(found["epsilon"], 2),
            delta=f"{found['delta']:.0e}",
            unit=translator(UNITS[found["unit"]]),
            units=translator.integer(found["units"]),
            steps=translator.integer(found["steps"]),
        )
    return [(translator(N_("differential privacy")), said)]


def _pace(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """How fast the training was, where that could be told."""
    found = classifier.info.manifest.notes.get("pace")
    if found is None:
        return []
    said = translator(
        N_("{tokens} tokens per second, {share} of what this processor multiplies"),
        tokens=translator.integer(round(found["tokens_per_second"])),
        share=translator.percent(found["share"]),
    )
    return [(translator(N_("pace")), said)]
