"""Commands that calibrate a finished model anew: calibrate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bert4text.cli.model import run_document, show_run
from bert4text.cli.options import Session, common
from bert4text.cli.screen import as_typed
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.messages import Translator
    from bert4text.models.classifier import Classifier

KINDS = {
    "none": N_("none"),
    "temperature": N_("one temperature"),
    "vector": N_("two numbers of each label"),
    "isotonic": N_("a line of each label"),
}


@common()
def calibrate(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train."))],
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help=N_("A corpus made by prepare."))],
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="NAME", help=N_("The part of the corpus to calibrate on.")),
    ] = None,
) -> None:
    """Run the verb."""
    from bert4text.verbs.calibrating import calibrate as verb
    from bert4text.verbs.unproven import group_warnings, point_warnings

    session.set("calibrate.split", split)
    out = session.target()
    classifier = verb(
        run,
        corpus,
        project=session.project,
        out=out,
        overwrite=session.overwrite,
        progress=session.progress,
    )
    calibrated = classifier.info.manifest.notes["calibrated"]
    warnings = [*group_warnings(classifier), *point_warnings(classifier)]
    if session.screen.json:
        issues = [issue.model_dump(mode="json") for issue in warnings]
        session.screen.document({**run_document(classifier, out), "calibrated": calibrated, "issues": issues})
        return
    translator = session.screen.translator
    more = [
        (
            translator("calibrated on"),
            translator("{count} reports", count=translator.integer(calibrated["reports"])),
        ),
        (translator("calibrated by"), translator(KINDS[calibrated["kind"]])),
        *_groups(classifier, translator),
    ]
    show_run(session, classifier, out, warnings=warnings, more=more)
    session.screen.remark(
        N_("next: bert4text evaluate {run} {corpus}"), run=as_typed(out), corpus=as_typed(corpus)
    )


def _groups(classifier: Classifier, translator: Translator) -> list[tuple[str, str]]:
    """What is proven of each group that has thresholds of its own, beside what the common ones found."""
    point = classifier.info.manifest.notes.get("operating_point") or {}
    found = point.get("groups")
    if found is None:
        return []
    said = [
        translator(
            N_("{group}, {label}: {found} of {patients} found, {before} by the common ones"),
            group=group,
            label=label,
            found=translator.integer(one["found"]),
            patients=translator.integer(one["patients"]),
            before=translator.integer(one["found_by_common"]),
        )
        for group, labels in found["sensitivity"].items()
        for label, one in labels.items()
    ]
    title = translator(N_("thresholds by {attribute}"), attribute=found["attribute"])
    return [(title if place == 0 else "", one) for place, one in enumerate(said)]
