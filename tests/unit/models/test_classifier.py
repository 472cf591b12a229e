from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bert4text.core.errors import ModelError
from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import prediction_key
from bert4text.core.report import Report
from bert4text.models.backends import Output
from bert4text.models.calibration import Calibrator
from bert4text.models.classifier import Classifier
from bert4text.models.linear_backend import LinearBackend

SPACE = LabelSpace(task="multiclass", names=("a", "b", "c"))


class Lengths:
    """A backend whose logits are made of the text's length; texts that say ``nan`` break it."""

    name = "torch"
    precision = "float32"
    settings: dict[str, Any] = {"window": 8, "stride": 4, "pooling": "mean"}  # noqa: RUF012 - a test double

    def forward(self, texts: Sequence[str]) -> Output:
        n = len(texts)
        logits = np.array([[len(text) % 3, 1, len(text) % 5] for text in texts], dtype=np.float32)
        logits = logits.reshape(n, 3)
        logits[[index for index, text in enumerate(texts) if "nan" in text]] = np.nan
        sizes = np.array([len(text) for text in texts], dtype=np.int32)
        return Output(logits=logits, embedding=None, tokens=sizes, windows=np.ones(n, dtype=np.int32))

    def save(self, folder: Path, *, multilabel: bool = False) -> None:
        raise AssertionError("not asked for")


def _linear(k: int = 3) -> LinearBackend:
    none = np.zeros((k, 0))
    return LinearBackend({}, idf=np.zeros(0), weights=none, intercepts=np.arange(k, dtype=float))


def _reports(*texts: str, row: int | None = 10) -> list[Report]:
    return [
        Report(id=f"R{i}", text=text, source_row=None if row is None else row + i)
        for i, text in enumerate(texts)
    ]


def test_answers_each_report_in_order() -> None:
    classifier = Classifier(SPACE, Lengths(), Calibrator(), digest="ab" * 32)
    reports = _reports("xx", "xxxx", "x")
    predictions = classifier.predict(reports)
    wanted = classifier.probabilities([report.text for report in reports])
    for place, prediction in enumerate(predictions):
        assert (prediction.id, prediction.row, prediction.status) == (f"R{place}", 10 + place, "ok")
        np.testing.assert_array_equal(prediction.probabilities, wanted[place])
        assert prediction.label == SPACE.names[wanted[place].argmax()]
        assert prediction.probability == wanted[place].max()
        assert prediction.tokens == len(reports[place].text)
        assert prediction.model == "ab" * 8
        assert prediction.key == prediction_key("ab" * 8, f"R{place}", reports[place].text)


def test_a_report_without_text_fails_and_moves_no_other() -> None:
    classifier = Classifier(SPACE, Lengths(), Calibrator())
    with_gaps = classifier.predict(_reports("", "xx", " \n\t", "xxxx"))
    assert [prediction.status for prediction in with_gaps] == ["failed", "ok", "failed", "ok"]
    assert with_gaps[0].reason == "no-text"
    assert with_gaps[0].label is None
    assert with_gaps[0].probabilities is None
    alone = classifier.predict(_reports("xxxx"))[0]
    assert with_gaps[3].probabilities == alone.probabilities
    assert [prediction.status for prediction in classifier.predict(_reports("", " "))] == ["failed"] * 2
    assert classifier.predict([]) == []


def test_an_answer_that_is_no_number_fails() -> None:
    predictions = Classifier(SPACE, Lengths(), Calibrator()).predict(_reports("xx", "nan"))
    assert [prediction.reason for prediction in predictions] == [None, "not-finite"]
    assert predictions[1].label is None


def test_rows_are_counted_from_one_where_unknown() -> None:
    predictions = Classifier(SPACE, Lengths(), Calibrator()).predict(_reports("x", "x", row=None))
    assert [prediction.row for prediction in predictions] == [1, 2]


def test_several_labels_may_hold() -> None:
    space = LabelSpace(task="multilabel", names=("a", "b", "c"))
    classifier = Classifier(space, Lengths(), Calibrator(link="sigmoid", thresholds=(0.6, 0.9, 0.6)))
    first, second = classifier.predict(_reports("xx", "xxxxx" * 3))
    assert first.labels == ("a", "c")
    assert second.labels == ()
    assert first.label is None
    assert first.probability is None


def test_the_delivered_system_answers() -> None:
    baseline = (_linear(), Calibrator())
    neural = Classifier(SPACE, Lengths(), Calibrator(), baseline=baseline)
    simple = Classifier(SPACE, Lengths(), Calibrator(), baseline=baseline, delivered="tfidf")
    assert list(neural.systems()) == ["model", "tfidf"]
    assert neural.backend.name == "torch"
    assert neural.baseline is not None
    assert simple.backend.name == "linear"
    assert simple.predict(_reports("xx"))[0].label == "c"
    assert simple.calibrator is baseline[1]


def test_a_linear_backend_alone_is_tfidf() -> None:
    classifier = Classifier(SPACE, _linear(), Calibrator())
    assert classifier.delivered == "tfidf"
    assert list(classifier.systems()) == ["tfidf"]
    assert classifier.encoder_name == "tfidf"


@pytest.mark.parametrize(
    "calibrator", [Calibrator(link="sigmoid"), Calibrator(thresholds=(0.5, 0.5))], ids=["link", "thresholds"]
)
def test_a_calibrator_of_another_question_is_refused(calibrator: Calibrator) -> None:
    with pytest.raises(ModelError, match="does not fit"):
        Classifier(SPACE, Lengths(), calibrator)


def test_a_system_that_is_not_there_cannot_be_delivered() -> None:
    with pytest.raises(ModelError, match="no system 'tfidf'"):
        Classifier(SPACE, Lengths(), Calibrator(), delivered="tfidf")


def test_its_repr_tells_no_text() -> None:
    assert repr(Classifier(SPACE, Lengths(), Calibrator())) == "Classifier(tfidf, 3 labels, not saved)"
