"""Verbs over models in use: predict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from bert4text.core.corpus import Corpus
from bert4text.core.errors import ConfigError
from bert4text.core.prediction import Prediction
from bert4text.core.progress import Progress, silent
from bert4text.core.report import Report
from bert4text.inference.config import PredictConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.opening import open_classifier, settings_of

if TYPE_CHECKING:
    from bert4text.data.read import SourceRow
    from bert4text.inference.predict import Counts
    from bert4text.models.classifier import Classifier

Reports = Path | str | BinaryIO | Corpus | Sequence[Report] | Sequence[str]


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
        reports: a table (its path), an open binary stream of JSON lines, a corpus, reports or plain texts.
        config: settings; the project's ``[predict]`` if not given.
        project: the project; none but the defaults if not given.
        out: a file (``.parquet``, ``.csv``, ``.jsonl``), or a function that takes the predictions of each
            unit of 4,096 rows; None gives them as a list.
        overwrite: whether the file may be replaced.
        progress: told how far it is.

    Returns:
        The predictions; or, with ``out``, how many rows ended how.

    Raises:
        BundleError: the run is damaged or of a newer format.
        DataError: the table cannot be read.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.inference.predict import predict as predicted

    project = project or Project()
    settings = settings_of(PredictConfig, config, project=project)
    opened = open_classifier(classifier)
    collected: list[Prediction] = []
    if isinstance(out, Path | str):
        counts = _to_file(opened, reports, Path(out), settings, overwrite=overwrite, progress=progress)
    else:
        write = collected.extend if out is None else out
        counts = predicted(opened, _batches(reports, settings, opened), write=write, progress=progress)
    if not isinstance(out, type(None)):
        details = counts.model_dump(mode="json", exclude={"reasons"})
        record(project.trail, "prediction.batch", subject=opened.digest, details=details)
    return collected if out is None else counts


def _to_file(
    classifier: Classifier,
    reports: Reports,
    target: Path,
    settings: PredictConfig,
    *,
    overwrite: bool,
    progress: Progress,
) -> Counts:
    from bert4text.inference.resume import predict_to_file, source_digest

    source = None
    if settings.resume and isinstance(reports, Path | str):
        from bert4text.data.read import check_source

        check_source(Path(reports))
        source = source_digest(Path(reports), columns=dict(settings.columns), format=settings.format)
    return predict_to_file(
        classifier,
        _batches(reports, settings, classifier),
        target=target,
        source=source,
        format=settings.output_format,
        overwrite=overwrite,
        progress=progress,
    )


def _batches(reports: Reports, settings: PredictConfig, classifier: Classifier) -> Iterator[list[SourceRow]]:
    from bert4text.data.normalize import normalize
    from bert4text.data.read import SourceRow, read_batches

    view = _view(classifier)
    if isinstance(reports, Corpus | Sequence) and not isinstance(reports, str):
        rows = []
        for number, report in enumerate(reports, start=1):
            if isinstance(report, str):
                report = Report(id=str(number), text=report, source_row=number)
            elif not isinstance(report, Report):
                raise ConfigError(
                    "reports are {found}, not reports or texts",
                    code="bad-reports",
                    found=type(report).__name__,
                )
            text = report.text if isinstance(reports, Corpus) else view(normalize(report.text))
            rows.append(SourceRow(row=number, id=report.id, text=text))
        return iter([rows])
    place = Path(reports) if isinstance(reports, str) else reports
    return read_batches(place, columns=settings.columns, format=settings.format, view=view)


def _view(classifier: Classifier) -> Callable[[str], str]:
    """New reports are cut as those that the model learned from: sections held back there stay held back."""
    from bert4text.data.config import PrepareConfig
    from bert4text.data.visible import visible_text

    reading = classifier.info.manifest.notes.get("reading") or {}
    config = PrepareConfig.parse(
        {name: value for name, value in reading.items() if value is not None}, section="prepare"
    )
    return lambda text: visible_text(text, config)
