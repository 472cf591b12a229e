"""The stream: one prediction for each row, in order, whatever the rows and the classifier do."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bert4text.core.errors import DataError, ModelError, NotCalibratedError
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Prediction, prediction_key
from bert4text.data.read import SourceRow as Row
from bert4text.inference.predict import UNIT_ROWS, answer, predict, units


class Lengths:
    """Answers by the length of the text; breaks where it is told to."""

    label_space = LabelSpace(task="binary", names=("short", "long"))
    digest = "5be0c1d2a3f44e17" * 4

    def __init__(self, *, breaks_on=None, error=RuntimeError):
        self.calls = []
        self._breaks_on = breaks_on
        self._error = error

    def predict(self, reports):
        self.calls.append(len(reports))
        if any(self._breaks_on is not None and self._breaks_on in report.text for report in reports):
            raise self._error("the text is: " + reports[0].text)
        return [self._answer(report) for report in reports]

    def _answer(self, report):
        high = min(len(report.text), 100) / 100
        return Prediction(
            id=report.id,
            row=report.source_row,
            label="long" if high > 0.5 else "short",
            probability=max(high, 1 - high),
            probabilities=(1 - high, high),
            tokens=len(report.text),
            windows=1,
            model=self.digest[:16],
            key=prediction_key(self.digest[:16], report.id, report.text),
        )


def rows_of(n, text="nódulo"):
    return [Row(row=i + 1, id=f"R{i}", text=f"{text} {i}") for i in range(n)]


def run(classifier, batches, **options):
    predictions = []
    counts = predict(classifier, batches, write=predictions.extend, **options)
    return predictions, counts


def test_units_are_4096_rows_however_the_batches_come():
    assert UNIT_ROWS == 4096
    classifier = Lengths()
    rows = rows_of(10_000)
    _, counts = run(classifier, [rows[:1], rows[1:5000], [], rows[5000:]])
    assert classifier.calls == [4096, 4096, 1808]
    assert counts.rows == counts.ok == 10_000


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(), max_size=7), max_size=9), st.integers(1, 5))
def test_units_hold_every_row_once_in_order(batches, rows):
    cut = list(units(batches, rows=rows))
    assert [row for unit in cut for row in unit] == [row for batch in batches for row in batch]
    assert all(len(unit) == rows for unit in cut[:-1])
    assert all(cut)


texts = st.none() | st.text(max_size=8) | st.sampled_from(["", " \n", "bad", "half \ud800", "\x00", "á" * 60])


@settings(max_examples=150)
@given(st.lists(st.tuples(texts, st.sampled_from([None, None, "too-long"])), max_size=20))
def test_no_row_is_lost_and_none_changes_its_place(cells):
    rows = [Row(i + 1, f"id {i}", text, problem) for i, (text, problem) in enumerate(cells)]
    good = [
        row
        for row in rows
        if row.problem is None and row.text and row.text.strip() and "\ud800" not in row.text
    ]
    assume(len(good) < 2 or not all("bad" in row.text for row in good))
    predictions, counts = run(Lengths(breaks_on="bad"), [rows])
    assert [(p.row, p.id) for p in predictions] == [(row.row, row.id) for row in rows]
    assert counts.rows == len(rows) == counts.ok + counts.failed
    assert sum(counts.reasons.values()) == counts.failed
    for row, prediction in zip(rows, predictions, strict=True):
        assert (prediction.status == "ok") == (row in good and "bad" not in row.text)
        assert (prediction.reason is None) == (prediction.status == "ok")
        assert prediction.model == Lengths.digest[:16]
        assert len(prediction.key) == 16


def test_a_row_that_cannot_be_classified_says_why():
    rows = [
        Row(1, "a", "fine"),
        Row(2, "b", None),
        Row(3, "c", "  "),
        Row(4, "d", None, "too-many-fields"),
        Row(5, "e", "poison"),
        Row(6, "f", "half \udfff"),
        Row(7, "g \udfff", "fine too"),
    ]
    predictions, counts = run(Lengths(breaks_on="poison"), [rows])
    assert [prediction.reason for prediction in predictions] == [
        None, "no-text", "no-text", "too-many-fields", "classifier-error", "bad-characters", None,
    ]  # fmt: skip
    assert predictions[6].id == "g \ufffd"
    assert counts.model_dump() == {
        "rows": 7,
        "cut": 0,
        "ok": 2,
        "abstained": 0,
        "out_of_scope": 0,
        "failed": 5,
        "reasons": {
            "bad-characters": 1, "classifier-error": 1, "no-text": 2, "too-many-fields": 1,
        },
        "resumed": 0,
        "tokens": 12,
        "common": 0,
    }  # fmt: skip


def test_an_error_about_one_report_keeps_its_code():
    def refusal(message):
        return DataError("a text is too long", code="text-too-long")

    rows = [*rows_of(3), Row(4, "x", "poison")]
    predictions, _ = run(Lengths(breaks_on="poison", error=refusal), [rows])
    assert [prediction.reason for prediction in predictions] == [None, None, None, "text-too-long"]


def test_a_classifier_that_breaks_on_everything_is_an_error_without_text():
    with pytest.raises(ModelError, match="failed on each of 3 reports") as caught:
        run(Lengths(breaks_on="nódulo"), [rows_of(3)])
    assert "nódulo" not in str(caught.value)
    assert "nódulo" not in repr(caught.value.__cause__)
    assert caught.value.error_code == "classifier-error"


def test_an_error_of_the_model_is_not_blamed_on_a_report():
    def uncalibrated(message):
        return NotCalibratedError("no calibration")

    with pytest.raises(NotCalibratedError):
        run(Lengths(breaks_on="nódulo", error=uncalibrated), [rows_of(3)])


def test_an_answer_too_few_is_noticed_and_rows_are_put_right():
    class Short(Lengths):
        def predict(self, reports):
            return super().predict(reports)[1:]

    class Careless(Lengths):
        def predict(self, reports):
            return [
                prediction.model_copy(update={"row": 0, "id": "?"}) for prediction in super().predict(reports)
            ]

    with pytest.raises(ModelError, match="gave 2 answers to 3 reports"):
        run(Short(), [rows_of(3)])
    predictions, _ = run(Careless(), [rows_of(3)])
    assert [(prediction.row, prediction.id) for prediction in predictions] == [
        (1, "R0"),
        (2, "R1"),
        (3, "R2"),
    ]


def test_a_probability_that_is_no_number_is_a_failure():
    class Diverged(Lengths):
        def predict(self, reports):
            answers = super().predict(reports)
            answers[0] = answers[0].model_copy(update={"probabilities": (float("nan"), 1.0)})
            return answers

    predictions = answer(Diverged(), rows_of(2))
    assert [(p.status, p.reason) for p in predictions] == [("failed", "not-finite"), ("ok", None)]
    assert predictions[0].probabilities is None


def test_statuses_are_counted():
    class Doubtful(Lengths):
        def predict(self, reports):
            told = [("abstained", "uncertain"), ("out-of-scope", "far"), ("ok", None)]
            return [
                prediction.model_copy(update={"status": status, "reason": reason})
                for prediction, (status, reason) in zip(super().predict(reports), told, strict=True)
            ]

    _, counts = run(Doubtful(), [rows_of(3)])
    assert (counts.ok, counts.abstained, counts.out_of_scope, counts.failed) == (1, 1, 1, 0)
    assert counts.reasons == {"far": 1, "uncertain": 1}


def test_a_stream_is_answered_unit_by_unit_and_told_of():
    drawn, seen = [], []

    def batches():
        for start in range(3):
            drawn.append(start)
            yield rows_of(UNIT_ROWS)

    class Bar:
        def __init__(self):
            self.told = []

        def task(self, label, total=None):
            self.told.append((label, total))
            return self

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def advance(self, n=1):
            self.told.append(n)

    bar = Bar()
    predict(
        Lengths(),
        batches(),
        write=lambda unit: seen.append((len(drawn), len(unit))),
        progress=bar,
        total=3 * UNIT_ROWS,
    )
    assert [rows for _, rows in seen] == [UNIT_ROWS] * 3
    assert all(read <= unit + 1 for unit, (read, _) in enumerate(seen, start=1))  # one is read ahead
    assert bar.told == [("classifying reports", 3 * UNIT_ROWS), UNIT_ROWS, UNIT_ROWS, UNIT_ROWS]


def test_nothing_in_gives_nothing_out():
    predictions, counts = run(Lengths(), [])
    assert predictions == []
    assert counts.rows == 0
