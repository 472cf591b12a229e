"""SHAP in an environment of its own: it asks us for answers, and gives back a value for each word.

Lines of JSON on standard input and output, one thing at a time: ``{"text", "words", "how", "seed"}`` comes
in; ``{"texts"}`` goes out as often as answers are needed, and ``{"answers"}`` comes in for it;
``{"values", "seconds"}`` ends it. No model is loaded here, and nothing of ours.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TextIO

import numpy as np
import shap

PERMUTATIONS = 3
"""Orders of the words that are gone through, forth and back; more take the time of one core."""


class Words:
    """A tokenizer for ``shap.maskers.Text`` that cuts one text into given words."""

    def __init__(self, text: str, words: Sequence[Sequence[int]]) -> None:
        self._text = text
        self._places = [tuple(word) for word in words]
        self._places[0] = (0, self._places[0][1])  # SHAP would leave out what stands before and behind
        self._places[-1] = (self._places[-1][0], len(text))

    def __call__(self, text: str, *, return_offsets_mapping: bool = True) -> dict[str, Any]:
        places = self._places if text == self._text else [(0, len(text))] if text else []
        return {"input_ids": [text[start:end] for start, end in places], "offset_mapping": places}


def main() -> None:
    replies = _replies()

    def say(**told: Any) -> None:
        replies.write(json.dumps(told) + "\n")
        replies.flush()

    def answers(texts: Any) -> Any:
        say(texts=[str(text) for text in texts])
        return np.array(json.loads(sys.stdin.readline())["answers"])

    while line := sys.stdin.readline():
        asked = json.loads(line)
        before = time.process_time()
        values = _values(asked, answers)
        say(values=values, seconds=time.process_time() - before)


def _values(asked: dict[str, Any], answers: Callable[[Any], Any]) -> list[float]:
    np.random.seed(asked["seed"])
    masker = shap.maskers.Text(Words(asked["text"], asked["words"]))
    if asked["how"] == "partition":
        explained = shap.explainers.Partition(answers, masker)([asked["text"]], silent=True)
    else:
        evaluations = PERMUTATIONS * (2 * len(asked["words"]) + 1)
        explainer = shap.explainers.Permutation(answers, masker)
        explained = explainer([asked["text"]], max_evals=evaluations, silent=True)
    return [float(value) for value in np.asarray(explained.values[0]).reshape(-1)]


def _replies() -> TextIO:
    """Standard output, kept for replies: whatever libraries print there goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
