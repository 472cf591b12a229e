"""A predictor that counts what it answers and can be stopped, for this process and for one that is killed."""

from __future__ import annotations

from bert4text.core.labels import LabelSpace
from bert4text.core.prediction import Prediction, prediction_key
from bert4text.data.read import SourceRow


class Counting:
    label_space = LabelSpace(task="binary", names=("a", "b"))

    def __init__(self, digest="5be0c1d2a3f44e17" * 4, stop_after=None):
        self.digest = digest
        self.answered = 0
        self.stop_after = stop_after

    def predict(self, reports):
        if self.stop_after is not None and self.answered >= self.stop_after:
            self.stop()
        self.answered += len(reports)
        model = self.digest[:16]
        return [
            Prediction(
                id=report.id,
                row=report.source_row,
                label="b",
                probability=1 / 3,
                probabilities=(2 / 3, 1 / 3),
                model=model,
                key=prediction_key(model, report.id, report.text),
            )
            for report in reports
        ]

    def stop(self):
        raise KeyboardInterrupt


def rows(n):
    for start in range(0, n, 1000):
        yield [
            SourceRow(i + 1, f"R{i}", None if i % 7 == 3 else f"laudo {i}")
            for i in range(start, min(start + 1000, n))
        ]
