"""Commands that use a model: predict."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bert4text.cli import render
from bert4text.cli.columns import Columns
from bert4text.cli.options import Deidentify, Session, common
from bert4text.core.messages import N_

if TYPE_CHECKING:
    from bert4text.core.labels import LabelSpace
    from bert4text.core.prediction import Prediction
    from bert4text.models.classifier import Classifier

LONG = 5.0
"""Seconds of work from which a share of the processor's peak is told; it takes a moment to measure."""


@common()
def predict(
    session: Session,
    run: Annotated[Path, typer.Argument(metavar="RUN", help=N_("A run made by train."))],
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help=N_("Table of reports; - reads JSON lines from stdin.")),
    ] = "-",
    columns: Columns = None,
    precision: Annotated[
        str | None, typer.Option("--precision", metavar="NAME", help=N_("float32 or bfloat16."))
    ] = None,
    deidentify: Deidentify = None,
) -> None:
    """Run the verb; without ``-o`` the predictions go to stdout as JSON lines, unit by unit."""
    from bert4text.verbs.entry import given_raw, lacks_names
    from bert4text.verbs.opening import open_classifier
    from bert4text.verbs.use import predict as verb

    session.set_columns("predict", columns)
    session.set("predict.precision", precision)
    session.set("predict.deidentify", deidentify)
    project = session.project
    classifier = open_classifier(run, precision=project.section("predict").precision)
    reports = sys.stdin.buffer if source == "-" else Path(source)
    if source == "-" and sys.stdin.isatty():
        session.screen.remark(N_("reading JSON lines from the keyboard; Ctrl-D ends them"))
    if given_raw(classifier, reports, deidentify=project.section("predict").deidentify):
        session.screen.remark(
            N_(
                "the model learned from de-identified reports and reads these as they come: --deidentify "
                "puts them through the same policy, --no-deidentify says that they are de-identified already"
            )
        )
    if project.section("predict").deidentify and lacks_names(classifier):
        session.screen.remark(
            N_(
                "the model's reports were de-identified with the given names of the census, which are not "
                "installed here: fewer names are found (bert4text[deid])"
            )
        )
    lines = JsonLines(session, classifier.label_space)
    started = time.perf_counter()
    counts = verb(
        classifier,
        reports,
        project=project,
        out=lines if session.out is None else session.out,
        overwrite=session.overwrite,
        progress=session.progress,
    )
    seconds = time.perf_counter() - started
    nobody = counts.common and counts.common == counts.rows - counts.failed
    if nobody and (groups := classifier.calibrator.groups) is not None:
        session.screen.remark(
            N_(
                "no report tells a {attribute} that the model has thresholds for: all were answered by the "
                "common ones; --columns {attribute}=NAME says where it stands"
            ),
            attribute=groups.attribute,
        )
    if session.out is None:
        session.screen.remark(
            N_("{rows} reports: {ok} answered, {left} left to a person, {failed} failed"),
            left=counts.abstained + counts.out_of_scope,
            **counts.model_dump(),
        )
        if counts.cut:
            session.screen.remark(N_("reports that were not read whole: {cut} (see unread)"), cut=counts.cut)
        if counts.common:
            session.screen.remark(
                N_("reports answered by the common thresholds: {common} (see point)"), common=counts.common
            )
    elif session.screen.json:
        session.screen.document({"format": "predictions-summary/1", **counts.model_dump(mode="json")})
    else:
        session.screen.show(
            render.counts_table(
                counts,
                session.screen.translator,
                seconds=seconds,
                share=_share(classifier, counts.tokens / seconds) if seconds >= LONG else None,
            )
        )
        session.screen.remark(N_("written: {name}"), name=session.out.name)


def _share(classifier: Classifier, rate: float) -> float | None:
    """What a model multiplied at a rate of tokens, of what this processor multiplies in 32 bits."""
    weights = classifier.info.manifest.notes.get("token_weights")
    if weights is None or classifier.delivered == "tfidf":
        return None
    from bert4text.inference.peak import multiplied

    return 2.0 * float(weights) * rate / 1e9 / multiplied()


class JsonLines:
    """Writes each unit of predictions to stdout, one JSON object a line, as ``predictions/1`` items."""

    def __init__(self, session: Session, label_space: LabelSpace) -> None:
        self._session = session
        self._label_space = label_space

    def __call__(self, predictions: Sequence[Prediction]) -> None:
        """Write a unit."""
        from bert4text.data.write_predictions import as_json, to_table

        for row in to_table(predictions).to_pylist():
            self._session.screen.document(as_json(row, self._label_space), indent=None)
        self._session.screen.stdout.flush()
