"""Verbs over models in use: predict."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeGuard, overload

from bert4text.core.errors import ConfigError
from bert4text.core.prediction import Prediction
from bert4text.core.progress import Progress, silent
from bert4text.core.report import SIDE, Report
from bert4text.inference.config import PredictConfig
from bert4text.project import Project
from bert4text.store.trail import record
from bert4text.verbs.entry import Entry, given_raw, says_deidentified
from bert4text.verbs.opening import open_classifier, settings_of

DESTROYED = "key-destroyed"
"""Why a row of a sealed corpus is not answered: its patient's key was destroyed."""

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.data.read import SourceRow
    from bert4text.inference.predict import Counts
    from bert4text.models.classifier import Classifier

    Reports = Path | str | BinaryIO | Corpus | Iterable[Report] | Iterable[str]

RAW = (
    "the model learned from de-identified reports and reads these as they come: deidentify = true puts them "
    "through the same policy, deidentify = false says that they are de-identified already"
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
        UserWarning: the classifier learned from de-identified reports, and nobody said whether these are.

    Returns:
        The predictions; or, with ``out``, how many rows ended how.

    Raises:
        ConfigError: what is given is neither a table nor reports.
        BundleError: the run is damaged or of a newer format.
        DataError: the table cannot be read.
        OutputError: ``out`` exists or cannot be written.
    """
    from bert4text.inference.predict import predict as predicted

    project = project or Project()
    settings = settings_of(PredictConfig, config, project=project)
    opened = open_classifier(classifier, precision=settings.precision)
    if given_raw(opened, reports, settings):
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
    place = _place(reports)
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


def _sealed_rows(place: Path, project: Project) -> list[SourceRow]:
    """The rows of a sealed corpus, opened; one whose key was destroyed has no text."""
    from bert4text.data.read import SourceRow
    from bert4text.data.read_corpus import read_corpus
    from bert4text.data.sealed import open_sealed

    closed = read_corpus(place)
    opened = {report.id: report for report in open_sealed(closed, project.patient_keys)}
    rows = []
    for number, name in enumerate(closed.table["id"].to_pylist(), start=1):
        report = opened.get(name)
        if report is None:
            rows.append(SourceRow(number, name, None, DESTROYED))
        else:  # it is cut already, and of one side
            rows.append(SourceRow(number, name, report.text, side=report.attributes.get(SIDE)))
    return rows


def _batches(
    reports: Reports, settings: PredictConfig, classifier: Classifier, project: Project
) -> Iterable[list[SourceRow]]:
    from bert4text.data.normalize import normalize
    from bert4text.data.read import SourceRow, read_batches
    from bert4text.data.sealed import is_sealed_file, open_sealed

    sides, view = _reading(classifier)
    place = _place(reports)
    if isinstance(place, Path) and is_sealed_file(place):
        return [_sealed_rows(place, project)]
    if place is not None:
        shown = None if sides else view
        batches = read_batches(place, columns=settings.columns, format=settings.format, view=shown)
        if not sides:
            return batches
        return ([each for row in batch for each in _of_sides(row, sides, view)] for batch in batches)
    from bert4text.core.corpus import Corpus

    rows = []
    if isinstance(reports, Corpus):
        reports = open_sealed(reports, project.patient_keys)
    for number, report in enumerate(_each(reports), start=1):
        if isinstance(report, str):
            report = Report(id=str(number), text=report, source_row=number)
        elif not isinstance(report, Report):
            raise _no_reports(report)
        if isinstance(reports, Corpus):  # its reports are cut already, and each of one side
            side = report.attributes.get(SIDE)
            rows.append(SourceRow(row=number, id=report.id, text=report.text, side=side))
        else:
            row = SourceRow(row=number, id=report.id, text=normalize(report.text))
            rows += _of_sides(row, sides, view) if sides else [replace(row, text=view(row.text or ""))]
    return iter([rows])


def _of_sides(row: SourceRow, sides: Sequence[str], view: Callable[[str], str]) -> Iterator[SourceRow]:
    """The row once for each side that the model is asked of, as ``prepare`` cuts it."""
    from bert4text.data.sides import marked, side_view

    for name in sides:
        text = view(side_view(row.text or "", name))
        problem = row.problem or (None if text else "no-text")
        yield replace(row, side=name, text=marked(text, name) if text else None, problem=problem)


def _place(reports: Reports) -> Path | BinaryIO | None:
    """The file or stream to read, or None when the reports themselves are given."""
    if isinstance(reports, str):
        if any(map(str.isspace, reports)) and not os.path.exists(reports):  # noqa: PTH110 - never raises
            raise ConfigError(
                "there is no file of that name",  # which may be the text of a report
                hint="give the path of a table, or texts as a list",
                code="bad-reports",
            )
        return Path(reports)
    return reports if isinstance(reports, Path) or _is_stream(reports) else None


def _is_stream(reports: object) -> TypeGuard[BinaryIO]:
    return hasattr(reports, "read")


def _each(reports: Any) -> Iterable[Any]:
    """Reports one by one; what has no order, or has columns, is none."""
    ordered = isinstance(reports, Iterable) and not isinstance(reports, Mapping | AbstractSet)
    if not ordered or getattr(reports, "ndim", 1) != 1:
        raise _no_reports(reports)
    given: Iterable[Any] = reports
    return given


def _no_reports(found: object) -> ConfigError:
    return ConfigError(
        "reports are {found}, not reports or texts",
        hint="give a list, an array or a column of texts, or the path of a table",
        code="bad-reports",
        found=type(found).__name__,
    )


def _reading(classifier: Classifier) -> tuple[tuple[str, ...], Callable[[str], str]]:
    """New reports are read as those that the model learned from: of which sides, and what is held back."""
    from bert4text.data.config import PrepareConfig

    reading = classifier.info.manifest.notes.get("reading") or {}
    config = PrepareConfig.parse(
        {name: value for name, value in reading.items() if value is not None}, section="prepare"
    )
    sides = tuple(config.sides)
    if not config.holds_back:
        return sides, lambda text: text
    from bert4text.data.visible import visible_text

    return sides, lambda text: visible_text(text, config, labels=classifier.label_space.names)
