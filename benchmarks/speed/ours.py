"""Worker: a bundle of ours answers, as ``predict`` has it answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.speed.answering import Answering, folder_of
from benchmarks.worker import serve
from bert4text.core.report import Report
from bert4text.models.classifier import Classifier


def opening(given: Mapping[str, Any]) -> Answering:
    """Open the bundle that is asked for."""
    classifier = Classifier.load(folder_of(given) / given["bundle"])

    def answer(texts: Sequence[str]) -> list[tuple[float, ...]]:
        reports = [Report(id=str(place), text=text) for place, text in enumerate(texts)]
        return [prediction.probabilities or () for prediction in classifier.predict(reports)]

    return Answering(given, answer)


if __name__ == "__main__":
    serve(opening)
