"""Classify a stream of reports: the same order, one prediction for each row, memory flat."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from pydantic import Field

from bert4text.core.beside import ahead
from bert4text.core.config import Record
from bert4text.core.errors import Bert4TextError, DataError, ModelError
from bert4text.core.executor import Executor, local
from bert4text.core.prediction import Prediction, Predictor, prediction_key
from bert4text.core.progress import Progress, hearing, silent
from bert4text.core.report import SIDE, Report

if TYPE_CHECKING:
    from bert4text.data.read import SourceRow

UNIT_ROWS = 4096
"""Consecutive rows of one unit: of work, of resume and of determinism. Batches never cross it."""


_HALVES = re.compile("[\ud800-\udfff]")


class Model(Predictor, Protocol):
    """A predictor that says which model it is."""

    @property
    def digest(self) -> str:
        """The bundle's digest, hex."""


class Counts(Record):
    """What became of the rows.

    Attributes:
        rows: how many there were; every one has a prediction, or one for each side.
        ok, abstained, out_of_scope, failed: how many of each status.
        reasons: why rows are not ``ok``: code -> how many.
        resumed: rows whose predictions a killed run had left behind.
        tokens: of all texts that were read.
        cut: rows of whose text some tokens were not read.
        common: rows that were answered by the common thresholds, of a model that has some by group.
    """

    rows: int = 0
    ok: int = 0
    abstained: int = 0
    out_of_scope: int = 0
    failed: int = 0
    reasons: dict[str, int] = Field(default_factory=dict)
    resumed: int = 0
    tokens: int = 0
    cut: int = 0
    common: int = 0


class Tally:
    """Counts statuses, reasons, tokens, what was not read and whose thresholds it were, as they go by."""

    def __init__(self) -> None:
        self._statuses: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._tokens = 0
        self._cut = 0
        self._common = 0

    def add(self, answers: Iterable[tuple[str, str | None, int | None, int | None, str | None]]) -> None:
        """Count statuses, reasons, tokens, rows with tokens that were not read, and common thresholds."""
        for status, reason, tokens, unread, point in answers:
            self._statuses[status] += 1
            self._common += point == "common"
            self._tokens += tokens or 0
            self._cut += bool(unread)
            if reason is not None:
                self._reasons[reason] += 1

    def counts(self, *, resumed: int = 0) -> Counts:
        """What was counted."""
        return Counts(
            rows=self._statuses.total(),
            ok=self._statuses["ok"],
            abstained=self._statuses["abstained"],
            out_of_scope=self._statuses["out-of-scope"],
            failed=self._statuses["failed"],
            reasons=dict(sorted(self._reasons.items())),
            resumed=resumed,
            tokens=self._tokens,
            cut=self._cut,
            common=self._common,
        )


def predict(
    classifier: Model,
    batches: Iterable[Sequence[SourceRow]],
    *,
    write: Callable[[Sequence[Prediction]], object],
    executor: Executor = local,
    progress: Progress = silent,
    total: int | None = None,
) -> Counts:
    """Classify rows as they come and hand the predictions on, unit by unit.

    A row without a text, or one the classifier cannot answer, gets the status ``failed`` and a reason;
    none is lost and none changes its place. The next unit is read while one is classified.

    Args:
        classifier: what answers.
        batches: rows as ``data.read.read_batches`` yields them; units are cut anew, so any sizes do.
        write: takes the predictions of a unit, for example ``writer.append`` or ``list.extend``.
        executor: where units are classified.
        progress: told after each batch.
        total: how many rows there are, if known.

    Raises:
        ModelError: the classifier answers no report of a unit, or not one for each.
    """
    tally = Tally()
    with progress.task("classifying reports", total) as task, hearing(task) as ended:
        for predictions in executor.map(partial(answer, classifier), ahead(units(batches))):
            write(predictions)
            tally.add(
                (each.status, each.reason, each.tokens, each.unread, each.point) for each in predictions
            )
            ended(len(predictions))
    return tally.counts()


def units(batches: Iterable[Sequence[SourceRow]], *, rows: int = UNIT_ROWS) -> Iterator[list[SourceRow]]:
    """Cut batches of any size into units of ``rows`` consecutive rows; the last may be shorter."""
    unit: list[SourceRow] = []
    for batch in batches:
        for row in batch:
            unit.append(row)
            if len(unit) == rows:
                yield unit
                unit = []
    if unit:
        yield unit


def answer(classifier: Model, rows: Sequence[SourceRow]) -> list[Prediction]:
    """The predictions of one unit, one for each row, in order.

    Raises:
        ModelError: the classifier answers no report of the unit, or not one for each.
    """
    problems = [_problem(row) for row in rows]
    readable = zip(rows, problems, strict=True)
    answered = iter(_classify(classifier, [_report(row) for row, problem in readable if problem is None]))
    return [
        next(answered) if problem is None else _failed(classifier, _report(row), reason=problem)
        for row, problem in zip(rows, problems, strict=True)
    ]


def _report(row: SourceRow) -> Report:
    attributes = {**row.attributes, **({} if row.side is None else {SIDE: row.side})}
    return Report.model_construct(
        id=_clean(row.id), text=row.text or "", source_row=row.row, attributes=attributes
    )


def _problem(row: SourceRow) -> str | None:
    """Why a row has nothing to classify: a code, or None."""
    if row.problem is not None:
        return row.problem
    if row.text is None or not row.text.strip():
        return "no-text"
    return None if row.text == _clean(row.text) else "bad-characters"


def _classify(classifier: Model, reports: list[Report]) -> list[Prediction]:
    if not reports:
        return []
    predictions = _isolated(classifier, reports)
    if len(reports) > 1 and all(prediction.reason == "classifier-error" for prediction in predictions):
        raise ModelError(
            "the classifier failed on each of {count} reports",
            hint="the model may be damaged, or memory too small: try another model or machine",
            code="classifier-error",
            count=len(reports),
        )
    return predictions


def _isolated(classifier: Model, reports: list[Report]) -> list[Prediction]:
    """Answer reports; where the classifier breaks, halve until the report that breaks it stands alone."""
    try:
        predictions = list(classifier.predict(reports))
    except DataError as error:
        reason = error.error_code
    except Bert4TextError:
        raise
    except Exception:
        reason = "classifier-error"
    else:
        return _matched(classifier, reports, predictions)
    if len(reports) == 1:
        return [_failed(classifier, reports[0], reason=reason)]
    middle = len(reports) // 2
    return _isolated(classifier, reports[:middle]) + _isolated(classifier, reports[middle:])


def _matched(classifier: Model, reports: list[Report], predictions: list[Prediction]) -> list[Prediction]:
    if len(predictions) != len(reports):
        raise ModelError(
            "the classifier gave {found} answers to {wanted} reports",
            code="answers-missing",
            found=len(predictions),
            wanted=len(reports),
        )
    matched = []
    for report, prediction in zip(reports, predictions, strict=True):
        known = {"id": report.id, "row": report.source_row or 0, "side": report.attributes.get(SIDE)}
        if any(not math.isfinite(value) for value in prediction.probabilities or ()):
            prediction = _failed(classifier, report, reason="not-finite")
        elif any(getattr(prediction, name) != value for name, value in known.items()):
            prediction = prediction.model_copy(update=known)
        matched.append(prediction)
    return matched


def _failed(classifier: Model, report: Report, *, reason: str) -> Prediction:
    model = classifier.digest[:16]
    return Prediction(
        id=report.id,
        row=report.source_row or 0,
        side=report.attributes.get(SIDE),
        status="failed",
        reason=reason,
        model=model,
        key=prediction_key(model, report.id, report.text),
    )


def _clean(text: str) -> str:
    """The text with what no UTF-8 file can hold (halves of characters) replaced by U+FFFD."""
    return _HALVES.sub("\ufffd", text)
