"""Verbs over models in use: predict."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from bert4text.core.prediction import Manner, Prediction
from bert4text.core.progress import Progress, silent
from bert4text.inference.config import PredictConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.entry import Entry, given_raw, says_deidentified
from bert4text.verbs.given import DESTROYED, batches_of, place_of, view_of
from bert4text.verbs.opening import open_classifier, settings_of

if TYPE_CHECKING:
    from bert4text.data.read import SourceRow
    from bert4text.inference.predict import Counts
    from bert4text.models.classifier import Classifier
    from bert4text.verbs.given import Reports

RAW = (
    "the model learned from de-identified reports and reads these as they come: deidentify = true puts them "
    "through the same policy, deidentify = false says that they are de-identified already"
)

NO_GROUP = (
    "the model has thresholds by group of patients, and none of these reports tells a group that it knows: "
    "all were answered by the common thresholds"
)


@overload
def predict(
    classifier: Classifier | Path | str,
    reports: Reports,
    *,
    config: PredictConfig | Mapping[str, Any] | None = ...,
    project: Project | None = ...,
    out: None = ...,
    overwrite: bool = ...,
    progress: Progress = ...,
) -> list[Prediction]: ...


@overload
def predict(
    classifier: Classifier | Path | str,
    reports: Reports,
    *,
    config: PredictConfig | Mapping[str, Any] | None = ...,
    project: Project | None = ...,
    out: Path | str | Callable[[Sequence[Prediction]], object],
    overwrite: bool = ...,
    progress: Progress = ...,
) -> Counts: ...


def predict(
    classifier: Classifier | Path | str,
    reports: Reports,
    *,
    config: PredictConfig | Mapping[str, Any] | None = None,
    project: Project | None = None,
    out: Path | str | Callable[[Sequence[Prediction]], object] | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> list[Prediction] | Counts:
    """Classify reports in a stream: the same order, one answer for each, none lost.

    Args:
        classifier: the classifier, or the folder of its run.
        reports: a table (its path), an open binary stream of JSON lines, a corpus, reports or plain texts
            (a list, an array, a column).
        config: settings; the project's ``[predict]`` if not given.
        project: the project; none but the defaults if not given.
        out: a file (``.parquet``, ``.csv``, ``.jsonl``), or a function that takes the predictions of each
            unit of 4,096 rows; None gives them as a list.
        overwrite: whether the file may be replaced.
        progress: told how far it is.

    Warns:
        UserWarning: the classifier learned from de-identified reports, and nobody said whether these are; or
            it has thresholds by group, and no report tells a group that it knows.

    Returns:
        The predictions; or, with ``out``, how many rows ended how.

    Raises:
        ConfigError: what is given is neither a table nor reports.
        BundleError: the run is damaged or of a newer format.
        NotCalibratedError: it cannot abstain as asked, or promise as much.
        DataError: the table cannot be read.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.inference.predict import predict as predicted

    project = project or Project()
    settings = settings_of(PredictConfig, config, project=project)
    opened = open_classifier(classifier, precision=settings.precision)
    if settings.manner != Manner():  # else it answers in its own manner
        opened = opened.answering(settings.manner)
    if given_raw(opened, reports, deidentify=settings.deidentify):
        warnings.warn(RAW, UserWarning, stacklevel=2)
    wanted = settings.deidentify and not says_deidentified(reports)
    entry = Entry(opened, project) if wanted else None
    collected: list[Prediction] = []
    if isinstance(out, Path | str):
        counts = _to_file(
            opened,
            reports,
            Path(out),
            settings,
            entry,
            project=project,
            overwrite=overwrite,
            progress=progress,
        )
    else:
        write = collected.extend if out is None else out
        batches = _entered(_batches(reports, settings, opened, project), entry)
        counts = predicted(opened, batches, write=write, progress=progress)
    if counts.common and counts.common == counts.rows - counts.failed:
        warnings.warn(NO_GROUP, UserWarning, stacklevel=2)
    if out is not None:
        details = counts.model_dump(mode="json", exclude={"reasons"})
        if entry is not None:
            details["deidentified"] = entry.policy
        record(project.trail, "prediction.batch", subject=opened.digest, details=details)
    return collected if out is None else counts


def _to_file(
    classifier: Classifier,
    reports: Reports,
    target: Path,
    settings: PredictConfig,
    entry: Entry | None,
    *,
    project: Project,
    overwrite: bool,
    progress: Progress,
) -> Counts:
    from bert4text.inference.resume import predict_to_file, source_digest

    source = None
    place = place_of(reports)
    batches = _batches(reports, settings, classifier, project)
    if settings.resume and isinstance(place, Path):
        from bert4text.data.read import check_source

        check_source(place)
        source = source_digest(
            place,
            columns={**settings.columns, **_unopened(batches)},
            format=settings.format,
            precision=classifier.backend.precision,
            entry=None if entry is None else entry.digest,
            manner=classifier.manner.model_dump(mode="json"),
        )
    return predict_to_file(
        classifier,
        _entered(batches, entry),
        target=target,
        source=source,
        format=settings.output_format,
        overwrite=overwrite,
        progress=progress,
    )


def _entered(batches: Iterable[list[SourceRow]], entry: Entry | None) -> Iterable[list[SourceRow]]:
    return batches if entry is None else entry(batches)


def _unopened(batches: Iterable[list[SourceRow]]) -> dict[str, str]:
    """What answers to a sealed corpus hang on beside its file: how many of its reports still open."""
    if not isinstance(batches, list):
        return {}
    return {"unopened": str(sum(row.problem == DESTROYED for rows in batches for row in rows))}


def _batches(
    reports: Reports, settings: PredictConfig, classifier: Classifier, project: Project
) -> Iterable[list[SourceRow]]:
    return batches_of(
        reports,
        view_of(classifier),
        columns=settings.columns,
        format=settings.format,
        project=project,
    )
