"""Prediction: the answer for one report; Predictor: what gives it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from bert4text.core.config import Record
from bert4text.core.digest import canonical, sha256
from bert4text.core.labels import LabelSpace
from bert4text.core.report import Report

Status = Literal["ok", "abstained", "out-of-scope", "failed"]
Score = Literal["lac", "aps", "raps"]
"""How badly a label suits a report, for prediction sets."""
Promise = Literal["overall", "each-label"]
"""Whose true label is in the prediction set as often as promised: that of all reports, or of each label's."""


class Manner(Record):
    """How answers are given: what else is told with them, and which are left to a person.

    Attributes:
        coverage: what prediction sets promise: the share of reports whose true label is in the set; None is
            0.9, or the promise nearest to it that there is.
        promise: of all reports, or of the reports of each label; None takes the latter where each label had
            calibration reports enough.
        abstain: leave reports to a person ``never``, where several labels cannot be excluded (``several``),
            or where the model is not sure enough for its risk (``unsure``); ``auto`` is the last where a
            risk was set, else never.
        guard: whether reports unlike those of calibration are left to a person.
    """

    coverage: float | None = None
    promise: Promise | None = None
    abstain: Literal["auto", "never", "several", "unsure"] = "auto"
    guard: bool = True


class Prediction(Record):
    """The answer for one report; nothing in it is text of the report.

    Attributes:
        id: the report's id, an identifier.
        row: row of the source, from 1.
        side: which side of the report is meant, where the question is asked of each.
        status: ``ok``, ``abstained``, ``out-of-scope`` or ``failed``.
        reason: a code, when not ``ok``.
        label: the answer; None if abstained or multilabel.
        labels: the answers of a multilabel question.
        probability: of ``label``, calibrated.
        probabilities: in the order of the label space.
        prediction_set: labels that cannot be excluded; None if not calibrated for it.
        tokens, windows: how long the report was, and in how many windows it was read.
        unread: how many of its tokens stood in no window; 0 where it was read whole.
        point: by whose thresholds it was answered, those of the patient's ``group`` or the ``common`` ones;
            None where the model has the same for all. Which group is not told.
        model: first 16 hex of the bundle's digest.
        key: first 16 hex of SHA-256 over model, id and the text's SHA-256; the subject of feedback.
    """

    id: str
    row: int
    side: str | None = None
    status: Status = "ok"
    reason: str | None = None
    label: str | None = None
    labels: tuple[str, ...] | None = None
    probability: float | None = None
    probabilities: tuple[float, ...] | None = None
    prediction_set: tuple[str, ...] | None = None
    tokens: int = 0
    windows: int = 0
    unread: int = 0
    point: Literal["group", "common"] | None = None
    model: str = ""
    key: str = ""

    def __repr__(self) -> str:
        side = "" if self.side is None else f"side={self.side!r}, "
        return f"Prediction(row={self.row}, {side}status={self.status!r}, label={self.label!r})"

    __str__ = __repr__


def prediction_key(model: str, report_id: str, text: str) -> str:
    """The name of a prediction: the same model, report and text give the same key."""
    return sha256(canonical([model, report_id, sha256(text.encode("utf-8", "surrogatepass"))]))[:16]


class Predictor(Protocol):
    """Anything that answers reports in order, one answer for each."""

    @property
    def label_space(self) -> LabelSpace:
        """The question it answers."""

    def predict(self, reports: Sequence[Report]) -> Iterable[Prediction]:
        """Answer each report, in order."""
