"""Worker: the pipeline of transformers, as its documentation has it used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import pipeline

from benchmarks.speed.answering import Answering, folder_of
from benchmarks.worker import serve


def opening(given: Mapping[str, Any]) -> Answering:
    """Open the run's folder, which transformers reads too."""
    torch.set_num_threads(given["threads"])
    classify: Any = pipeline("text-classification", model=str(folder_of(given) / "torch"), device="cpu")
    names: dict[int, str] = classify.model.config.id2label

    def answer(texts: Sequence[str]) -> list[list[float]]:
        found = classify(
            list(texts),
            top_k=None,
            truncation=True,
            max_length=given["window"],
            batch_size=given["batch"],
        )
        scores = [{one["label"]: one["score"] for one in row} for row in found]
        return [[row[names[place]] for place in range(len(names))] for row in scores]

    return Answering(given, answer)


if __name__ == "__main__":
    serve(opening)
