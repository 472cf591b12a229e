"""The reports that a verb is given, whatever they are, as rows; and how a classifier reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeGuard

from bert4text.core.errors import ConfigError, DataError
from bert4text.core.report import SIDE, Report
from bert4text.project import Project

DESTROYED = "key-destroyed"
"""Why a row of a sealed corpus is not answered: its patient's key was destroyed."""

if TYPE_CHECKING:
    from bert4text.core.corpus import Corpus
    from bert4text.data.read import SourceRow
    from bert4text.models.classifier import Classifier

    Reports = Path | str | BinaryIO | Corpus | Iterable[Report] | Iterable[str]


class View(NamedTuple):
    """How a classifier reads new reports: as those that it learned from were read.

    Attributes:
        sides: of which each report is read on its own; none where it is read once.
        shown: gives what the classifier is shown of a report.
        whole: whether that is all of it.
        attributes: of the patient that its answer hangs on, beside the text.
    """

    sides: tuple[str, ...]
    shown: Callable[[str], str]
    whole: bool = True
    attributes: tuple[str, ...] = ()

    def known(self, report: Report) -> dict[str, str]:
        """What it may know of the patient of a report."""
        told = report.attributes
        return {name: told[name] for name in self.attributes if told.get(name)}


def _sealed_rows(place: Path, view: View, project: Project) -> list[SourceRow]:
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
            side = report.attributes.get(SIDE)
            rows.append(SourceRow(number, name, report.text, side=side, attributes=view.known(report)))
    return rows


def batches_of(
    reports: Reports,
    view: View,
    *,
    columns: Mapping[str, str],
    format: str | None,  # noqa: A002 - as the setting is called
    project: Project,
) -> Iterable[list[SourceRow]]:
    """Reports as rows, in order; of a corpus as they stand in it, since they are cut already.

    Args:
        reports: as a verb takes them.
        view: how they are read.
        columns: which column of a table holds what.
        format: of a table.
        project: whose keys open sealed reports.

    Raises:
        ConfigError: what is given is neither a table nor reports.
        DataError: the table cannot be read.
    """
    from bert4text.data.normalize import normalize
    from bert4text.data.read import SourceRow, read_batches
    from bert4text.data.sealed import is_sealed_file, open_sealed

    sides, shown = view.sides, view.shown
    place = place_of(reports)
    if isinstance(place, Path) and is_sealed_file(place):
        return [_sealed_rows(place, view, project)]
    if place is not None:
        batches = read_batches(
            place,
            columns=columns,
            format=format,
            view=None if sides else shown,
            attributes=view.attributes,
        )
        if not sides:
            return batches
        return ([each for row in batch for each in of_sides(row, view)] for batch in batches)
    from bert4text.core.corpus import Corpus

    rows = []
    if isinstance(reports, Corpus):
        reports = open_sealed(reports, project.patient_keys)
    for number, report in enumerate(_each(reports), start=1):
        if isinstance(report, str):
            report = Report(id=str(number), text=report, source_row=number)
        elif not isinstance(report, Report):
            raise _no_reports(report)
        known = view.known(report)
        if isinstance(reports, Corpus):  # its reports are cut already, and each of one side
            side = report.attributes.get(SIDE)
            rows.append(SourceRow(number, report.id, report.text, side=side, attributes=known))
        else:
            row = SourceRow(number, report.id, normalize(report.text), attributes=known)
            rows += of_sides(row, view) if sides else [replace(row, text=shown(row.text or ""))]
    return iter([rows])


def chosen(
    batches: Iterable[Sequence[SourceRow]], ids: Collection[str] | None
) -> Iterator[Sequence[SourceRow]]:
    """The rows of some ids, all of which must be there; all rows where no ids are given.

    Args:
        batches: rows.
        ids: those wanted, or None.

    Raises:
        DataError: an id is not there.
    """
    if ids is None:
        yield from batches
        return
    wanted = set(ids)
    missing = set(ids)
    for batch in batches:
        found = [row for row in batch if row.id in wanted]
        missing -= {row.id for row in found}
        if found:
            yield found
    if missing:
        raise DataError(
            "{count} of the {asked} reports asked for are not there",
            hint="ids are those of the column id, or numbers of rows where there is none",
            code="unknown-id",
            count=len(missing),
            asked=len(wanted),
        )


def of_sides(row: SourceRow, view: View) -> Iterator[SourceRow]:
    """The row once for each side that the model is asked of, as ``prepare`` cuts it."""
    for name in view.sides:
        text = shown_of(row.text or "", name, view)
        problem = row.problem or (None if text else "no-text")
        yield replace(row, side=name, text=text or None, problem=problem)


def shown_of(text: str, side: str | None, view: View) -> str:
    """What a classifier is shown of a report, or of one side of it; empty where nothing is.

    Args:
        text: the report, normalized.
        side: one of the sides of the view, or None where it has none.
        view: how reports are read.
    """
    if side is None:
        return view.shown(text)
    from bert4text.data.sides import marked, side_view

    told = view.shown(side_view(text, side))
    return marked(told, side) if told else ""


def place_of(reports: Reports) -> Path | BinaryIO | None:
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


def view_of(classifier: Classifier) -> View:
    """How a classifier reads new reports: of which sides, and what is held back."""
    from bert4text.data.config import PrepareConfig

    reading = classifier.info.manifest.notes.get("reading") or {}
    config = PrepareConfig.parse(
        {name: value for name, value in reading.items() if value is not None}, section="prepare"
    )
    sides = tuple(config.sides)
    groups = classifier.calibrator.groups
    attributes = () if groups is None else (groups.attribute,)
    if not config.holds_back:
        return View(sides, lambda text: text, attributes=attributes)
    from bert4text.data.visible import visible_text

    names = classifier.label_space.names
    return View(
        sides, lambda text: visible_text(text, config, labels=names), whole=False, attributes=attributes
    )
